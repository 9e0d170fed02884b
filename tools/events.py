"""The event log: every event once in Postgres, then to this process's subscribers and to the message bus."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from schemas.events import Event, EventType, event_id
from state.database import pool
from state.text import clean
from tools.bus import publish

Callback = Callable[[Event], None]

_subscribers: list[Callback] = []
_changing = threading.Lock()
_logger = logging.getLogger(__name__)


def emit(
    event_type: EventType, workflow_id: str, source: str, *, task_id: str | None = None, step: str = "", **data: Any
) -> Event:
    """Record an event and tell whoever listens; the same step again is the same event and is told to nobody."""
    event = Event(
        event_id=event_id(workflow_id, event_type, task_id, clean(step)),
        event_type=event_type,
        correlation_id=workflow_id,
        workflow_id=workflow_id,
        task_id=task_id,
        source=clean(source),
        data=clean(data),
    )
    if _insert(event):
        _tell_subscribers(event)
        publish(event)
    return event


def subscribe(callback: Callback) -> Callable[[], None]:
    """Hear every new event of this process, in the thread that emits it. Returns how to stop."""
    with _changing:
        _subscribers.append(callback)

    def unsubscribe() -> None:
        with _changing:
            _subscribers.remove(callback)

    return unsubscribe


def recorded(workflow_id: str) -> list[Event]:
    """The events of a workflow, oldest first."""
    with pool().connection() as connection:
        rows = connection.execute("select * from events where workflow_id = %s order by seq", [workflow_id])
        return [_event(row) for row in rows]


def _insert(event: Event) -> bool:
    """Whether it is new."""
    row = event.model_dump() | {"data": Jsonb(event.model_dump(mode="json")["data"])}
    with pool().connection() as connection:
        done = connection.execute(
            """insert into events
                   (event_id, event_type, correlation_id, workflow_id, task_id, "timestamp", source, data)
               values (%(event_id)s, %(event_type)s, %(correlation_id)s, %(workflow_id)s, %(task_id)s,
                       %(timestamp)s, %(source)s, %(data)s)
               on conflict (event_id) do nothing""",
            row,
        )
    return done.rowcount == 1


def _event(row: DictRow) -> Event:
    del row["seq"]
    return Event(**row | {"timestamp": row["timestamp"].astimezone(UTC)})


def _tell_subscribers(event: Event) -> None:
    for callback in tuple(_subscribers):
        try:
            callback(event)
        except Exception:
            _logger.exception("A subscriber failed on event %s (%s)", event.event_id, event.event_type)
