"""A person's todo list, as it is worked off."""

from typing import Any

import pytest

from nodes.intake import complete
from schemas.errors import InvalidDocument


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
