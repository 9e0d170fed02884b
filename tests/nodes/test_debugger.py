"""The limits of debugging: attempts end, and a person's word opens new ones."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.debugger import mender, next_attempt
from nodes.task import Task
from schemas.answers import FailureClass
from state.todo import TodoState

CLASSES: list[FailureClass] = [
    "implementation_bug",
    "spec_mismatch",
    "missing_dependency",
    "timeout",
    "flaky_test",
    "infrastructure",
    "model_output",
]


def state(failure_class: FailureClass | None = None, role: str = "tester", **item: Any) -> TodoState:
    """A todo that has just failed."""
    todo = {
        "id": "t1",
        "title": "A todo",
        "description": "Something to do",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": "true"}]},
        "priority": 1,
        "max_retries": 3,
        **item,
    }
    failure = {"failure_class": failure_class, "role": role, "summary": "it fails"}
    found = {"workflow_id": "w", "todo": todo, "attempt": 1, "failure": failure, "branch": None, "branch_todos": []}
    return cast(TodoState, found)


@given(st.lists(st.sampled_from(CLASSES), min_size=30, max_size=30), st.integers(0, 10), st.integers(1, 10))
def test_attempts_end(classes: list[FailureClass], retries: int, attempts: int) -> None:
    now = state(max_retries=retries, max_debug_attempts=attempts)
    for failure_class in classes:
        now["branch"] = branch = next_attempt(Task(now), failure_class)
        if branch["status"] == "exhausted":
            break
    assert branch["status"] == "exhausted"
    assert branch["attempts"] <= min(retries, attempts)
    assert branch["id"] == "t1_branch_01"


@pytest.mark.parametrize(
    ("failure_class", "route", "node"),
    [
        ("implementation_bug", "coder", "coder"),
        ("spec_mismatch", "architect", "architect"),
        ("missing_dependency", "architect", "architect"),
        ("timeout", "tester", "mend_tests"),
        ("flaky_test", "tester", "mend_tests"),
    ],
)
def test_routes(failure_class: FailureClass, route: str, node: str) -> None:
    now = state(failure_class)
    now["branch"] = branch = next_attempt(Task(now), failure_class)
    assert branch["route"] == route
    assert mender(now) == node


def test_a_todo_overrides_its_routes() -> None:
    now = state("timeout", failure_routing={"timeout": "coder"})
    now["branch"] = next_attempt(Task(now), "timeout")
    assert mender(now) == "coder"


@pytest.mark.parametrize(("failure_class", "role", "node"), [
    ("infrastructure", "tester", "gates"),
    ("model_output", "architect", "architect"),
    ("model_output", "coder", "coder"),
    ("model_output", "mend_tests", "mend_tests"),
])  # fmt: skip
def test_what_nobody_can_mend_goes_to_a_person_first(failure_class: FailureClass, role: str, node: str) -> None:
    now = state(failure_class, role)
    now["branch"] = next_attempt(Task(now), failure_class)
    assert mender(now) == "escalate"
    now["hint"], now["branch"] = "the engine runs again", None
    now["branch"] = next_attempt(Task(now), failure_class)
    assert mender(now) == node


def test_a_todo_that_has_used_its_time_is_not_tried_again() -> None:
    now = state("implementation_bug", timeout_seconds=10)
    now["spent_seconds"] = 10.5
    assert next_attempt(Task(now), "implementation_bug")["status"] == "exhausted"


def test_a_hint_opens_a_branch_todo_of_its_own() -> None:
    now = state("implementation_bug", max_retries=0)
    spent = next_attempt(Task(now), "implementation_bug")
    assert spent["status"] == "exhausted"
    now["branch_todos"], now["hint"] = [{**spent, "status": "escalated"}], "look at the rounding"
    again = next_attempt(Task(now), "implementation_bug")
    assert (again["id"], again["attempts"], again["status"]) == ("t1_branch_02", 1, "open")
