"""Answers to what waits."""

from fastapi import APIRouter, Depends, Response

from server import acting
from server.access.roles import Approver
from server.access.session import check_csrf
from server.pages.decisions import decision
from server.pages.failing import PageRoute
from server.pages.forms import Fields
from server.pages.workflows import back

router = APIRouter(route_class=PageRoute)


@router.post("/app/workflows/{workflow_id}/answer", dependencies=[Depends(check_csrf)])
async def answer(workflow_id: str, by: Approver, form: Fields) -> Response:
    """Take an answer; it speaks of what the person saw, and of nothing else."""
    seen = form.get("artifact_hash") or None
    await acting.answer(workflow_id, decision(form), by, form.get("interrupt_id"), seen)
    return back(workflow_id)
