"""Documents judged: the models' rules, and what no schema can say about a todo list as a whole."""

import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from schemas.contract import Contract
from schemas.errors import InvalidDocument
from schemas.faults import model_faults
from schemas.reading import read_document
from schemas.report import TestReport
from schemas.todo import TodoItem, TodoList

_TASK_ID = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_MOST_CYCLES = 10
_INHERITED = ("description", "acceptance_criteria", "priority", "max_retries")


def todo_problems(document: object) -> list[str]:
    """Every fault of a todo list as `path: message`: shape, then ids, dependencies, parents and cycles."""
    return model_faults(TodoList, document) + list(_list_faults(document))


def contract_problems(document: object) -> list[str]:
    """Every fault of a contract as `path: message`."""
    return model_faults(Contract, document)


def report_problems(document: object) -> list[str]:
    """Every fault of a test report as `path: message`."""
    return model_faults(TestReport, document)


def parse_todo_list(document: object) -> TodoList:
    """The todo list in a document. Raises InvalidDocument."""
    if problems := todo_problems(document):
        raise InvalidDocument("The todo list", problems, "examples/sample_todo_list.json shows a whole one.")
    return TodoList.model_validate(document)


def load_todo_list(file: Path) -> TodoList:
    """The todo list in a file. Raises InvalidDocument, or BadInput for what cannot be read."""
    return parse_todo_list(read_document(file))


def inherit(item: TodoItem, parent: TodoItem) -> TodoItem:
    """A branch todo completed from its parent, which must be complete itself."""
    missing = {name: getattr(parent, name) for name in _INHERITED if getattr(item, name) is None}
    return item.model_copy(update=missing).model_copy(deep=True)


def order(todo_list: TodoList) -> list[str]:
    """Ids of a valid list, each after its dependencies and parent; the ready ones by priority, then as listed."""
    by_id = {item.id: item for item in todo_list.items}
    sorter = TopologicalSorter({item.id: {*item.dependencies, item.parent_id} - {None} for item in todo_list.items})
    sorter.prepare()
    rank = {item.id: (_priority(item, by_id), place, item.id) for place, item in enumerate(todo_list.items)}
    ready: list[tuple[int, int, str]] = []
    ordered: list[str] = []
    while sorter.is_active():
        for task_id in sorter.get_ready():
            heapq.heappush(ready, rank[str(task_id)])
        ordered.append(heapq.heappop(ready)[-1])
        sorter.done(ordered[-1])
    return ordered


def _priority(item: TodoItem, by_id: dict[str, TodoItem]) -> int:
    while item.priority is None and item.parent_id is not None:
        item = by_id[item.parent_id]
    return item.priority or 1


@dataclass(frozen=True)
class _Node:
    """What an item says of other items: only what is an id at all."""

    place: int
    id: str
    links: dict[str, str]
    """Where the item names another → the id named."""


def _list_faults(document: object) -> Iterator[str]:
    nodes = list(_nodes(document))
    first: dict[str, int] = {}
    for node in nodes:
        if first.setdefault(node.id, node.place) != node.place:
            yield f"items[{node.place}].id: {node.id} is the id of items[{first[node.id]}] too"
    for node in nodes:
        for where, named in node.links.items():
            if named == node.id:
                yield f"items[{node.place}].{where}: {named} names itself (cycle {named} → {named})"
            elif named not in first:
                yield f"items[{node.place}].{where}: no item has the id {named}"
    graph: dict[str, list[str]] = {node.id: [] for node in nodes}
    for node in nodes:
        graph[node.id] += [named for named in node.links.values() if named != node.id]
    yield from _cycles(graph)


def _nodes(document: object) -> Iterator[_Node]:
    items = document.get("items") if isinstance(document, dict) else None
    for place, item in enumerate(items if isinstance(items, list) else []):
        if isinstance(item, dict) and _is_id(item.get("id")):
            named = item.get("dependencies")
            links = {f"dependencies[{at}]": name for at, name in enumerate(named if isinstance(named, list) else [])}
            links["parent_id"] = item.get("parent_id")
            yield _Node(place, item["id"], {where: name for where, name in links.items() if _is_id(name)})


def _is_id(value: object) -> bool:
    return isinstance(value, str) and bool(_TASK_ID.fullmatch(value))


def _cycles(graph: dict[str, list[str]]) -> Iterator[str]:
    for _ in range(_MOST_CYCLES):
        try:
            TopologicalSorter(graph).prepare()
            return
        except CycleError as error:
            cycle = error.args[1][::-1]
            yield f"items: cycle {' → '.join(cycle)}"
            graph = _without(graph, set(cycle))


def _without(graph: dict[str, list[str]], gone: set[str]) -> dict[str, list[str]]:
    return {id_: [name for name in named if name not in gone] for id_, named in graph.items() if id_ not in gone}
