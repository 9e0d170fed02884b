"""How a workflow stands, told from its events alone."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas.events import Event

State = Literal["waiting", "running", "asking", "done", "failed"]
STAGES = ("architect", "red", "coder", "gates", "tester")
"""What a todo passes on its way."""
_ROLES = {"mend_tests": "tester", "triage": "debugger", "prepare": "architect", "settle": "tester"}


@dataclass
class Branch:
    """A branch todo."""

    id: str
    failure_class: str
    route: str
    attempts: int = 1
    status: str = "open"


@dataclass
class Row:
    """A todo."""

    id: str
    title: str = ""
    state: State = "waiting"
    status: str = "waiting"
    """In the workflow's words once it has ended: done, failed, blocked, stopped."""
    stage: str = ""
    attempt: int = 0
    started: datetime | None = None
    ended: datetime | None = None
    cost_usd: float = 0.0
    tests: str = ""
    branches: dict[str, Branch] = field(default_factory=dict)

    def seconds(self, now: datetime) -> float:
        """Since its start, until its end."""
        return ((self.ended or now) - self.started).total_seconds() if self.started else 0.0


class Board:
    """Rows in the order of the plan, and the totals. Knows nothing of terminals."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.request = self.model = self.latest = ""
        self.cost_usd, self.calls = 0.0, 0
        self.started: datetime | None = None
        self.last: datetime | None = None

    def apply(self, event: Event) -> None:
        """Take one event in; unknown types and missing facts change nothing."""
        data = event.data
        self.started, self.last = self.started or event.timestamp, event.timestamp
        self.latest = described(event)
        self.cost_usd += number(data, "cost_usd")
        self.calls += round(number(data, "model_calls"))
        self.model = word(data, "model") or self.model
        self.request = word(data, "request") or self.request
        if event.task_id:
            self._apply_to(self.rows.setdefault(event.task_id, Row(event.task_id)), event)

    def _apply_to(self, row: Row, event: Event) -> None:
        data = event.data
        row.title = word(data, "title") or row.title
        row.attempt = round(number(data, "attempt")) or row.attempt
        row.cost_usd += number(data, "cost_usd")
        if event.event_type in _CHANGES:
            _CHANGES[event.event_type](row, event)


def _start(row: Row, event: Event) -> None:
    row.started, row.ended = row.started or event.timestamp, None
    row.state, row.attempt = "running", row.attempt or 1
    stage = word(event.data, "stage") or row.stage
    row.stage = _ROLES.get(stage, stage)


def _end(row: Row, event: Event) -> None:
    row.ended = event.timestamp
    row.state = "done" if event.event_type == "task.completed" else "failed"
    row.status = word(event.data, "status") or row.state
    _close(row, "resolved" if row.state == "done" else "exhausted")


def _test(row: Row, event: Event) -> None:
    row.tests = tests_of(event.data)


def _branch(row: Row, event: Event) -> None:
    data = event.data
    branch_id = word(data, "branch_id")
    if branch_id not in row.branches:
        _close(row, "escalated")
    attempts = round(number(data, "attempts")) or 1
    row.branches[branch_id] = Branch(branch_id, word(data, "failure_class"), word(data, "route"), attempts)
    row.stage = "debugger"


def _ask(row: Row, _event: Event) -> None:
    row.state = "asking"


def _close(row: Row, status: str) -> None:
    for branch in row.branches.values():
        branch.status = status if branch.status == "open" else branch.status


_CHANGES = {
    "task.dispatched": _start,
    "task.started": _start,
    "task.progress": _start,
    "task.retrying": _start,
    "approval.granted": _start,
    "approval.denied": _start,
    "approval.requested": _ask,
    "task.completed": _end,
    "task.failed": _end,
    "task.timeout": _end,
    "test.passed": _test,
    "test.failed": _test,
    "workflow.branch.created": _branch,
}


def described(event: Event) -> str:
    """The event in a few words."""
    return f"{event.task_id or 'workflow'}: {_said(event.event_type, event.data)}"


def _said(event_type: str, data: Mapping[str, Any]) -> str:
    match event_type:
        case "task.created":
            return f"waits: {word(data, 'title')}"
        case "task.progress":
            if said := word(data, "warning"):
                return f"warning: {said}"
            answered = " answered" if "model_calls" in data else ""
            return f"{word(data, 'stage')}{answered}{attempt_of(data)}"
        case "task.failed":
            return f"{word(data, 'status') or 'failed'}: {word(data, 'reason')}".rstrip(": ")
        case "test.passed" | "test.failed":
            return f"{event_type.replace('.', ' ')}, {tests_of(data)}".rstrip(", ")
        case "workflow.branch.created":
            return f"{word(data, 'branch_id')}: {word(data, 'failure_class')} → {word(data, 'route')}"
        case "artifact.committed":
            return f"commit {word(data, 'commit')[:8]} on {word(data, 'branch')}"
    more = word(data, "reason") or word(data, "name") or word(data, "model")
    return f"{event_type.split('.', 1)[1]} {more}".strip()


def tests_of(data: Mapping[str, Any]) -> str:
    """E.g. `14/14`."""
    return f"{round(number(data, 'passed'))}/{round(number(data, 'total'))}" if "total" in data else ""


def attempt_of(data: Mapping[str, Any]) -> str:
    """Said only from the second attempt on."""
    attempt = round(number(data, "attempt"))
    return f", attempt {attempt}" if attempt > 1 else ""


def word(data: Mapping[str, Any], key: str) -> str:
    """A fact as text; empty when it is not known."""
    return "" if data.get(key) is None else str(data[key])


def number(data: Mapping[str, Any], key: str) -> float:
    """A fact as a number; 0 when it is none."""
    value = data.get(key)
    return value if isinstance(value, int | float) and math.isfinite(value) else 0.0
