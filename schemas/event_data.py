"""What the `data` of each type of event always holds; more may be there. The same facts as `event_schema.json`."""

from typing import get_args

from pydantic import BaseModel, ConfigDict, create_model

from schemas.base import Integer, Timestamp
from schemas.events import Event, EventType
from schemas.faults import model_faults


class Data(BaseModel):
    """Nothing in particular."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)


class Asked(Data):
    """What a workflow is for."""

    request: str
    model: str


class Stopped(Data):
    """An error of the surroundings has stopped the workflow."""

    reason: str


class Resumed(Data):
    """Somebody lets it go on."""

    by: str


class Ended(Data):
    """How, in one word, and in a sentence."""

    status: str
    stop_reason: str
    reason: str


class Branched(Data):
    """A failure was diagnosed and goes to the role that can mend it."""

    branch_id: str
    failure_class: str
    route: str
    attempts: Integer


class Created(Data):
    """A todo of the plan."""

    title: str


class Dispatched(Data):
    """A todo was given to its first role."""

    attempt: Integer
    stage: str
    role: str
    title: str


class Started(Data):
    """The first stage of a todo begins."""

    attempt: Integer
    stage: str


class Retrying(Data):
    """A stage is met again, since the surroundings failed."""

    attempt: Integer
    stage: str
    reason: str


class TimedOut(Data):
    """Which limit ended the todo."""

    attempt: Integer
    stop_reason: str
    reason: str


class Role(Data):
    """A role of a server."""

    instance: str
    role: str


class Heartbeat(Data):
    """A server, with all its roles."""

    instance: str
    roles: list[str]


class Question(Data):
    """What a person is asked."""

    name: str
    interrupt_id: str


class Answer(Data):
    """What was answered, and by whom."""

    name: str
    interrupt_id: str
    decision: str
    by: str


class Planned(Data):
    """A todo list was made."""

    todo_list_id: str


class Validated(Data):
    """A branch holds what was proven."""

    branch: str
    commit: str


class Committed(Data):
    """A commit was made."""

    attempt: Integer
    branch: str
    commit: str
    message: str


class Verdict(Data):
    """What the tests showed."""

    status: str
    passed: Integer
    total: Integer


DATA: dict[EventType, type[Data]] = {
    "workflow.created": Asked,
    "workflow.started": Asked,
    "workflow.paused": Stopped,
    "workflow.resumed": Resumed,
    "workflow.completed": Ended,
    "workflow.failed": Ended,
    "workflow.branch.created": Branched,
    "task.created": Created,
    "task.dispatched": Dispatched,
    "task.started": Started,
    "task.progress": Data,
    "task.completed": Ended,
    "task.failed": Ended,
    "task.retrying": Retrying,
    "task.timeout": TimedOut,
    "agent.registered": Role,
    "agent.heartbeat": Heartbeat,
    "agent.offline": Role,
    "approval.requested": Question,
    "approval.granted": Answer,
    "approval.denied": Answer,
    "artifact.created": Planned,
    "artifact.validated": Validated,
    "artifact.committed": Committed,
    "test.started": Data,
    "test.passed": Verdict,
    "test.failed": Verdict,
}
DOCUMENTS: dict[str, type[Event]] = {
    name: create_model(name, __base__=Event, timestamp=(Timestamp, ...), data=(DATA[name], ...))
    for name in get_args(EventType)
}
"""Type → the model of a whole event, as it is sent."""


def event_problems(document: object) -> list[str]:
    """Every fault of an event as `path: message`."""
    kind = document.get("event_type") if isinstance(document, dict) else None
    return model_faults(DOCUMENTS.get(kind, Event) if isinstance(kind, str) else Event, document)
