"""A person's todo list, as it is worked off."""

from typing import Any

import pytest

from nodes.approval import plan_request
from nodes.intake import check_external, complete
from schemas.errors import BadInput, InvalidDocument
from state.developer import DeveloperState
from state.options import Options, Request


def listed(metadata: dict[str, Any], **item: Any) -> dict[str, Any]:
    """The first todo of a list with this metadata."""
    first = {
        "id": "t1",
        "title": "A todo",
        "description": "Something to do",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": "pytest"}]},
        "priority": 1,
        "max_retries": 3,
        **item,
    }
    document = {"todo_list_id": "l", "workflow_name": "L", "created_at": "2026-01-01T00:00:00Z", "items": [first]}
    found: dict[str, Any] = complete({**document, "metadata": metadata})["items"][0]
    return found


@pytest.mark.parametrize(
    ("metadata", "item", "attempts", "retries"),
    [
        ({}, {}, 3, 3),
        ({"max_debug_attempts": 5}, {}, 5, 3),
        ({"max_debug_attempts": 5}, {"max_debug_attempts": 2}, 2, 3),
        ({"max_debug_attempts": 99}, {}, 10, 3),
        ({"auto_fix_mode": True}, {}, 3, 3),
        ({"auto_fix_mode": False}, {}, 3, 0),
    ],
)
def test_metadata_speaks_for_all_todos(
    metadata: dict[str, Any], item: dict[str, Any], attempts: int, retries: int
) -> None:
    found = listed(metadata, **item)
    assert (found["max_debug_attempts"], found["max_retries"]) == (attempts, retries)


@pytest.mark.parametrize("name", ["release", "candidate", "evidence", "t1_merge"])
def test_a_todo_cannot_have_the_name_of_another_branch(name: str) -> None:
    with pytest.raises(InvalidDocument, match=f"{name} is the name of another branch"):
        listed({}, id=name)


@pytest.mark.parametrize(("external", "unknown"), [(["a"], ""), ([], ""), (["a", "nope", "b2"], "nope, b2")])
def test_work_from_outside_is_on_todos_that_there_are(external: list[str], unknown: str) -> None:
    options: Options = {"external": external}  # type: ignore[typeddict-item]
    plan = {"workflow_name": "L", "items": [{"id": "a", "title": "A todo"}]}
    state: DeveloperState = {"plan": plan, "options": options}
    asked = plan_request(state)["description"]
    assert asked.endswith(f"outside: {unknown}") if unknown else asked.endswith("A todo")
    check_external(options, Request(request="x"))
    if not unknown:
        return check_external(options, Request(todo_list=plan))
    with pytest.raises(BadInput, match=f"no todo {unknown}") as refused:
        check_external(options, Request(todo_list=plan))
    assert refused.value.hint == "Its todos: a."
