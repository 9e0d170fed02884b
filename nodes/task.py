"""A todo at work: its state, with what the roles need around it."""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel

from schemas.contract import Contract
from schemas.errors import BadInput, BudgetExceeded, ModelOutputError, ModelUnavailable
from schemas.ports import Change
from schemas.todo import AcceptanceCriteria, TodoItem
from state import workflows
from state.todo import Failure, TodoState
from tools.artifacts import GitStore, branch_name, open_repository
from tools.events import emit
from tools.models.ask import CallSite, ask
from tools.secrets import secrets
from tools.steps import working
from tools.tracing import span

T = TypeVar("T", bound=BaseModel)
VERSION = version("aidev")
CONTEXT_BYTES = 200_000
"""Of file contents shown to a model."""


@dataclass(frozen=True)
class Task:
    """Reads a `TodoState`; every effect goes through it and is safe to meet again."""

    state: TodoState

    @cached_property
    def item(self) -> TodoItem:
        """The todo."""
        return TodoItem.model_validate(self.state["todo"])

    @cached_property
    def store(self) -> GitStore:
        """The artifact store of the workflow."""
        return open_repository(Path(self.state["repository"]))

    @property
    def id(self) -> str:
        """The todo's id."""
        return self.item.id

    @property
    def criteria(self) -> AcceptanceCriteria:
        """What must hold before the todo is done."""
        if self.item.acceptance_criteria is None:
            raise BadInput(f"{self.id} has no acceptance_criteria.", "Give the todo at least one acceptance test.")
        return self.item.acceptance_criteria

    @property
    def workflow_id(self) -> str:
        """The workflow's id."""
        return self.state["workflow_id"]

    @property
    def attempt(self) -> int:
        """1 is the first try."""
        return self.state["attempt"]

    @property
    def branch(self) -> str:
        """The todo's git branch."""
        return branch_name(self.workflow_id, self.id)

    def folder(self, name: str) -> str:
        """Path of one of the todo's own records in the tree."""
        return f".aidev/{self.id}/{name}"

    def step(self, role: str) -> str:
        """Names one step of the workflow; met again after a setback it is another one."""
        turns = self.state.get("turns", 0)
        return f"{self.id}/{role}/{self.attempt}" + (f"/{turns}" if turns else "")

    @property
    def merging(self) -> bool:
        """Whether it puts other todos together, instead of being one of the plan."""
        return MERGE in self.item.tags

    @property
    def keeps(self) -> str:
        """`contract_id@version`; "" before there is one."""
        return f"{self.contract.contract_id}@{self.contract.version}" if self.contract else ""

    # What stands in the repository

    def read(self, path: str, commit: str | None = None) -> str:
        """A text file of a commit (default: the tip); "" when there is none."""
        content = self.store.read(commit or self.state.get("tip") or self.state["base"], path)
        return (content or b"").decode("utf-8", "replace")

    def record(self, name: str, commit: str | None = None) -> Any:
        """One of the todo's own JSON records; None when there is none."""
        text = self.read(self.folder(name), commit)
        return json.loads(text) if text else None

    @cached_property
    def contract(self) -> Contract | None:
        """The contract in force; None before the architect's first answer."""
        found = self.record("contract.json", self.state.get("head"))
        return Contract.model_validate(found) if found else None

    @property
    def agreed(self) -> Contract:
        """The contract in force. Raises BadInput where there is none yet."""
        if self.contract is None:
            raise BadInput(f"{self.id} has no contract yet.", "Start from a commit that the architect has made.")
        return self.contract

    @cached_property
    def seal(self) -> dict[str, str]:
        """Sealed path → SHA-256 of its content."""
        sealed = self.state.get("sealed")
        return (self.record("sealed.json", sealed) or {}) if sealed else {}

    @cached_property
    def red(self) -> dict[str, Any] | None:
        """How the sealed tests failed on a stub: `sealed` (commit), `collected` (ids); None before that is known."""
        commit = self.state.get("red")
        found: dict[str, Any] | None = self.record("red.json", commit) if commit else None
        return found

    @cached_property
    def own_files(self) -> list[str]:
        """Paths that the coder added or changed so far."""
        head = self.state.get("head") or self.state["base"]
        changed = self.store.changed(self.state["base"], head)
        present = set(self.store.files(head))
        ours = [path for path in changed if path in present and path not in self.seal]
        return [path for path in ours if not path.startswith(".aidev/") and path != f"docs/{self.id}.md"]

    def texts(self, paths: list[str], commit: str | None = None) -> dict[str, str]:
        """Contents of the files that exist, up to what a model is shown; never one that holds a secret."""
        found = {path: self.read(path, commit or self.state.get("head")) for path in paths}
        room, shown = CONTEXT_BYTES, {}
        for path, content in found.items():
            if content and len(content) <= room and not secrets(path, content.encode()):
                shown[path] = content
                room -= len(content)
        return shown

    # Effects

    def change(
        self, role: str, parents: list[str], files: Mapping[str, bytes | None], message: str, prompt: str = ""
    ) -> Change:
        """A commit to the todo's branch; `prompt` is what its role was told."""
        trailers = {
            "Workflow": self.workflow_id,
            "Task": self.id,
            "Correlation": self.workflow_id,
            "Role": role,
            "Agent-Version": VERSION,
            "Model": self.state["options"]["model"],
            "Attempt": str(self.attempt),
        }
        if self.keeps:
            trailers["Contract"] = self.keeps
        if prompt:
            trailers["Prompt-Hash"] = sha256(prompt.encode())
        return Change(
            branch=self.branch,
            parents=parents,
            expected=self.state.get("tip"),
            files=files,
            step=self.step(role),
            message=message,
            date=self.state["created_at"],
            trailers=trailers,
        )

    def commit(self, change: Change) -> str:
        """Make the commit and say so."""
        role = change.trailers["Role"]
        with span("commit", self.workflow_id, self.id, role=role, branch=change.branch) as tell:
            sha = self.store.commit(change)
            tell(commit=sha)
        self.emit("artifact.committed", role, branch=change.branch, commit=sha, message=change.message)
        return sha

    def evidence(self, role: str, files: Mapping[str, bytes]) -> Change:
        """A commit of reports on top of the product commit."""
        change = self.change(role, [self.state["head"]], files, f"{self.id}: {role}'s evidence, attempt {self.attempt}")
        report = f"{role}/{self.id}/{self.attempt}"
        return replace(change, trailers={**change.trailers, "Report": report})

    def ask(self, role: str, answer: type[T], prompt: str, check: Callable[[T], None]) -> T:
        """The role's model answer. Raises ModelOutputError, ModelUnavailable, BudgetExceeded."""
        spent = self.state.get("spent_seconds", 0.0)
        site = CallSite(self.workflow_id, self.id, self.attempt, self.step(role), self.state["options"]["model"], spent)
        return ask(role, answer, prompt, site, check)

    def emit(self, event_type: Any, source: str, **data: Any) -> None:
        """Say what happened at this step."""
        data = {"attempt": self.attempt, **data}
        emit(event_type, self.workflow_id, source, task_id=self.id, step=self.step(source), **data)

    def failed(self, role: str, error: Exception) -> dict[str, Any]:
        """The state's change when the role's model gave nothing usable."""
        cause: Failure = {"failure_class": "model_output", "role": role, "summary": str(error).splitlines()[0][:300]}
        if isinstance(error, ModelUnavailable):
            cause["failure_class"] = "infrastructure"
        if isinstance(error, BudgetExceeded):
            cause["failure_class"] = "budget"
        return {"failure": cause}


