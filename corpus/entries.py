"""What the corpus holds: tasks, and answers to them with the layer that has to stop each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from schemas.answers import ArchitectAnswer
from schemas.todo import TodoItem

HERE = Path(__file__).parent
Kind = Literal["cheats", "hostiles", "honest"]
KINDS: tuple[Kind, ...] = ("cheats", "hostiles", "honest")
Layer = Literal["refused", "gates", "tampering", "failed", "timeout", "held_back", "passed"]
"""Where a judgement ended; only the last is a pass."""


@dataclass(frozen=True)
class Task:
    """A todo as the planner and the architect leave it to the coder."""

    item: TodoItem
    specified: ArchitectAnswer

    @cached_property
    def sealed(self) -> dict[str, str]:
        """Sealed path → text."""
        return {file.path: file.content for file in [*self.specified.tests, *self.specified.fixtures]}


@dataclass(frozen=True)
class Entry:
    """One answer of a coder."""

    kind: Kind
    theme: str
    name: str
    task: str
    tries: str
    expect: tuple[Layer, ...]
    """The layers that may stop it; the right reason is one of these."""
    rule: str | None
    files: Mapping[str, str]
    limit: float | None
    """Seconds that its judgement may take; None: no bound of its own."""
    timeout: int | None
    """Seconds for each run; None: the task's."""
    fools_exit_code: bool | None
    """Whether a judge that looks at pytest's exit code alone was fooled by it when it was written."""


def tasks() -> dict[str, Task]:
    """Name → task."""
    return {path.stem: _task(_loaded(path)) for path in sorted((HERE / "tasks").glob("*.yaml"))}


def _task(found: Mapping[str, Any]) -> Task:
    return Task(TodoItem.model_validate(found["todo"]), ArchitectAnswer.model_validate(found["architect"]))


def entries() -> list[Entry]:
    """All of them, kind by kind and theme by theme."""
    return [entry for kind in KINDS for path in sorted((HERE / kind).glob("*.yaml")) for entry in _entries(kind, path)]


def _entries(kind: Kind, path: Path) -> Iterator[Entry]:
    for found in _loaded(path):
        expect = found["expect"]
        yield Entry(
            kind=kind,
            theme=path.stem,
            name=found["name"],
            task=found["task"],
            tries=found["tries"],
            expect=tuple(expect) if isinstance(expect, list) else (expect,),
            rule=found.get("rule"),
            files={name: _content(text) for name, text in found["files"].items()},
            limit=found.get("limit"),
            timeout=found.get("timeout"),
            fools_exit_code=found.get("fools_exit_code"),
        )


def _content(text: str | Mapping[str, Any]) -> str:
    return text if isinstance(text, str) else str(text["repeat"]) * int(text["times"])


def _loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
