"""The state of the workflow graph: references and statuses, never contents."""

from typing import Annotated, Any, Literal

from typing_extensions import TypedDict

from state.options import Options, Request

TodoStatus = Literal["done", "failed", "blocked", "stopped"]
WorkflowStatus = Literal["running", "waiting", "completed", "failed", "blocked", "rejected"]


class BranchTodo(TypedDict):
    """One debugging loop and where it led."""

    id: str
    failure_class: str
    route: str
    attempts: int
    status: Literal["open", "resolved", "exhausted", "escalated"]


class TodoResult(TypedDict):
    """How a todo ended."""

    status: TodoStatus
    commit: str
    """The product commit that was judged; releases merge these."""
    evidence: str
    """The commit on the todo's branch that adds the reports."""
    attempts: int
    branch_todos: list[BranchTodo]
    reason: str


def merge_results(old: dict[str, TodoResult], new: dict[str, TodoResult]) -> dict[str, TodoResult]:
    """Todos that ran side by side each add their own."""
    return {**old, **new}


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
    results: Annotated[dict[str, TodoResult], merge_results]
    candidate: str
    """The merged commit that waits for approval."""
    candidate_evidence: str
    status: WorkflowStatus
    stop_reason: str
