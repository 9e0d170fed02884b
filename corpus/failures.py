"""The labelled failures: what is really wrong with each, and what it is dressed up as."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

from corpus.entries import HERE, Task, tasks
from schemas.answers import ArchitectAnswer, FailureClass
from schemas.errors import BadInput
from schemas.todo import TodoItem

CLASSES: tuple[str, ...] = (
    *get_args(get_args(FailureClass)[0]),
    *get_args(get_args(FailureClass)[1]),
)
FAULTS = Literal[
    "kill_container",
    "remove_container",
    "pause_container",
    "image_missing",
    "engine_away",
    "disk_full",
    "runtime_missing",
    "oom_kill",
]


@dataclass(frozen=True)
class Surroundings:
    """A fault that is planted around the code."""

    fault: FAULTS
    at: str
    """The node with whose start it begins."""
    times: int
    """Starts of that node that meet it; for what is done to containers: how many of them."""


@dataclass(frozen=True)
class Failure:
    """One todo that fails."""

    theme: str
    name: str
    says: str
    expect: str
    looks_like: str | None
    """The class that it is dressed up as."""
    items: Sequence[TodoItem]
    """One todo; or several, each of them right, that do not fit together."""
    script: Sequence[Mapping[str, Any]]
    """What the model answers."""
    surroundings: Surroundings | None
    kind: Literal["failures"] = "failures"

    @property
    def disguised(self) -> bool:
        """Whether it was written to look like another class."""
        return self.looks_like not in (None, self.expect)


def failures() -> list[Failure]:
    """All of them, file by file. Raises BadInput for an entry that cannot be used."""
    known, answers = tasks(), [found for path in sorted((HERE / "honest").glob("*.yaml")) for found in loaded(path)]
    honest = {found["task"]: found["files"] for found in reversed(answers)}
    paths = sorted((HERE / "failures").glob("*.yaml"))
    return [read(path, found, known, honest) for path in paths for found in loaded(path)]


def loaded(path: Path) -> list[dict[str, Any]]:
    """The entries of a file."""
    found: list[dict[str, Any]] = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    return found


def read(
    path: Path, found: Mapping[str, Any], known: Mapping[str, Task], honest: Mapping[str, Mapping[str, str]]
) -> Failure:
    """An entry with what it leaves out. Raises BadInput."""
    name = found.get("name") or "an entry without a name"
    try:
        items, script = several(found, known, honest) if "todos" in found else single(found, known, honest)
        return Failure(
            theme=path.stem,
            name=found["name"],
            says=found["says"],
            expect=found["expect"],
            looks_like=found.get("looks_like"),
            items=items,
            script=script,
            surroundings=planned(found.get("surroundings")),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"{path.name}: {name}: {type(error).__name__}: {error}", "See docs/failures.md.") from error


Read = tuple[list[TodoItem], list[dict[str, Any]]]


def single(found: Mapping[str, Any], known: Mapping[str, Task], honest: Mapping[str, Mapping[str, str]]) -> Read:
    """One todo, and what the roles answer to it."""
    task = known[found["task"]]
    item = TodoItem.model_validate({**task.item.model_dump(mode="json"), **(found.get("item") or {})})
    return [item], answers(found, task, honest[found["task"]])


def several(found: Mapping[str, Any], known: Mapping[str, Task], honest: Mapping[str, Mapping[str, str]]) -> Read:
    """Todos side by side, each with its honest answer and the files that it writes besides."""
    items, script = [], []
    for name, more in found["todos"].items():
        items.append(known[name].item.model_copy(update={"output_artifacts": []}))
        given = answers({"files": {**honest[name], **more}}, known[name], honest[name])
        script += [{**answer, "match": {"task_id": known[name].item.id}} for answer in given]
    return items, [*script, *(found.get("script") or [])]


def planned(found: Mapping[str, Any] | None) -> Surroundings | None:
    """A fault, at the tester unless it says otherwise."""
    if found is None:
        return None
    if found["fault"] not in get_args(FAULTS):
        raise ValueError(f"no fault is called {found['fault']}")
    return Surroundings(found["fault"], found.get("at", "tester"), int(found.get("times", 99)))


def answers(found: Mapping[str, Any], task: Task, honest: Mapping[str, str]) -> list[dict[str, Any]]:
    """The answers given, after those of architect and coder where it has none; an error is given as often as asked."""
    given = list(found.get("script") or [])
    roles = {answer["role"] for answer in given}
    specified = ArchitectAnswer.model_validate(_specified(found.get("architect") or {}, task))
    usual = {
        "architect": specified.model_dump(mode="json", exclude_none=True),
        "coder": {"files": _files(found.get("files") or honest)},
    }
    missing = [{"role": role, "respond": answer} for role, answer in usual.items() if role not in roles]
    return [*missing, *(answer for each in given for answer in [each] * (20 if "error" in each else 1))]


def _specified(changes: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """The task's specification with these parts in the place of its own."""
    whole = task.specified.model_dump(mode="json", exclude_none=True)
    return whole | {name: _files(part) if name in ("tests", "fixtures") else part for name, part in changes.items()}


def _files(contents: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "content": content} for path, content in contents.items()]
