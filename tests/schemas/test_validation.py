"""Todo lists as a whole: the rules beyond the schema, inheritance and order."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadInput, InvalidDocument
from schemas.todo import TodoItem, TodoList
from schemas.validation import inherit, load_todo_list, order, parse_todo_list, todo_problems

SAMPLE = Path(__file__).parents[2] / "examples" / "sample_todo_list.json"
SEED_BRANCH = {
    "id": "t2_branch_01",
    "parent_id": "t2_indicators",
    "title": "Debug indicator failures (RSI mismatch)",
    "agent_role": "debugger",
    "branch_reason": "test_failure",
    "debug_instructions": "RSI calculation incorrect. Expected 28.5, got 32.1.",
    "is_temporary": True,
    "max_debug_attempts": 3,
}


def item(id_: str, *dependencies: str, priority: int = 1) -> dict[str, Any]:
    return {
        "id": id_,
        "title": "A title",
        "description": "A description",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": "true"}]},
        "priority": priority,
        "dependencies": list(dependencies),
        "max_retries": 1,
    }


def listed(*items: dict[str, Any]) -> dict[str, Any]:
    return {"todo_list_id": "l", "workflow_name": "w", "created_at": "2026-01-31T09:30:00Z", "items": list(items)}


def branch(id_: str, parent: str) -> dict[str, Any]:
    return {"id": id_, "parent_id": parent, "title": "A branch", "agent_role": "debugger"}


def test_the_sample_is_the_four_step_template() -> None:
    plan = load_todo_list(SAMPLE)
    steps = ["t1_data_integration", "t2_indicators", "t3_entry_conditions", "t4_exit_conditions"]
    assert [found.id for found in plan.items] == order(plan) == steps
    assert [found.dependencies for found in plan.items] == [[], *([step] for step in steps[:-1])]
    assert [found.priority for found in plan.items] == [1, 2, 3, 4]


def test_the_branch_todo_of_the_specification_is_valid_as_printed_and_inherits() -> None:
    document = json.loads(SAMPLE.read_text(encoding="utf-8"))
    document["items"].append(copy.deepcopy(SEED_BRANCH))
    plan = parse_todo_list(document)
    parent, mending = plan.items[1], plan.items[-1]
    whole = inherit(mending, parent)
    assert (whole.description, whole.priority, whole.max_retries) == (parent.description, 2, 3)
    assert whole.acceptance_criteria == parent.acceptance_criteria
    assert (whole.id, whole.title, whole.timeout_seconds) == ("t2_branch_01", SEED_BRANCH["title"], 300)
    assert mending.description is None
    assert order(plan).index("t2_branch_01") > order(plan).index("t2_indicators")


def test_a_branch_todo_keeps_what_it_says_itself_and_shares_nothing() -> None:
    parent = TodoItem.model_validate(item("a"))
    whole = inherit(TodoItem.model_validate(branch("a_branch_01", "a") | {"priority": 7}), parent)
    assert (whole.priority, whole.max_retries) == (7, 1)
    assert whole.acceptance_criteria is not parent.acceptance_criteria


def test_a_branch_todo_needs_its_parent_in_the_list() -> None:
    assert todo_problems(listed(SEED_BRANCH)) == ["items[0].parent_id: no item has the id t2_indicators"]


@pytest.mark.parametrize("missing", ["description", "acceptance_criteria", "priority", "max_retries"])
def test_what_only_a_branch_todo_may_leave_out(missing: str) -> None:
    whole = item("a")
    del whole[missing]
    assert todo_problems(listed(whole)) == [f"items[0].{missing}: is missing"]
    assert todo_problems(listed(whole | {missing: None})) == [f"items[0].{missing}: is missing"]
    assert todo_problems(listed(item("p"), whole | {"parent_id": "p"})) == []


def test_metrics_in_a_list_are_one_object_and_other_keys_are_kept() -> None:
    whole = item("a")
    parts = [{"min_test_coverage": 80}, {"max_cyclomatic_complexity": 10, "lines": 5}, {"min_test_coverage": 90}]
    whole["acceptance_criteria"]["metrics"] = parts
    criteria = parse_todo_list(listed(whole)).items[0].acceptance_criteria
    merged = {"min_test_coverage": 90, "max_cyclomatic_complexity": 10, "lines": 5}
    assert criteria is not None and criteria.metrics is not None
    assert criteria.metrics.model_dump(exclude_none=True) == merged


def test_every_repeated_id_is_named() -> None:
    assert todo_problems(listed(item("a"), item("b"), item("a"), item("a"), item("b"))) == [
        "items[2].id: a is the id of items[0] too",
        "items[3].id: a is the id of items[0] too",
        "items[4].id: b is the id of items[1] too",
    ]


def test_every_cycle_is_named() -> None:
    items = [item("a", "b"), item("b", "c"), item("c", "a"), item("x", "y"), item("y", "x"), item("z", "a")]
    assert todo_problems(listed(*items)) == ["items: cycle a → b → c → a", "items: cycle x → y → x"]


def test_parents_count_in_cycles() -> None:
    assert todo_problems(listed(branch("a", "b"), branch("b", "a"))) == ["items: cycle a → b → a"]
    assert todo_problems(listed(branch("a", "a"))) == ["items[0].parent_id: a names itself (cycle a → a)"]


def test_the_error_carries_the_problems_and_a_way_out(tmp_path: Path) -> None:
    file = tmp_path / "list.json"
    file.write_text(json.dumps(listed()), encoding="utf-8")
    with pytest.raises(InvalidDocument) as caught:
        load_todo_list(file)
    assert caught.value.problems == ["items: must hold at least 1 entry"]
    assert caught.value.hint
    with pytest.raises(BadInput, match="There is no file"):
        load_todo_list(tmp_path / "none.json")


@pytest.mark.parametrize("document", [None, 5, "x", [], {"items": 5}, {"items": [{"id": []}]}, {"items": {"id": "a"}}])
def test_any_nonsense_is_refused_in_words(document: object) -> None:
    assert todo_problems(document)


GRAPHS = st.lists(st.tuples(st.integers(1, 10), st.sets(st.integers(0, 11))), min_size=1, max_size=12)


@given(GRAPHS)
def test_order_respects_dependencies_then_priority_then_place(graph: list[tuple[int, set[int]]]) -> None:
    nodes = [
        item(f"n{place}", *(f"n{other}" for other in others if other < place), priority=priority)
        for place, (priority, others) in enumerate(graph)
    ]
    plan = parse_todo_list(listed(*reversed(nodes)))
    ordered = order(plan)
    assert sorted(ordered) == sorted(node["id"] for node in nodes)
    place = {found.id: index for index, found in enumerate(plan.items)}
    waiting = {found.id: found for found in plan.items}
    done: set[str] = set()
    for task_id in ordered:
        ready = [found for found in waiting.values() if set(found.dependencies) <= done]
        assert task_id == min(ready, key=lambda found: (found.priority, place[found.id])).id
        done.add(waiting.pop(task_id).id)


@given(GRAPHS)
def test_a_list_is_refused_exactly_when_nothing_could_be_worked_off(graph: list[tuple[int, set[int]]]) -> None:
    known = range(len(graph))
    wanted = {place: {other for other in others if other in known} for place, (_, others) in enumerate(graph)}
    problems = todo_problems(listed(*(item(f"n{place}", *(f"n{o}" for o in wanted[place])) for place in known)))
    left = dict(wanted)
    while ready := [place for place, others in left.items() if not others & left.keys()]:
        left = {place: others for place, others in left.items() if place not in ready}
    assert bool(left) == any("cycle" in problem for problem in problems) == bool(problems)


def test_long_chains_are_no_trouble() -> None:
    chain = [item(f"n{place}", f"n{place + 1}") for place in range(3000)]
    assert order(parse_todo_list(listed(*chain, item("n3000"))))[0] == "n3000"
    assert len(todo_problems(listed(*chain, item("n3000", "n0")))) == 1


def test_branch_todos_rank_by_the_priority_they_inherit() -> None:
    items = [branch("m", "p"), item("p", priority=9), item("q", "p", priority=5)]
    assert order(TodoList.model_validate(listed(*items))) == ["p", "q", "m"]
