"""Puts todos together. What does not merge, or does not pass together, becomes a todo that debugging mends."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from nodes.task import MERGE, Task, as_json, sha256
from schemas.contract import Contract
from schemas.errors import MergeConflict
from schemas.ports import Change
from schemas.todo import AcceptanceCriteria, TodoItem, TodoList
from settings import settings
from state.developer import DeveloperState
from state.todo import Failure
from tools.artifacts import GitStore, branch_name, open_repository


@dataclass(frozen=True)
class Merged:
    """Several todos in one commit."""

    commit: str
    """With git's markers where they conflict."""
    conflicts: Sequence[str] = ()
    """Paths."""


def merge_id(name: str) -> str:
    """The todo that puts together what `name` (a todo, or the release) builds on."""
    return f"{name}_merge"


def merge_all(state: DeveloperState, name: str, first: str, members: Iterable[str]) -> Merged:
    """The first commit with these todos merged into it, in this order; the same commit each time."""
    store = open_repository(Path(state["repository"]))
    commit, conflicts = first, []
    for task_id in members:
        trailers = {"Workflow": state["workflow_id"], "Task": task_id, "Role": "integrate"}
        theirs, step = state["results"][task_id]["commit"], f"{name}/{task_id}"
        try:
            commit = store.merge(commit, theirs, step, f"Merge {task_id}", state["created_at"], trailers)
        except MergeConflict as error:
            commit = error.commit
            conflicts += error.paths
    return Merged(commit, list(dict.fromkeys(conflicts)))


def below(plan: TodoList, after: Mapping[str, Sequence[str]], names: Iterable[str]) -> list[str]:
    """These todos and all that they build on, in the plan's order."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += after[name]
    return [item.id for item in plan.items if item.id in found]


class MergeTodo:
    """A todo made of several others, ready for the debugging loop."""

    def __init__(self, state: DeveloperState, name: str, members: Sequence[str], merged: Merged) -> None:
        self.state, self.id, self.members, self.merged = state, merge_id(name), members, merged
        self.store: GitStore = open_repository(Path(state["repository"]))
        plan = TodoList.model_validate(state["plan"])
        self.items = [item for item in plan.items if item.id in members]

    def start(self, failure: Failure, reports: Mapping[str, bytes]) -> dict[str, Any]:
        """The state that the loop starts from; `reports` are records of the run that failed, by name."""
        self.put_aside()
        head = self.store.commit(self.change([self.merged.commit], self.records(), "specified", None))
        folder = f".aidev/{self.id}"
        found = {f"{folder}/{name}": content for name, content in reports.items()}
        tip = self.store.commit(self.change([head], found, "judged", head)) if found else head
        commits = {"base": self.state["base"], "head": head, "tip": tip, "sealed": head, "red": head}
        shared = {name: self.state[name] for name in ("workflow_id", "created_at", "options", "request", "repository")}
        counters: dict[str, Any] = {
            "attempt": 1,
            "spent_seconds": 0.0,
            "branch": None,
            "branch_todos": [],
            "written": True,
        }
        item = self.item().model_dump(mode="json", exclude_none=True)
        return {**shared, **commits, **counters, "todo": item, "failure": failure, "defer": True}

    def put_aside(self) -> None:
        """What an earlier merge of the same name made stays, under a name of its own."""
        branch = branch_name(self.state["workflow_id"], self.id)
        if old := self.store.resolve(branch):
            taken = self.store.branches(self.state["workflow_id"])
            number = next(number for number in count(1) if f"{branch}_round_{number}" not in taken)
            self.store.point(f"{branch}_round_{number}", old)
            self.store.point(branch, None)

    def item(self) -> TodoItem:
        """Judged by every command and rule of its members."""
        criteria = [item.acceptance_criteria for item in self.items if item.acceptance_criteria]
        tests = {test.cmd: test for part in criteria for test in part.tests}
        rules = [rule for part in criteria for rule in part.validation_rules]
        return TodoItem(
            id=self.id,
            title=f"Put together {', '.join(self.members)}"[:200],
            description="Make these todos work together; every one of them passes by itself.",
            agent_role="coder",
            acceptance_criteria=AcceptanceCriteria(tests=list(tests.values()), validation_rules=rules),
            priority=1,
            max_retries=settings().max_retries,
            timeout_seconds=sum(item.timeout_seconds for item in self.items),
            tags=[MERGE],
        )

    def records(self) -> dict[str, bytes]:
        """What the members agreed on, in one contract and one seal."""
        reds = [self.record(name, "red.json") or {} for name in self.members]
        collected = [test for red in reds for test in red.get("collected", [])]
        replaced = [test for red in reds for test in red.get("replaced", [])]
        sealed = {path: sha256(self.store.read(self.merged.commit, path) or b"") for path in self.sealed()}
        files = {
            "contract.json": as_json(self.contract()),
            "sealed.json": as_json(sealed),
            "held_back.json": as_json([]),
            "red.json": as_json({"sealed": "", "collected": collected, "replaced": replaced}),
        }
        return {f".aidev/{self.id}/{name}": content for name, content in files.items()}

    def sealed(self) -> list[str]:
        """The sealed paths of all members."""
        return [path for name in self.members for path in self.record(name, "sealed.json") or {}]

    def contract(self) -> Contract:
        """All interfaces and data models of the members."""
        found = [Contract.model_validate(self.record(name, "contract.json")) for name in self.members]
        return Contract(
            contract_id=f"contract_{self.id}",
            task_id=self.id,
            version="1.0.0",
            interfaces=[each for contract in found for each in contract.interfaces],
            data_models=[each for contract in found for each in contract.data_models],
        )

    def record(self, task_id: str, name: str) -> Any:
        """A member's record; None when there is none."""
        content = self.store.read(self.state["results"][task_id]["evidence"], f".aidev/{task_id}/{name}")
        return json.loads(content) if content else None

    def change(self, parents: list[str], files: Mapping[str, bytes], step: str, expected: str | None) -> Change:
        """A commit on the branch of this todo."""
        return Change(
            branch=branch_name(self.state["workflow_id"], self.id),
            parents=parents,
            expected=expected,
            files=files,
            step=f"{self.id}/{step}",
            message=f"{self.id}: {step}",
            date=self.state["created_at"],
            trailers={"Workflow": self.state["workflow_id"], "Task": self.id, "Role": "integrate"},
        )


def owner(task: Task) -> str:
    """Of a merge that fails: the todo whose sealed test does; "" when that cannot be told."""
    report = task.record("test_report.json") or {"test_results": []}
    bad = {test["test_name"].split("::")[0] for test in report["test_results"] if test["status"] != "passed"}
    own = task.folder("sealed.json")
    for path in task.store.files(task.state["head"], ".aidev/"):
        if path.endswith("/sealed.json") and path != own and bad & json.loads(task.read(path)).keys():
            return path.split("/")[1]
    return ""
