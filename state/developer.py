"""The state of the workflow graph: references and statuses, never contents."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from schemas.stops import TodoStop, WorkflowStop
from state.options import Options, Request

TodoStatus = Literal["done", "failed", "blocked", "stopped", "reopen"]
"""`reopen`: a merge that only another todo can mend, by a change of its contract."""
WorkflowStatus = Literal["running", "waiting", "completed", "failed", "blocked", "rejected", "cancelled"]


class BranchTodo(TypedDict):
    """One debugging loop and where it led."""

    id: str
    failure_class: str
    route: str
    attempts: int
    status: Literal["open", "resolved", "exhausted", "escalated"]
    stop_reason: TodoStop | Literal[""]
    """Why no further attempt was made; "" while it is open."""
    depth: int
    opened_on: int
    """Number of the attempt that it is about."""
    began: float
    """The todo's `spent_seconds` when it was opened."""


class Attempt(TypedDict):
    """One try of a todo and what its judgement came to."""

    number: int
    """1 is the first try, each mending adds one."""
    failure_class: str
    route: str
    """Who was to mend it; "" when nobody was any more."""
    fingerprint: str
    """The same only for the same failures of the same change."""
    rank: int
    """How far it came: 0 its tests cannot be used, 1 gates, 2 no verdict, 3 tests, 4 held-back cases, 5 mutants."""
    failing: int
    """Checks that failed there."""
    role: str
    """The node that judged it."""
    summary: str
    head: str
    tip: str
    sealed: str
    red: str
    diagnosis: str
    """The commit that says what was wrong."""


class TodoResult(TypedDict):
    """How a todo ended."""

    status: TodoStatus
    stop_reason: TodoStop
    commit: str
    """The product commit that was judged; releases merge these."""
    evidence: str
    """The commit on the todo's branch that adds the reports."""
    attempts: int
    branch_todos: list[BranchTodo]
    debug_attempts: int
    """Those that count against the workflow's ceiling."""
    contract: str
    """`contract_id@version` that it keeps; "" before there is one."""
    built_on: dict[str, str]
    """Dependency → the contract of it that this todo was built on."""
    base: str
    sealed: str
    red: str
    depth: int
    round: int
    """1, and one more each time that it was built anew because a contract below it changed."""
    reopens: str
    """The todo that has to mend its contract; "" for none."""
    reason: str


def merge_results(old: dict[str, TodoResult], new: Mapping[str, TodoResult | None]) -> dict[str, TodoResult]:
    """Todos that ran side by side each add their own; None takes one back."""
    return {name: result for name, result in {**old, **new}.items() if result is not None}


def merge_kept(old: dict[str, dict[str, Any]], new: Mapping[str, dict[str, Any] | None]) -> dict[str, dict[str, Any]]:
    """The same for todos that are kept to go on later."""
    return {name: state for name, state in {**old, **new}.items() if state is not None}


class DeveloperState(Request, total=False):
    """One workflow."""

    workflow_id: str
    created_at: str
    options: Options
    repository: str
    """Path of the artifact store."""
    base: str
    """The commit that everything starts from."""
    plan: dict[str, Any]
    """The todo list; written once per planning round."""
    plan_round: int
    remark: str
    """What the person answered to the last plan."""
    plan_problem: str
    """Why the remark could not be followed."""
    over_budget: str
    """Why the planner could not ask; "" when it could."""
    results: Annotated[dict[str, TodoResult], merge_results]
    kept: Annotated[dict[str, dict[str, Any]], merge_kept]
    """Todos that wait: for a person, or to be opened again. Each with the state that it goes on from."""
    candidate: str
    """The merged commit that waits for approval."""
    candidate_evidence: str
    status: WorkflowStatus
    stop_reason: WorkflowStop
    reason: str
