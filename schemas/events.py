"""Events: one model, one tag. Every event survives JSON and Redis unchanged."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal, LiteralString

from pydantic import Field

from schemas.base import Document, Timestamp

EventType = Literal[
    "workflow.created",
    "workflow.started",
    "workflow.paused",
    "workflow.resumed",
    "workflow.completed",
    "workflow.failed",
    "workflow.branch.created",
    "task.created",
    "task.dispatched",
    "task.started",
    "task.progress",
    "task.completed",
    "task.failed",
    "task.retrying",
    "task.timeout",
    "agent.registered",
    "agent.heartbeat",
    "agent.offline",
    "approval.requested",
    "approval.granted",
    "approval.denied",
    "artifact.created",
    "artifact.validated",
    "artifact.committed",
    "test.started",
    "test.passed",
    "test.failed",
]
Channel = Literal["agent.requests", "agent.results", "workflow.events", "audit.logs"]
STREAM = "aidev.events"
"""The Redis stream of all events."""
COLUMNS: LiteralString = 'event_id, event_type, correlation_id, workflow_id, task_id, "timestamp", source, data'
"""The columns of the log that make an event."""


class Event(Document):
    """Something that happened."""

    event_id: str
    """The same step of the same workflow always yields the same id."""
    event_type: EventType
    correlation_id: str
    workflow_id: str
    task_id: str | None = None
    timestamp: Timestamp = Field(default_factory=lambda: datetime.now(UTC))
    source: str
    """The node or command that says so."""
    data: dict[str, Any] = {}
    """schemas/event_data.py says what it holds."""


def event_id(workflow_id: str, event_type: str, task_id: str | None, step: str) -> str:
    """A UUID that depends on nothing but where in the workflow this happened."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join([workflow_id, event_type, task_id or "", step])))


def from_row(row: Mapping[str, Any]) -> Event:
    """The event in a row of the log, which may hold other columns too."""
    facts = {name: row[name] for name in Event.model_fields}
    return Event(**facts | {"timestamp": row["timestamp"].astimezone(UTC)})


def channels(event: Event) -> list[Channel]:
    """The channels an event is heard on; every event is in `audit.logs`."""
    heard: list[Channel] = ["audit.logs"]
    if event.event_type == "task.dispatched":
        heard.append("agent.requests")
    elif event.event_type in ("task.completed", "task.failed", "test.passed", "test.failed"):
        heard.append("agent.results")
    if event.event_type.startswith(("workflow.", "approval.", "task.")):
        heard.append("workflow.events")
    return heard
