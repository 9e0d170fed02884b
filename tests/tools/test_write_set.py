"""Write-sets: what a coder may write, and which todos wait for each other."""

from graphlib import TopologicalSorter
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.todo import TodoItem, TodoList
from tools.globs import covers
from tools.write_set import must_follow, outside

ARTIFACTS = ["a.py", "b.py", "lib/", "lib/*.py", "lib/a.py", "lib/**", "lib/__init__.py", "tests/unit/test_a.py"]
PROBES = ["a.py", "b.py", "lib/a.py", "lib/b.py", "lib/deep/a.txt"]
"""Between them they show each two of the artifacts that meet."""


def item(task_id: str, *artifacts: str, after: list[str] | None = None, priority: int = 1) -> TodoItem:
    facts: dict[str, Any] = {
        "id": task_id,
        "title": f"Build {task_id}",
        "description": f"It builds {task_id}.",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": f"python -m pytest -q tests/test_{task_id}.py"}]},
        "priority": priority,
        "max_retries": 3,
        "dependencies": after or [],
        "output_artifacts": list(artifacts),
    }
    return TodoItem.model_validate(facts)


def plan(*items: TodoItem) -> TodoList:
    head = {"todo_list_id": "plan", "workflow_name": "w", "created_at": "2026-01-01T00:00:00Z"}
    return TodoList.model_validate({**head, "items": list(items)})


@pytest.mark.parametrize(
    "path",
    [
        "lib/words.py",
        "lib/__init__.py",
        "deep/__init__.py",
        "deep/down/__init__.py",
        "data/x/y.csv",
        "tests/unit/test_words.py",
        "tests/unit/data/words.txt",
        "contracted.py",
    ],
)
def test_a_coder_may_write_what_is_declared(path: str) -> None:
    todo = item("words", "lib/words.py", "deep/down/*.py", "data/")
    assert outside([path], todo, ["contracted.py"]) == []


@pytest.mark.parametrize(
    "path",
    ["lib/other.py", "__init__.py", "other/__init__.py", "deep/down/more/a.py", "fixtures/a.csv", "Lib/words.py"],
)
def test_what_is_not_declared_is_a_finding(path: str) -> None:
    (found,) = outside(["lib/words.py", path], item("words", "lib/words.py", "deep/down/*.py"))
    assert (found.gate, found.rule, found.path, found.line) == ("change", "write-set", path, 1)
    assert "lib/words.py, deep/down/*.py" in found.message


def test_a_todo_that_declares_nothing_may_write_anything() -> None:
    assert outside(["anything.py"], item("free")) == []


def test_a_hostile_name_is_shown_harmlessly() -> None:
    (found,) = outside(["x\x1b[2J"], item("words", "a\nb.py"))
    assert found.path == "x\\x1b[2J"
    assert "a\\nb.py" in found.message


@pytest.mark.parametrize(
    ("items", "waits"),
    [
        ([item("a", "x.py"), item("b", "y.py")], {}),
        ([item("a", "x.py"), item("b", "x.py")], {"b": ["a"]}),
        ([item("a", "x.py", priority=2), item("b", "./x.py")], {"a": ["b"]}),
        ([item("a", "x.py"), item("b", "x.py", after=["a"])], {}),
        ([item("a", "x.py"), item("b", "y.py", after=["a"]), item("c", "x.py", after=["b"])], {}),
        ([item("a", "lib/"), item("b", "lib/*.py"), item("c", "lib/c.py")], {"b": ["a"], "c": ["a", "b"]}),
        ([item("a", "lib/__init__.py"), item("b", "lib/__init__.py")], {}),
        ([item("a", "tests/unit/"), item("b", "tests/unit/test_b.py")], {}),
        ([item("a"), item("b")], {}),
    ],
)
def test_todos_that_declare_the_same_file_wait(items: list[TodoItem], waits: dict[str, list[str]]) -> None:
    assert must_follow(plan(*items)) == waits


@st.composite
def plans(draw: st.DrawFn) -> TodoList:
    """Valid lists in which many todos declare the same files."""
    items: list[TodoItem] = []
    for number in range(draw(st.integers(1, 6))):
        after = draw(st.lists(st.sampled_from([one.id for one in items]), unique=True)) if items else []
        artifacts = draw(st.lists(st.sampled_from(ARTIFACTS), max_size=3))
        items.append(item(f"t{number}", *artifacts, after=after, priority=draw(st.integers(1, 3))))
    return plan(*draw(st.permutations(items)))


def reached(links: dict[str, set[str]], start: str) -> set[str]:
    """All that comes before a todo."""
    return links[start].union(*(reached(links, name) for name in links[start]))


@given(plans())
def test_waiting_orders_every_pair_and_makes_no_cycle(todo_list: TodoList) -> None:
    waits = must_follow(todo_list)
    depends = {one.id: set(one.dependencies) for one in todo_list.items}
    links = {name: before | set(waits.get(name, [])) for name, before in depends.items()}
    TopologicalSorter(links).prepare()
    writes = {one.id: {path for path in PROBES if covers_any(one, path)} for one in todo_list.items}
    for one, other in combinations(depends, 2):
        together = one not in reached(depends, other) and other not in reached(depends, one)
        waiting = one in waits.get(other, []) or other in waits.get(one, [])
        assert waiting == (together and bool(writes[one] & writes[other]))


def covers_any(todo: TodoItem, path: str) -> bool:
    return any(covers(pattern, path) for pattern in todo.output_artifacts)
