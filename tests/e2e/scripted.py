"""Workflows in this process, with a scripted model: what each role answers, then what becomes of it."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from graph import driver
from graph.outcome import everything, outcome
from schemas.decision import Decision
from tests.e2e.conftest import ROOT

LIBRARY = ROOT / "examples/scripts/text_library.yaml"
WORDS = "Build a small text library"
COUNTS = "textlib/counts.py"
Entry = dict[str, Any]


def library() -> list[Entry]:
    """The scripted text library, whole."""
    found: list[Entry] = yaml.safe_load(LIBRARY.read_text())
    return found


def given(role: str, task_id: str = "counts", **match: object) -> Entry:
    """The library's answer of a role to a todo."""
    found = deepcopy(next(one for one in library() if one["role"] == role and one["match"]["task_id"] == task_id))
    found["match"] |= match
    return found


def plan(*names: str, **changes: object) -> Entry:
    """The library's plan with these todos only, each with these changes."""
    answer = deepcopy(library()[0])
    items = [item for item in answer["respond"]["items"] if item["id"] in names]
    answer["respond"]["items"] = [{**item, **changes} for item in items]
    return answer


def coder(content: str, task_id: str = "counts", path: str = COUNTS, **match: object) -> Entry:
    """A coder's answer of one file."""
    files = [{"path": path, "content": content}]
    return {"role": "coder", "match": {"task_id": task_id, **match}, "respond": {"files": files}}


def respecified(version: str, task_id: str = "counts", tests: str | None = None, **match: object) -> Entry:
    """The architect's answer as a later version, with other tests where they are given."""
    answer = given("architect", task_id, **match)
    answer["respond"]["contract"]["version"] = version
    if tests is not None:
        answer["respond"]["tests"][0]["content"] = tests
    return answer


def counting(body: str) -> str:
    """A module whose `count_words` does this."""
    return f'"""Word counts."""\n\n\ndef count_words(text: str) -> dict[str, int]:\n    """Counts."""\n    {body}\n'


def written(folder: Path, entries: Sequence[Entry]) -> Path:
    """The script of a model."""
    path = folder / "script.yaml"
    path.write_text(yaml.safe_dump(list(entries)))
    return path


def script(folder: Path, entries: Sequence[Entry]) -> str:
    """The name of a model that answers these entries."""
    return f"script:{written(folder, entries)}"


@dataclass
class Scripted:
    """One workflow."""

    workflow_id: str

    def go(self, decision: Decision | None = None, task: str | None = None) -> "Scripted":
        """On until it ends or waits."""
        driver.run(self.workflow_id, decision, task)
        return self

    @property
    def result(self) -> dict[str, Any]:
        """What `--json` prints."""
        return outcome(self.workflow_id)

    @property
    def shown(self) -> dict[str, Any]:
        """What `aidev show --json` prints."""
        return everything(self.workflow_id)

    @property
    def questions(self) -> list[dict[str, Any]]:
        """What waits for a person."""
        return [asked.value for asked in driver.snapshot(self.workflow_id).interrupts]

    @property
    def question(self) -> dict[str, Any]:
        """The only thing that waits."""
        (asked,) = self.questions
        found: dict[str, Any] = asked["action_requests"][0]
        return found

    def todo(self, name: str = "counts") -> dict[str, Any]:
        """One todo of the result."""
        found: dict[str, Any] = next(todo for todo in self.result["todos"] if todo["id"] == name)
        return found

    def branches(self, name: str = "counts") -> list[tuple[str, str, str]]:
        """Class, route and status of a todo's branch todos."""
        found = self.todo(name)["branch_todos"]
        return [(entry["failure_class"], entry["route"], entry["status"]) for entry in found]


Start = Callable[..., Scripted]


def start(folder: Path, entries: Sequence[Entry], **context: Any) -> Scripted:
    """Created, not yet run; nobody is asked unless `auto_approve` says otherwise."""
    options = {"auto_approve": True, "model": script(folder, entries), **context}
    return Scripted(driver.create({"request": WORDS, "repo": None, "todo_list": None}, options))  # type: ignore[arg-type]


def approve() -> Decision:
    """Yes."""
    return Decision(type="approve")


def edit(**args: Any) -> Decision:
    """An edit."""
    return Decision(type="edit", args=args)
