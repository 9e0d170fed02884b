"""The list of workflows, and the form that starts one."""

import asyncio
import json
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from schemas.errors import AidevError, BadInput
from server import acting, reading
from server.access.roles import Operator, Reader
from server.access.session import check_csrf
from server.pages.decisions import caps
from server.pages.failing import PageRoute
from server.pages.forms import Fields
from server.pages.rendering import page
from server.problems import status_of
from state.developer import WorkflowStatus
from tools.models.load import default_model

router = APIRouter(route_class=PageRoute)
STATUSES = get_args(WorkflowStatus)


@router.get("/app")
def workflows(request: Request, _: Reader, search: str = "", status: str = "", cursor: str = "") -> Response:
    """The list; only its rows when htmx asks."""
    chosen = status if status in STATUSES else ""
    found = reading.overview(search or None, chosen or None, cursor=cursor or None)
    asked = {name: value for name, value in (("search", search), ("status", chosen)) if value}
    values: dict[str, Any] = {
        "section": "list",
        "found": found,
        "search": search,
        "status": chosen,
        "statuses": STATUSES,
        "here": f"/app?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}",
        "older": f"/app?{urlencode(asked | {'cursor': found['next'] or ''})}",
    }
    return page(request, "panels/rows.html" if "HX-Request" in request.headers else "list.html", **values)


@router.get("/app/new")
def new(request: Request, _: Operator) -> Response:
    """The form."""
    return form_page(request, {}, None)


def form_page(request: Request, form: dict[str, str], fault: AidevError | None) -> Response:
    """The form with what was typed, and what was wrong with it."""
    status = status_of(fault) if fault else 200
    values: dict[str, Any] = {"section": "new", "form": form, "fault": fault, "default_model": default_model()[0]}
    return page(request, "new.html", status, **values)


@router.post("/app/new", dependencies=[Depends(check_csrf)])
async def start(request: Request, by: Operator, form: Fields) -> Response:
    """Start a workflow, then show it."""
    try:
        workflow_id = await acting.execute(body(form), by)
    except BadInput as error:
        return await asyncio.to_thread(form_page, request, form, error)
    return RedirectResponse(f"/app/workflows/{workflow_id}", 303)


def body(form: dict[str, str]) -> dict[str, Any]:
    """The body that the API would get. Raises BadInput."""
    given: dict[str, Any] = {name: form.get(name, "").strip() for name in ("request", "repo", "model")}
    if text := form.get("todo_list", "").strip():
        try:
            given["todo_list"] = json.loads(text)
        except ValueError as error:
            raise BadInput(f"The todo list is no JSON: {error}.") from error
    given |= {"budget": caps(form), "auto_approve": "auto_approve" in form}
    return {name: value for name, value in given.items() if value}
