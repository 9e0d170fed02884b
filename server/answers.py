"""What the API answers."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from schemas.decision import DecisionType
from schemas.todo import TodoList
from state.developer import WorkflowStatus


class Answer(BaseModel):
    """Documents its fields under them."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Started(Answer):
    """Work that has begun, or will when its turn comes."""

    workflow_id: str
    status: WorkflowStatus
    links: dict[str, str]
    """`status`, `events` and `page` of the workflow."""


class Planned(Answer):
    """A plan."""

    todo_list_id: str
    workflow_id: str
    """Under which the planning was accounted."""
    todo_list: TodoList


class TodoListEntry(Answer):
    """One todo list."""

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


class Question(Answer):
    """Something that waits for a person."""

    interrupt_id: str
    name: str
    """approve_plan, approve_release, approve_contract, escalation, surroundings, raise_budget or task_result."""
    task_id: str | None
    asked_at: datetime
    payload: dict[str, Any]
    """`action_requests` (name, args, description), `review_configs` (allowed_decisions), `artifact_hash`."""


class Approval(Answer):
    """Something that a person has answered."""

    interrupt_id: str
    name: str
    task_id: str | None
    decision: DecisionType
    message: str
    by: str
    at: datetime


class Status(Answer):
    """How a workflow stands; docs/cli.md names the fields of `todos`."""

    workflow_id: str
    graph: str
    request: str
    model: str
    status: WorkflowStatus
    stop_reason: str | None
    reason: str | None
    repo: str | None
    release_branch: str | None
    plan: dict[str, Any] | None
    todos: list[dict[str, Any]]
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

    workflow_id: str
    interrupt_id: str
    decision: DecisionType
    by: str
    status: WorkflowStatus


class Standing(Answer):
    """Where a workflow stands after it was told something."""

    workflow_id: str
    status: WorkflowStatus


class Artifact(Answer):
    """One file of a branch."""

    path: str
    size: int
    """Bytes."""


class Artifacts(Answer):
    """The files of a todo's branch, or of the release."""

    branch: str
    commit: str
    files: list[Artifact]


class AgentStatus(Answer):
    """What a role does."""

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

    status: Literal["ok", "failing"]
    checks: dict[str, str]
    """What was looked at → `ok`, or what is wrong."""
