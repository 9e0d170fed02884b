"""The state of the todo graph and of its branch loop: references and counters, never contents."""

from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from schemas.answers import FailureClass
from schemas.errors import BadInput
from state.developer import Attempt, BranchTodo, TodoResult
from state.options import Options


class Failure(TypedDict):
    """Why the last step did not succeed."""

    failure_class: FailureClass | None
    """None: the debugger has to find out."""
    role: str
    """The node that failed."""
    summary: str
    """One line."""


class TodoInput(TypedDict, total=False):
    """What one todo starts from."""

    todo: Annotated[dict[str, Any], Field(description="A todo item, as in schemas/todo_schema.json")]
    request: Annotated[str, Field(description="The request it serves")]
    repo: Annotated[str | None, Field(description="Path of your git repository; empty: a new one is made")]
    commit: Annotated[str | None, Field(description="The commit or branch to work on; empty: HEAD")]


class TodoOutput(TypedDict, total=False):
    """What the workflow gets to know of a todo."""

    results: dict[str, TodoResult | None]
    kept: dict[str, dict[str, Any] | None]


class TodoState(TodoInput, total=False):
    """One todo at work."""

    workflow_id: str
    created_at: str
    options: Options
    repository: str
    base: str
    """The commit this todo starts from: its dependencies, merged."""
    depends_on: list[str]
    """Commits of the dependencies."""
    head: str
    """The last product commit."""
    tip: str | None
    """Where the todo's branch stands: head, or the evidence commit on it."""
    sealed: str
    """The commit that sealed the acceptance tests."""
    red: str
    """The commit that records how they failed on a stub."""
    written: bool
    """Whether the coder has answered yet."""
    attempt: int
    """1 is the first try, each mending adds one."""
    spent_seconds: float
    failure: Failure | None
    branch: BranchTodo | None
    """The open branch todo."""
    diagnosis: str
    """The commit that holds the open branch todo's diagnosis."""
    attempts: list[Attempt]
    """Every try so far, oldest first."""
    allowance: int
    """Debug attempts that the workflow's ceiling leaves this todo."""
    setbacks: int
    """Times in a row that the surroundings or a model's answers failed in this attempt."""
    turns: int
    """All of them so far: names each model call that is made again."""
    depth: int
    """1: a todo of the plan; 2: one that the integration has opened again."""
    built_on: dict[str, str]
    """Dependency → the contract of it that this todo builds on."""
    round: int
    """1, and one more each time that the todo is built anew."""
    defer: bool
    """Whether a question to a person waits until nothing else is left to do."""
    asking: bool
    """Whether the person is to be asked now."""
    postponed: Failure | None
    """What the debugger was about to diagnose when the budget ended."""
    hint: str
    """What a person said at the last escalation."""
    branch_todos: list[BranchTodo]
    timeout_seconds: int | None
    """A limit for the acceptance commands that the tester set."""
    hand_over: Literal["coder", "architect"] | None
    """Whom the tester found to be at fault."""
    verdict: Literal["skipped", "stopped", "escalated", "reopen"] | None
    """How it ended without having passed."""
    results: dict[str, TodoResult | None]
    kept: dict[str, dict[str, Any] | None]


def failing(state: TodoState) -> Failure:
    """The failure that a branch is about. Raises BadInput when nothing fails."""
    failure = state.get("failure")
    if failure is None:
        raise BadInput("Nothing fails here.", "Begin at a commit where the tester found a failure.")
    return failure


def opened(state: TodoState) -> BranchTodo:
    """The open branch todo. Raises LookupError when there is none."""
    branch = state.get("branch")
    if branch is None:
        raise LookupError("no branch todo is open")
    return branch
