"""Live progress: from events to what is seen."""

import io
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from schemas.events import Event, EventType
from terminal.progress import Progress

WORKFLOW = "6f1c2a9e-0000-4000-8000-000000000000"
START = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
HOSTILE = ["\x1b[2Jgone", "[red]red[/red]", "x" * 500, "שלום\u202eabc", "👩‍💻 emoji 🚀", "two\nlines", "", "\ud800"]
CONTROLS = ("\x1b[2J", "\u202e", "\x07")


def event(kind: Any, task: str | None = None, at: float = 0, workflow: str = WORKFLOW, **data: Any) -> Event:
    return Event.model_construct(
        event_id="e",
        event_type=kind,
        correlation_id=workflow,
        workflow_id=workflow,
        task_id=task,
        timestamp=START + timedelta(seconds=at),
        source="test",
        data=data,
    )


def run() -> Iterator[Event]:
    """Two todos; the second fails once and is at it again."""
    yield event("workflow.started", model="offline:faulty", request="Buy low")
    yield event("task.created", "t1", title="Load data")
    yield event("task.created", "t2", title="Compute RSI")
    yield event("task.created", "t3", title="Sell high")
    yield event("task.dispatched", "t1", stage="architect", attempt=1)
    yield event("task.progress", "t1", 2, stage="coder", attempt=1, cost_usd=0.25, model_calls=2)
    yield event("test.passed", "t1", 60, passed=14, failed=0, total=14, coverage=0.97)
    yield event("task.completed", "t1", 65, status="done")
    yield event("task.dispatched", "t2", 65, stage="architect", attempt=1)
    yield event("test.failed", "t2", 70, passed=11, failed=3, total=14)
    branch = {"branch_id": "t2_branch_01", "failure_class": "implementation_bug", "route": "coder"}
    yield event("workflow.branch.created", "t2", 70, **branch, attempts=1)
    yield event("task.progress", "t2", 71, stage="gates", attempt=2, cost_usd=0.05, model_calls=1)


def console(width: int = 100, terminal: bool = True) -> Console:
    return Console(
        width=width,
        height=40,
        file=io.StringIO(),
        record=True,
        force_terminal=terminal,
        markup=False,
        highlight=False,
    )


def picture(events: Iterator[Event] | list[Event], width: int = 100, ended: bool = True) -> list[str]:
    """What stands on the terminal after these events."""
    screen = console(width)
    progress = Progress(screen, WORKFLOW, events)
    if ended:
        progress.__exit__()
    screen.print(progress)
    return [line.rstrip() for line in screen.export_text().splitlines()]


def line_of(lines: list[str], word: str) -> str:
    return next(line for line in lines if word in line)


def test_everything_is_told_on_a_wide_terminal() -> None:
    lines = picture(run())
    assert line_of(lines, "aidev").startswith("aidev 6f1c2a9e · offline:faulty · 3 calls · $0.3000 · ")
    assert "Buy low" in lines
    assert line_of(lines, "t1").split() == ["✔", "t1", "Load", "data", "●●●●●", "done", "1", "14/14", "1:05", "$0.2500"]
    assert line_of(lines, "t2").split()[:8] == ["▸", "t2", "Compute", "RSI", "●●●●○", "gates", "2", "11/14"]
    assert line_of(lines, "branch_01").split() == ["└", "branch_01", "implementation_bug", "→", "coder", "open", "1"]
    assert line_of(lines, "t3").split() == ["·", "t3", "Sell", "high", "○○○○○", "waiting"]


def test_what_matters_most_stays_on_a_narrow_one() -> None:
    lines = picture(run(), width=40)
    assert line_of(lines, "t1").split() == ["✔", "t1", "done", "1:05"]
    assert line_of(lines, "branch_01").split() == ["└", "branch_01", "open"]


