"""What the API answers."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas.decision import DecisionType
from schemas.stops import TodoStop
from schemas.todo import TodoList
from server import examples as shown
from state.developer import BranchTodo, TodoStatus, WorkflowStatus


def example(one: shown.Shown) -> ConfigDict:
    """Of a model that OpenAPI shows so."""
    return ConfigDict(json_schema_extra={"examples": [one]})


class Answer(BaseModel):
    """Documents its fields under them."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Started(Answer):
    """Work that has begun, or will when its turn comes."""

    model_config = example(shown.STARTED)

    workflow_id: str
    status: WorkflowStatus
    links: dict[str, str]
    """`status`, `events` and `page` of the workflow."""


class Planned(Answer):
    """A plan."""

    model_config = example(shown.PLANNED)

    todo_list_id: str
    workflow_id: str
    """Under which the planning was accounted."""
    todo_list: TodoList


class Kept(Answer):
    """A todo list that can be executed by its id."""

    model_config = example(shown.KEPT)

    todo_list_id: str


class TodoListEntry(Answer):
    """One todo list."""

    model_config = example(shown.TODO_LIST_ENTRY)

    todo_list_id: str
    workflow_name: str
    todos: int
    created_by: str
    created_at: datetime


class TodoLists(Answer):
    """A page of them, newest first."""

    items: list[TodoListEntry]
    next: str | None
    """The `cursor` of the next page."""


class WorkflowEntry(Answer):
    """One workflow in a list."""

    model_config = example(shown.WORKFLOW_ENTRY)

    workflow_id: str
    graph: str
    request: str
    status: WorkflowStatus
    stop_reason: str | None
    reason: str | None
    model: str
    created_at: datetime
    updated_at: datetime
    questions: int
    """That wait for a person."""
    cost_usd: float


class Workflows(Answer):
    """A page of them, newest first."""

    items: list[WorkflowEntry]
    next: str | None
    """The `cursor` of the next page."""


class ActionRequest(Answer):
    """What is asked."""

    model_config = ConfigDict(extra="allow")

    name: str
    args: dict[str, Any]
    """What it is about; docs/api.md names the keys that an edit may change."""
    description: str
    """The same in words."""


class ReviewConfig(Answer):
    """What may be answered."""

    model_config = ConfigDict(extra="allow")

    allowed_decisions: list[DecisionType]


class Payload(Answer):
    """A question as the ecosystem's pages read it; `action_request` and `config` are the same once more."""

    model_config = ConfigDict(extra="allow")

    action_requests: list[ActionRequest]
    """Always one."""
    review_configs: list[ReviewConfig]
    """Always one."""
    artifact_hash: str
    """Given with an answer, it is refused when something else waits by then."""


class Question(Answer):
    """Something that waits for a person."""

    model_config = example(shown.QUESTION)

    interrupt_id: str
    name: str
    """approve_plan, approve_release, approve_contract, escalation, surroundings, raise_budget or task_result."""
    task_id: str | None
    asked_at: datetime
    payload: Payload


class Approval(Answer):
    """Something that a person has answered."""

    model_config = example(shown.APPROVAL)

    interrupt_id: str
    name: str
    task_id: str | None
    decision: DecisionType
    message: str
    by: str
    at: datetime


class Todo(Answer):
    """A todo and what is known of it."""

    model_config = example(shown.TODO)

    id: str
    title: str
    status: TodoStatus | Literal["waiting", "running"]
    """docs/api.md says what each means."""
    stop_reason: TodoStop | None
    """docs/failures.md says what each means."""
    reason: str
    branch: str | None
    commit: str | None
    attempts: int
    test_report: dict[str, Any] | None
    """As schemas/test_report_schema.json says."""
    branch_todos: list[BranchTodo]
    """Its failures and where each led."""


class Status(Answer):
    """How a workflow stands."""

    model_config = example(shown.STATUS)

    workflow_id: str
    graph: str
    request: str
    model: str
    status: WorkflowStatus
    stop_reason: str | None
    reason: str | None
    repo: str | None
    release_branch: str | None
    plan: TodoList | None
    todos: list[Todo]
    questions: list[Question]
    approvals: list[Approval]
    budget: dict[str, float | None]
    cost_usd: float
    model_calls: int
    tokens: int
    seconds: float
    """Of work; waiting for a person is not counted."""
    created_at: datetime
    updated_at: datetime


class Answered(Answer):
    """An answer that was taken."""

    model_config = example(shown.ANSWERED)

    workflow_id: str
    interrupt_id: str
    decision: DecisionType
    by: str
    status: WorkflowStatus


class Standing(Answer):
    """Where a workflow stands after it was told something."""

    model_config = example(shown.STANDING)

    workflow_id: str
    status: WorkflowStatus


class Artifact(Answer):
    """One file of a branch."""

    path: str
    size: int
    """Bytes."""


class Artifacts(Answer):
    """The files of a todo's branch, or of the release."""

    model_config = example(shown.ARTIFACTS)

    branch: str
    commit: str
    files: list[Artifact]


class Evidence(Answer):
    """The records of a todo or of the release; null where there is none."""

    model_config = example(shown.EVIDENCE)

    contract: dict[str, Any] | None
    """As schemas/contract_schema.json says."""
    red: dict[str, Any] | None
    """How the sealed tests failed on a stub of the contract."""
    mutants: list[Any] | None
    """Small faults that no test has noticed."""
    runs: list[Any] | None
    """Each container: its commands, how it ended, what it used."""
    test_report: dict[str, Any] | None
    """As schemas/test_report_schema.json says."""
    build_report: dict[str, Any] | None
    """What the gates found."""
    sealed: dict[str, Any] | None
    """Path of a sealed test → its SHA-256."""
    held_back: list[Any] | None
    """Cases that the coder never saw, and that disagree."""
    log: str | None
    branch_todos: list[str]
    """Ids; the next three have one entry for each, null where there is none."""
    diagnoses: list[dict[str, Any] | None]
    diagnostics: list[dict[str, Any] | None]
    failure_reports: list[dict[str, Any] | None]


class AgentStatus(Answer):
    """What a role does."""

    model_config = example(shown.AGENT_STATUS)

    role: str
    status: Literal["idle", "busy"]
    tasks: list[dict[str, str]]
    """`workflow_id` and `task_id` of what it works on."""
    model_calls: int
    failed_calls: int
    cost_usd: float
    last_seen: datetime | None
    """When it last worked, or a server said that it is there."""


class Health(Answer):
    """Whether the server works."""

    model_config = example(shown.HEALTH)

    status: Literal["ok", "failing"]
    checks: dict[str, str]
    """What was looked at → `ok`, or what is wrong."""
