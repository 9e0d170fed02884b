"""The event log: every event once in Postgres; from there to this process's subscribers, to Redis and to webhooks."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Any, LiteralString

from schemas.events import COLUMNS, Event, EventType, event_id, from_row
from state.database import Connection, pool
from state.text import clean
from tools import relay

Callback = Callable[[Event], None]

_SELECT: LiteralString = f"select seq, {COLUMNS} from events "  # noqa: S608
_subscribers: list[Callback] = []
_changing = threading.Lock()
_logger = logging.getLogger(__name__)


def emit(
    event_type: EventType,
    workflow_id: str,
    source: str,
    *,
    task_id: str | None = None,
    step: str = "",
    correlation_id: str | None = None,
    connection: Connection | None = None,
    tell: bool = True,
    **data: Any,
) -> Event:
    """Record an event and tell whoever listens; the same step again is the same event and is told to nobody.

    With a connection it is part of that one's transaction, where it should come last: it holds up the workflow's other
    events until the commit. This process's subscribers hear it before the commit, everyone else after it.
    Without `tell` nothing in this process hears it: others read it in the database.
    """
    event = Event(
        event_id=event_id(workflow_id, event_type, task_id, clean(step)),
        event_type=event_type,
        correlation_id=correlation_id or workflow_id,
        workflow_id=workflow_id,
        task_id=task_id,
        source=clean(source),
        data=clean(data),
    )
    is_new, has_webhook = _recorded(event, connection)
    if is_new and tell:
        _tell_subscribers(event)
        relay.wake(has_webhook)
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
    return [event for _, event in _select("where workflow_id = %s order by seq", [workflow_id])]


def after(workflow_id: str, seq: int, limit: int) -> list[tuple[int, Event]]:
    """The next events of a workflow after this number, each with its own; who goes on from the last misses nothing."""
    return _select("where workflow_id = %s and seq > %s order by seq limit %s", [workflow_id, seq, limit])


def newest(workflow_id: str) -> int:
    """The number of a workflow's newest event; 0 where there is none."""
    with pool().connection() as connection:
        row = connection.execute("select max(seq) as seq from events where workflow_id = %s", [workflow_id]).fetchone()
    return (row["seq"] or 0) if row else 0


def _recorded(event: Event, connection: Connection | None) -> tuple[bool, bool]:
    """Whether it is new, and whether a webhook has to be told."""
    if connection is None:
        with pool().connection() as own:
            return _recorded(event, own)
    row = connection.execute("select * from record_event(%s)", [event.model_dump_json()]).fetchone()
    return (row["is_new"], row["has_webhook"]) if row else (False, False)


def _select(condition: LiteralString, values: Sequence[object]) -> list[tuple[int, Event]]:
    with pool().connection() as connection:
        return [(row["seq"], from_row(row)) for row in connection.execute(_SELECT + condition, values)]


def _tell_subscribers(event: Event) -> None:
    for callback in tuple(_subscribers):
        try:
            callback(event)
        except Exception:
            _logger.exception("A subscriber failed on event %s (%s)", event.event_id, event.event_type)
