"""The plan edited in place, with its faults shown while typing."""

import asyncio
import json
from typing import Any, get_args

from fastapi import APIRouter, Depends, Request, Response

from schemas.errors import BadInput, NothingWaits
from schemas.todo import Role
from server import acting, reading
from server.access.roles import Approver
from server.access.session import check_csrf
from server.pages.failing import PageRoute
from server.pages.forms import Fields
from server.pages.plan_form import Plan, changed, faults, fit_for_form, names, posted, read
from server.pages.rendering import page
from server.pages.workflows import back

router = APIRouter(route_class=PageRoute, prefix="/app/workflows/{workflow_id}/plan/{interrupt_id}")
SAFE = [Depends(check_csrf)]


@router.get("")
def edit(request: Request, workflow_id: str, interrupt_id: str, _: Approver) -> Response:
    """The form. Raises NothingWaits."""
    payload = waiting(workflow_id, interrupt_id)
    plan = payload["action_requests"][0]["args"]["todo_list"]
    return form_page(request, {"artifact_hash": payload["artifact_hash"]}, plan, {})


def waiting(workflow_id: str, interrupt_id: str) -> dict[str, Any]:
    """What is asked about the plan. Raises NothingWaits."""
    for question in reading.status(workflow_id)["questions"]:
        if (question["interrupt_id"], question["name"]) == (interrupt_id, "approve_plan"):
            payload: dict[str, Any] = question["payload"]
            return payload
    raise NothingWaits("This plan is no longer waiting.", "See how the workflow stands now.")


@router.post("/check", dependencies=SAFE)
def check(request: Request, form: Fields, _: Approver) -> Response:
    """What is wrong, field by field."""
    try:
        plan = given(form)
    except BadInput as error:
        return page(request, "panels/faults.html", fields=[""], faults={"": [error.message]})
    return page(request, "panels/faults.html", fields=["", *names(form)], faults=by_field(plan, form))


def given(form: Fields) -> Plan:
    """The plan as it was posted. Raises BadInput."""
    plan = read(form.get("plan", ""))
    return plan if form.get("mode") == "json" else posted(fit_for_form(plan), form)


def by_field(plan: Plan, form: Fields) -> dict[str, list[str]]:
    """Faults; those without a field on this form are told at its top."""
    found = faults(plan)
    places = {} if form.get("mode") == "json" else {name: found[name] for name in names(form) if name in found}
    rest = [f"{name}: {said}" if name else said for name in found if name not in places for said in found[name]]
    return {**places, "": rest}


@router.post("", dependencies=SAFE)
async def approve(request: Request, workflow_id: str, interrupt_id: str, by: Approver, form: Fields) -> Response:
    """Approve the plan as edited, or show the form again as one of its buttons says."""
    try:
        plan = given(form)
        if form.get("do") != "approve" or faults(plan):
            return await asyncio.to_thread(shown_again, request, form, plan)
    except BadInput as error:
        return await asyncio.to_thread(form_page, request, form, {}, {"": [str(error)]}, form.get("plan", ""))
    decision = {"decision": "edit", "message": form.get("message", ""), "args": {"todo_list": plan}}
    await acting.answer(workflow_id, decision, by, interrupt_id, form.get("artifact_hash") or None)
    return back(workflow_id)


def shown_again(request: Request, form: Fields, plan: Plan) -> Response:
    """With a todo added, removed or moved, in the other mode, or with what is wrong."""
    do = form.get("do", "")
    mode = do if do in ("json", "form") else form.get("mode", "form")
    if mode == "form":
        plan = changed(fit_for_form(plan), do)
    return form_page(request, {**form, "mode": mode}, plan, by_field(plan, form) if do == "approve" else {})


def form_page(
    request: Request, form: dict[str, str], plan: Plan, wrong: dict[str, list[str]], text: str | None = None
) -> Response:
    """The form as it stands; `text` is JSON that cannot be read."""
    values: dict[str, Any] = {
        "section": "",
        "workflow_id": request.path_params["workflow_id"],
        "interrupt_id": request.path_params["interrupt_id"],
        "artifact_hash": form.get("artifact_hash", ""),
        "message": form.get("message", ""),
        "mode": "json" if text is not None else form.get("mode", "form"),
        "plan": plan,
        "text": json.dumps(plan, indent=2, ensure_ascii=False) if text is None else text,
        "faults": wrong,
        "roles": get_args(Role),
    }
    return page(request, "plan.html", 422 if wrong else 200, **values)
