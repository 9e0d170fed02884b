"""The debugger's own decisions: who mends what, what costs an attempt, what ends a loop."""

from typing import Any, cast, get_args

import pytest

from nodes.branch_todo import ROUTES, current, history_of, limits, route
from nodes.debugger import SETBACKS, mender, over, paid, tries_of
from nodes.task import Task
from schemas.answers import DiagnosedClass, FailureClass
from state.developer import BranchTodo
from state.todo import TodoState
from tests.conftest import Configure
from tests.tools.test_attempts import attempt


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
    return cast(TodoState, {**found, "options": {"auto_approve": False}})


def opened(now: TodoState, failure_class: FailureClass) -> BranchTodo:
    """The branch todo that the debugger opens."""
    now["branch"] = branch = current(Task(now), failure_class)
    return branch


def test_every_class_that_somebody_can_mend_has_a_route() -> None:
    assert set(get_args(DiagnosedClass)) | {"merge_conflict"} == set(ROUTES)


@pytest.mark.parametrize(
    ("failure_class", "role", "node"),
    [
        ("implementation_bug", "coder", "coder"),
        ("merge_conflict", "coder", "coder"),
        ("spec_mismatch", "architect", "architect"),
        ("missing_dependency", "architect", "architect"),
        ("weak_tests", "architect", "architect"),
        ("no_trades", "architect", "architect"),
        ("timeout", "tester", "mend_tests"),
        ("flaky_test", "tester", "mend_tests"),
    ],
)
def test_routes(failure_class: FailureClass, role: str, node: str) -> None:
    now = state(failure_class)
    assert opened(now, failure_class)["route"] == role
    assert mender(now) == node


@pytest.mark.parametrize("failure_class", list(ROUTES))
def test_a_todo_overrides_its_routes(failure_class: FailureClass) -> None:
    now = state(failure_class, failure_routing={failure_class: "architect"})
    assert route(Task(now), failure_class) == "architect"
    opened(now, failure_class)
    assert mender(now) == "architect"


@pytest.mark.parametrize("failure_class", SETBACKS)
@pytest.mark.parametrize(
    ("role", "node"),
    [("tester", "gates"), ("red", "red"), ("architect", "architect"), ("coder", "coder"), ("mend_tests", "mend_tests")],
)
def test_a_setback_is_met_again_where_it_was(failure_class: FailureClass, role: str, node: str) -> None:
    now = state(failure_class, role)
    assert mender(now) == node
    now["failure"] = {"failure_class": "budget", "role": role, "summary": "spent"}
    assert (mender(now), paid(now)) == ("raise_budget", node)


def test_retries_do_not_multiply(configure: Configure) -> None:
    configure(SURROUNDINGS_TRIES=3, MODEL_OUTPUT_TRIES=1)
    assert tries_of(Task(state(role="tester")), "infrastructure") == 3
    assert tries_of(Task(state(role="coder")), "infrastructure") == 0
    assert tries_of(Task(state(role="coder")), "model_output") == 1


@pytest.mark.parametrize(
    ("reason", "asked", "defer", "verdict", "node"),
    [
        ("tampering", True, True, "stopped", "__end__"),
        ("attempts", True, True, "escalated", "__end__"),
        ("attempts", True, False, None, "escalate"),
        ("attempts", False, True, "skipped", "__end__"),
        ("infrastructure", False, True, "escalated", "__end__"),
        ("infrastructure", False, False, None, "escalate"),
    ],
)
def test_who_is_told_of_the_end(reason: Any, asked: bool, defer: bool, verdict: str | None, node: str) -> None:
    now = state("implementation_bug")
    now["options"]["auto_approve"], now["defer"] = not asked, defer
    now |= cast(TodoState, over(Task(now), current(Task(now), "implementation_bug"), reason))
    assert now["verdict"] == verdict
    assert mender(now) == node


def test_limits_of_a_branch_todo(configure: Configure) -> None:
    configure(BRANCH_TIMEOUT=100, NO_PROGRESS=4)
    now = state(max_retries=2, timeout_seconds=50)
    now["spent_seconds"], now["allowance"] = 20.0, 7
    now["branch_todos"] = [{**opened(now, "timeout"), "attempts": 3}]
    now["branch"] = None
    branch = opened(now, "implementation_bug")
    assert branch["id"] == "t1_branch_02"
    now["spent_seconds"] = 30.0
    found = limits(Task(now), branch)
    assert (found.attempts, found.ceiling, found.no_progress) == (2, 4, 4)
    assert (found.seconds_left, found.branch_seconds_left) == (20.0, 90.0)


def test_a_person_overrules_all_but_one_branch_todo(configure: Configure) -> None:
    configure(BRANCH_TIMEOUT=100)
    now = state(max_retries=0, max_debug_attempts=5, timeout_seconds=10)
    now["spent_seconds"], now["allowance"], now["hint"] = 99.0, 0, "look at the rounding"
    found = limits(Task(now), opened(now, "implementation_bug"))
    assert (found.attempts, found.ceiling) == (5, 5)
    assert found.seconds_left > 0
    assert found.branch_seconds_left == 100


def test_the_history_of_a_branch_todo_is_its_own() -> None:
    now = state()
    branch: BranchTodo = {**opened(now, "timeout"), "opened_on": 2, "attempts": 2}
    tries = [attempt(number) for number in (1, 2, 3, 4, 5)]
    assert [one["number"] for one in history_of(branch, tries)] == [2, 4, 5]
    assert [one["number"] for one in history_of({**branch, "attempts": 0}, tries)] == [2]