MODEL_FAILURES = (ModelOutputError, ModelUnavailable)
ASKING_FAILURES = (*MODEL_FAILURES, BudgetExceeded)
MERGE = "merge"
"""The tag of a todo that puts others together."""


def sha256(content: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(content).hexdigest()


def as_json(value: Any) -> bytes:
    """Canonical JSON text of a model or plain value, for a file."""
    plain = value.model_dump(mode="json", exclude_none=True) if isinstance(value, BaseModel) else value
    return (json.dumps(plain, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


class Node(Protocol):
    """A node of the todo and branch graphs."""

    def __call__(self, state: TodoState) -> dict[str, Any]:
        """What changed in the state."""


def timed(node: Callable[[TodoState], dict[str, Any]]) -> Node:
    """Adds the seconds a node took to the todo's account; announces the stage and writes the step down."""

    def run(state: TodoState) -> dict[str, Any]:
        workflows.refuse_cancelled(state["workflow_id"])
        started, task, role = time.monotonic(), Task(state), node.__name__
        with working(role, task.workflow_id, task.step(role), task.attempt, task.id):
            task.emit("task.progress", role, stage=role)
            update = node(state)
        workflows.tick(task.workflow_id)
        return {**update, "spent_seconds": state.get("spent_seconds", 0.0) + time.monotonic() - started}

    run.__name__ = node.__name__
    run.__doc__ = node.__doc__
    return run
