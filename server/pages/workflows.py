"""The page of one workflow: live, its events, and what can be told to it besides answers."""

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from server import acting, reading
from server.access.roles import Approver, Operator, Reader
from server.access.session import check_csrf
from server.pages import feed
from server.pages.decisions import caps
from server.pages.failing import PageRoute
from server.pages.forms import Fields
from server.pages.rendering import page
from server.pages.viewing import view
from tools.events import recorded

router = APIRouter(route_class=PageRoute, prefix="/app/workflows/{workflow_id}")
SAFE = [Depends(check_csrf)]


@router.get("")
def workflow(request: Request, workflow_id: str, _: Reader) -> Response:
    """All of it."""
    return page(request, "workflow.html", **view(workflow_id))


@router.get("/live")
def live(request: Request, workflow_id: str, _: Reader) -> Response:
    """Its panels, each for its place on the page."""
    return page(request, "live.html", **view(workflow_id))


@router.get("/events")
def events(request: Request, workflow_id: str, _: Reader, skip: int = 0) -> Response:
    """All events, newest first, a page at a time."""
    found = reading.status(workflow_id)["workflow_id"]
    every, before = recorded(found), max(0, skip)
    shown = feed.newest(every, feed.MORE, before)
    values: dict[str, Any] = {"feed": shown, "skip": before, "more": feed.MORE, "total": len(every)}
    return page(request, "events.html", section="", workflow_id=found, **values)


@router.post("/cancel", dependencies=SAFE)
async def cancel(workflow_id: str, by: Operator) -> Response:
    """Stop it where it is."""
    await acting.cancel(workflow_id, by)
    return back(workflow_id)


@router.post("/resume", dependencies=SAFE)
async def resume(workflow_id: str, by: Operator) -> Response:
    """Let it go on."""
    await acting.resume(workflow_id, by)
    return back(workflow_id)


@router.post("/budget", dependencies=SAFE)
async def budget(workflow_id: str, by: Approver, form: Fields) -> Response:
    """Other limits."""
    await acting.raise_budget(workflow_id, caps(form), by)
    return back(workflow_id)


def back(workflow_id: str) -> Response:
    """To the page of the workflow."""
    return RedirectResponse(f"/app/workflows/{workflow_id}", 303)