@pytest.mark.parametrize(
    ("last", "sign", "branch"),
    [
        (event("task.completed", "t2", 80, status="done"), "✔ t2 done", "resolved"),
        (event("task.failed", "t2", 80, status="failed", reason="no"), "✘ t2 failed", "exhausted"),
        (event("task.failed", "t2", 80, status="stopped"), "✘ t2 stopped", "exhausted"),
        (event("approval.requested", "t2", 80, name="escalation"), "? t2 your answer", "open"),
        (event("workflow.branch.created", "t2", 80, branch_id="t2_branch_02"), "▸ t2 debugger", "escalated"),
    ],
)
def test_how_a_todo_can_stand(last: Event, sign: str, branch: str) -> None:
    lines = picture([*run(), last], width=40)
    assert " ".join(line_of(lines, "t2").split()).startswith(sign)
    assert line_of(lines, "branch_01").split()[-1] == branch


def test_a_blocked_todo_never_started() -> None:
    lines = picture([*run(), event("task.failed", "t3", 80, status="blocked")], width=40)
    assert line_of(lines, "t3").split() == ["✘", "t3", "blocked"]


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_acts_nor_spoils_the_picture(text: str, width: int) -> None:
    facts = {"title": text, "stage": text, "reason": text, "branch_id": text, "failure_class": text, "route": text}
    kinds = ("task.created", "task.progress", "workflow.branch.created", "task.failed")
    events = [event("workflow.started", model=text, request=text), *(event(kind, text, 1, **facts) for kind in kinds)]
    lines = picture(events, width, ended=False)
    assert all(cell_len(line) <= width for line in lines)
    assert len(lines) <= 12
    assert not any(control in line for line in lines for control in CONTROLS)
    if text.startswith("["):
        assert any("[red]" in line for line in lines)


@pytest.mark.parametrize("text", HOSTILE)
def test_one_plain_line_per_event_elsewhere(text: str) -> None:
    screen = console(40, terminal=False)
    with Progress(screen, WORKFLOW) as progress:
        for told in [*run(), event("task.failed", "t3", 90, status=text, reason=text), event("agent.offline")]:
            progress.handle(told)
    lines = screen.export_text().splitlines()
    assert len(lines) == len(list(run())) + 2
    assert lines[5].endswith("t1: coder answered")
    assert lines[10].endswith("t2: t2_branch_01: implementation_bug → coder")
    assert lines[11].endswith("t2: gates answered, attempt 2")
    assert not any(control in line for line in lines for control in CONTROLS)


def test_other_workflows_are_passed_over() -> None:
    screen = console(terminal=False)
    Progress(screen, WORKFLOW).handle(event("task.created", "t1", workflow="another", title="Theirs"))
    assert screen.export_text() == ""


def test_more_todos_than_lines_show_what_is_at_work_and_at_the_end_everything() -> None:
    events = [event("task.created", f"n{place}", title="Title") for place in range(64)]
    events += [event("task.dispatched", "n7", stage="coder"), event("task.completed", "n8", status="done")]
    busy = picture(events, ended=False)
    assert len(busy) < 40
    assert line_of(busy, "n7")
    assert "and 62 waiting, 1 done" in busy
    assert sum("Title" in line for line in picture(events)) == 64


def tell(progress: Progress, task: str) -> None:
    for _ in range(50):
        progress.handle(event("task.progress", task, stage="coder", model_calls=1))


def test_events_from_many_threads_on_a_live_terminal() -> None:
    screen = console()
    with Progress(screen, WORKFLOW) as progress:
        threads = [threading.Thread(target=tell, args=(progress, task)) for task in ("a", "b", "c", "d")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert "200 calls" in screen.export_text()


JUNK = st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.lists(st.integers(), max_size=2)
KEYS = ["title", "stage", "attempt", "attempts", "cost_usd", "model_calls", "total", "passed", "status", "branch_id"]


@given(
    st.lists(st.tuples(st.sampled_from(get_args(EventType)), st.dictionaries(st.sampled_from(KEYS), JUNK)), max_size=8)
)
def test_any_event_with_any_facts_is_taken(told: list[tuple[str, dict[str, Any]]]) -> None:
    assert picture([event(kind, "t", at, **data) for at, (kind, data) in enumerate(told)], ended=False)
