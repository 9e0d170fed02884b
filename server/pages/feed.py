"""The events of a workflow as a person reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from graph.board import Board, described
from schemas.events import Event

NEWEST, MORE = 30, 200
"""Shown beside a workflow, and on each page of all of them."""
TONES = {
    **dict.fromkeys(("task.completed", "test.passed", "approval.granted", "workflow.completed"), "good"),
    **dict.fromkeys(("task.failed", "task.timeout", "test.failed", "approval.denied", "workflow.failed"), "bad"),
    **dict.fromkeys(("approval.requested", "workflow.paused", "workflow.branch.created", "task.retrying"), "warn"),
}


@dataclass(frozen=True)
class Entry:
    """One event."""

    at: datetime
    text: str
    tone: str
    task_id: str | None


def board_of(events: Sequence[Event]) -> Board:
    """How the workflow stands."""
    board = Board()
    for event in events:
        board.apply(event)
    return board


def entry(event: Event) -> Entry:
    """One event in words."""
    return Entry(event.timestamp, described(event), TONES.get(event.event_type, "quiet"), event.task_id)


def newest(events: Sequence[Event], count: int = NEWEST, skip: int = 0) -> list[Entry]:
    """So many entries, newest first, without the newest `skip`."""
    end = max(0, len(events) - skip)
    return [entry(event) for event in reversed(events[max(0, end - count) : end])]
