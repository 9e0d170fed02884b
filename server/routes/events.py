"""Events as they happen: server-sent events that miss nothing, over a lost connection or a restart."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from sse_starlette import EventSourceResponse, ServerSentEvent

from schemas.errors import BadInput
from schemas.events import Event
from server.access.roles import Reader
from server.problems import documented
from server.stopping import stopping
from server.watching import Watch
from state import workflows
from tools.events import after, newest, recorded

router = APIRouter(prefix="/orchestrator", tags=["events"])
PAGE = 200
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A stream: `id` is the cursor, `event` the type, `data` the event as docs/events.md has it",
        "content": {"text/event-stream": {}},
    },
    **documented(404, 422),
}


@router.get("/events/{workflow_id}", responses=STREAM, response_class=EventSourceResponse)
async def events(
    workflow_id: str,
    request: Request,
    by: Reader,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
    cursor: Annotated[str | None, Query(max_length=20, description="As Last-Event-ID")] = None,
) -> EventSourceResponse:
    """All events of a workflow from its first, or from after `Last-Event-ID`; then each as it happens."""
    row = await asyncio.to_thread(workflows.get, workflow_id)
    name, given = ("Last-Event-ID", last_event_id) if last_event_id else ("cursor", cursor or "0")
    start = await asyncio.to_thread(place, row.workflow_id, name, given)
    return EventSourceResponse(stream(row.workflow_id, start), ping=15)


@router.get("/log/{workflow_id}", responses=documented(404))
def log(workflow_id: str, by: Reader) -> list[Event]:
    """All events of a workflow so far, oldest first."""
    row = workflows.get(workflow_id)
    return recorded(row.workflow_id)


def place(workflow_id: str, name: str, given: str) -> int:
    """The number of the event after which to go on. Raises BadInput for what no event of the workflow can have."""
    way_out = "Give the id of the last event that you saw, or none."
    if not (given.isascii() and given.isdigit()):
        raise BadInput(f"{name} is not one of ours: {given!r}.", way_out)
    if int(given) > (last := newest(workflow_id)):
        raise BadInput(f"{name}: {given} is beyond the newest event of this workflow, {last}.", way_out)
    return int(given)


async def stream(workflow_id: str, seq: int) -> AsyncIterator[ServerSentEvent]:
    """What is there, then what comes."""
    with Watch(workflow_id) as watch:
        while not stopping.is_set():
            found = await asyncio.to_thread(after, workflow_id, seq, PAGE)
            for seq, event in found:
                yield ServerSentEvent(event.model_dump_json(), event=event.event_type, id=str(seq))
            if not found:
                await watch.changed()
