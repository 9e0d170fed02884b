"""What is wrong with a plan that validates, one line per fault, for the planner to mend."""

import posixpath
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from schemas.errors import UnsafePath
from schemas.todo import AcceptanceCriteria, TestCommand, TodoItem, TodoList
from tools.paths import safe_path
from tools.plan.commands import Look, look
from tools.plan.makers import Makers
from tools.plan.template import template_faults

LONGEST_TODO = 3_600
"""Seconds."""


@dataclass(frozen=True)
class Looked:
    """A todo with what was seen of each of its commands."""

    item: TodoItem
    looks: Sequence[Look]

    @property
    def commands(self) -> Sequence[TestCommand]:
        """Its acceptance commands."""
        return self.item.acceptance_criteria.tests if self.item.acceptance_criteria else []


def plan_faults(plan: TodoList, present: Collection[str], kind: str) -> list[str]:
    """Every fault of a valid list as `path: message`; `present` are the paths that the repository holds."""
    looked = [Looked(item, [look(test) for test in _criteria(item).tests]) for item in plan.items]
    named = {one.item.id: [file for found in one.looks for file in found.files] for one in looked}
    makers = Makers(plan, set(present), named)
    faults = list(template_faults(plan)) if kind == "strategy" else []
    for place, one in enumerate(looked):
        faults += [f"items[{place}].{fault}" for fault in item_faults(one, makers)]
    return faults + list(twins(plan))


def _criteria(item: TodoItem) -> AcceptanceCriteria:
    if item.acceptance_criteria is None:
        raise ValueError(f"{item.id} has no acceptance_criteria: complete the list first")
    return item.acceptance_criteria


def item_faults(one: Looked, makers: Makers) -> Iterator[str]:
    """What is wrong with one todo."""
    commands = list(command_faults(one, makers))
    yield from commands
    if not commands and not proves(one, makers):
        wanted = f"tests/test_{one.item.id}.py"
        yield (
            "acceptance_criteria.tests: none runs a test that the architect seals for this todo: run "
            f"`python -m pytest -q {wanted}`, and leave {wanted} out of output_artifacts"
        )
    yield from artifact_faults(one.item, makers)
    yield from time_faults(one)


def command_faults(one: Looked, makers: Makers) -> Iterator[str]:
    """What is wrong with each acceptance command."""
    for place, (test, found) in enumerate(zip(one.commands, one.looks, strict=True)):
        where = f"acceptance_criteria.tests[{place}]"
        places = list(place_faults(test, one.item, makers))
        yield from (f"{where}.{fault}" for fault in places)
        faults = found.faults or [makers.missing(one.item, file) for file in found.files if not places]
        yield from dict.fromkeys(f"{where}.cmd: {fault}" for fault in faults if fault)


def place_faults(test: TestCommand, item: TodoItem, makers: Makers) -> Iterator[str]:
    """What is wrong with where a command is run, and with its fixture."""
    if test.working_dir and posixpath.normpath(test.working_dir) != ".":
        folder = test.working_dir.removesuffix("/") + "/"
        if fault := unsafe(folder) or makers.missing(item, (folder,)):
            yield f"working_dir: {fault}"
    if test.fixture and (fault := unsafe(test.fixture) or makers.missing(item, (test.fixture,))):
        yield f"fixture: {fault}"


def proves(one: Looked, makers: Makers) -> bool:
    """Whether some command runs tests that the architect seals for this todo."""
    targets = {target for found in one.looks for target in found.targets}
    return bool(targets & {"./", "tests/"}) or any(makers.sealed.get(path) == one.item.id for path in targets)


def artifact_faults(item: TodoItem, makers: Makers) -> Iterator[str]:
    """What is wrong with what a todo needs and makes."""
    expected = _criteria(item).expected_artifacts
    if not item.output_artifacts and not expected:
        yield "output_artifacts: it makes nothing: declare the files that its coder writes"
    for place, path in enumerate(item.output_artifacts):
        if fault := unsafe(path):
            yield f"output_artifacts[{place}]: {fault}"
    yield from needed_faults("input_artifacts", item.input_artifacts, item, makers)
    if item.output_artifacts:
        yield from needed_faults("acceptance_criteria.expected_artifacts", expected, item, makers)


def needed_faults(name: str, paths: Sequence[str], item: TodoItem, makers: Makers) -> Iterator[str]:
    """Files that a todo names and that are not there for it."""
    for place, path in enumerate(paths):
        if fault := unsafe(path) or makers.missing(item, (path,)):
            yield f"{name}[{place}]: {fault}"


def unsafe(pattern: str) -> str:
    """Why a path, folder or glob means nothing inside the tree."""
    try:
        safe_path(pattern.removeprefix("./").removesuffix("/"))
    except UnsafePath as error:
        return error.message
    return ""


def time_faults(one: Looked) -> Iterator[str]:
    """Limits that contradict each other."""
    item, limits = one.item, [test.timeout_seconds for test in one.commands]
    if item.timeout_seconds > LONGEST_TODO:
        yield f"timeout_seconds: {item.timeout_seconds} s, where {LONGEST_TODO} s are the most: split the todo"
    longer = [place for place, limit in enumerate(limits) if limit > item.timeout_seconds]
    for place in longer:
        yield (
            f"acceptance_criteria.tests[{place}].timeout_seconds: {limits[place]} s are more than the todo's own "
            f"{item.timeout_seconds} s: lower it, or raise timeout_seconds of the todo"
        )
    if not longer and sum(limits) > item.timeout_seconds:
        yield (
            f"timeout_seconds: the commands together may take {sum(limits)} s, the todo {item.timeout_seconds} s: "
            "lower their limits, or raise this one"
        )
    if item.expected_duration_seconds and item.expected_duration_seconds > item.timeout_seconds:
        yield (
            f"expected_duration_seconds: {item.expected_duration_seconds} s are more than timeout_seconds, "
            f"{item.timeout_seconds} s"
        )


def twins(plan: TodoList) -> Iterator[str]:
    """Todos that say the same."""
    for name in ("title", "description"):
        first: dict[str, int] = {}
        for place, item in enumerate(plan.items):
            text = re.sub(r"\W+", " ", getattr(item, name) or "").strip().casefold()
            if text and first.setdefault(text, place) != place:
                yield f"items[{place}].{name}: is that of items[{first[text]}] too: say how they differ, or join them"
