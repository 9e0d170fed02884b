"""A todo's write-set: the files it declares in `output_artifacts`, and who has to wait for whom because of them."""

import posixpath
from collections.abc import Collection, Iterable
from itertools import combinations

from schemas.finding import Finding
from schemas.todo import TodoItem, TodoList
from schemas.validation import order
from tools.change import finding, shown
from tools.globs import covers, overlap

UNIT_TESTS = "tests/unit/"
"""Every coder's own."""
_PACKAGE = "__init__.py"


def outside(files: Iterable[str], item: TodoItem, modules: Collection[str] = ()) -> list[Finding]:
    """Files that the todo does not declare; `modules` are the contract's. When it declares nothing, nothing is."""
    declared = item.output_artifacts
    allowed = [*declared, UNIT_TESTS]
    message = f"is outside what the todo declares: {shown(', '.join(declared), 400)}; own tests go under {UNIT_TESTS}"
    return [
        finding("write-set", path, message)
        for path in files
        if declared
        and path not in modules
        and not any(covers(pattern, path) for pattern in allowed)
        and not _leads(path, declared)
    ]


def _leads(path: str, declared: Iterable[str]) -> bool:
    """Whether it makes a package of a folder with declared files."""
    folder, name = posixpath.split(path)
    return name == _PACKAGE and bool(folder) and any(overlap(f"{folder}/", pattern) for pattern in declared)


def must_follow(plan: TodoList) -> dict[str, list[str]]:
    """Todo → earlier todos that declare a file of its own and that its dependencies do not put before it anyway."""
    items = {item.id: item for item in plan.items}
    before = earlier(plan)
    waits: dict[str, list[str]] = {}
    for first, later in combinations(order(plan), 2):
        if first not in before[later] and shared(items[first], items[later]):
            waits.setdefault(later, []).append(first)
    return waits


def earlier(plan: TodoList) -> dict[str, set[str]]:
    """Todo → all that come before it by dependencies and parents, however far away. The list has to be valid."""
    items = {item.id: item for item in plan.items}
    before: dict[str, set[str]] = {}
    for task_id in order(plan):
        item = items[task_id]
        direct = {*item.dependencies, *([item.parent_id] if item.parent_id else [])}
        before[task_id] = direct.union(*(before[name] for name in direct))
    return before


def shared(one: TodoItem, other: TodoItem) -> bool:
    """Whether two todos declare the same file; packages' own files and unit tests apart."""
    return any(overlap(mine, yours) for mine in _contested(one) for yours in _contested(other))


def _contested(item: TodoItem) -> list[str]:
    declared = [pattern.removeprefix("./") for pattern in item.output_artifacts]
    return [
        pattern
        for pattern in declared
        if posixpath.basename(pattern) != _PACKAGE and not f"{pattern}/".startswith(UNIT_TESTS)
    ]
