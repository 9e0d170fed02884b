"""What people and programs can make the server do; the API and the page both go through here."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any, cast

from graph import answering, driver
from nodes.intake import checked, resolve
from nodes.planner import WAY_OUT
from schemas.decision import Decision, DecisionType
from schemas.errors import BadInput, Forbidden, NothingWaits, UnreadableRequest, WorkflowBusy
from schemas.todo import TodoItem
from schemas.validation import parse_todo_list
from server import runs
from server.access.roles import Identity, allows
from server.places import checked_repo
from state import drives, questions, todo_lists, workflows
from state.database import is_driven
from state.options import Request, RunContext
from tools.events import emit

PATIENCE = 20.0
"""Seconds that a resume waits for the last step of a run that was cancelled."""
OUTSIDE = "task_result"
"""The question that work done outside answers."""


async def execute(body: Mapping[str, Any], by: Identity, workflow_id: str = "") -> str:
    """Start a workflow; its id. Raises BadInput, Forbidden."""
    workflow_id = await asyncio.to_thread(_created, body, by, workflow_id)
    await runs.wake(workflow_id)
    return workflow_id


def _created(body: Mapping[str, Any], by: Identity, workflow_id: str) -> str:
    if body.get("auto_approve") and not allows(by, "approver"):
        raise Forbidden("auto_approve approves everything in advance: that is for approvers.", "Leave it out.")
    given = [name for name in ("request", "todo_list", "todo_list_id") if body.get(name)]
    if len(given) != 1:
        raise BadInput("Give exactly one of request, todo_list and todo_list_id.", f"Given: {given or 'none'}.")
    document = todo_lists.get(body["todo_list_id"]) if body.get("todo_list_id") else body.get("todo_list")
    asked: Request = {"request": body.get("request") or "", "repo": checked_repo(body), "todo_list": document}
    driver.ready()
    return driver.create(asked, context(body), workflow_id, "server")


def context(body: Mapping[str, Any]) -> RunContext:
    """The run context that a body asks for."""
    budget = body.get("budget") or {}
    found: dict[str, Any] = {f"budget_{kind}": cap for kind, cap in budget.items() if cap is not None}
    found |= {name: body[name] for name in ("model", "auto_approve", "webhook", "external") if body.get(name)}
    return cast(RunContext, found)


async def plan(body: Mapping[str, Any], by: Identity, workflow_id: str) -> dict[str, Any]:
    """The todo list for a request, kept under its id. Raises BadInput, ModelError."""
    given = {"request": body["request"], "repo": await asyncio.to_thread(checked_repo, body)}
    await start_role("planner", given, context(body), workflow_id)
    await runs.ended(workflow_id)
    return await asyncio.to_thread(_planned, workflow_id, by)


def _planned(workflow_id: str, by: Identity) -> dict[str, Any]:
    row, state = workflows.get(workflow_id), driver.snapshot(workflow_id)
    if row.stop_reason == "unreadable_request":
        raise UnreadableRequest(str(row.reason), WAY_OUT)
    if row.status != "completed":
        why = str(row.reason).rstrip(".")
        raise BadInput(f"The planning ended with {row.status}: {why}.", f"Workflow {workflow_id} tells more.")
    document: dict[str, Any] = state.values["plan"]
    todo_lists.keep(document, by.name, workflow_id)
    return document


async def start_role(graph: str, given: Mapping[str, Any], options: RunContext, workflow_id: str) -> None:
    """Let one role work by itself. Raises BadInput, UnusableRepository."""

    def create() -> None:
        checked(cast(Request, given))
        driver.written(workflow_id, cast(Request, given), resolve(options), graph, "server")

    await asyncio.to_thread(create)
    await runs.wake(workflow_id)


async def agent_task(role: str, body: Mapping[str, Any], workflow_id: str) -> str:
    """Give a role a task; the id of its workflow. Raises BadInput."""
    repo = await asyncio.to_thread(checked_repo, body)
    if role == "planner":
        if body.get("todo") or not body.get("request"):
            raise BadInput("The planner takes a request.", "Give `request` and no `todo`.")
        given: dict[str, Any] = {"request": body["request"], "repo": repo}
    else:
        if not body.get("todo"):
            raise BadInput(f"The {role} takes a todo.", "Give `todo`: an item as in schemas/todo_schema.json.")
        item = one_todo(body["todo"])
        given = {"todo": item.model_dump(mode="json", exclude_none=True), "request": body.get("request") or item.title}
        given |= {"repo": repo, "commit": body.get("commit")}
    await start_role(role, given, context(body), workflow_id)
    return workflow_id


def one_todo(todo: Mapping[str, Any]) -> TodoItem:
    """A todo by itself. Raises InvalidDocument."""
    around = {"todo_list_id": "task", "workflow_name": "task", "created_at": "2026-01-01T00:00:00Z"}
    return parse_todo_list({**around, "items": [todo]}).items[0]


async def answer(
    workflow_id: str,
    decision: Mapping[str, Any],
    by: Identity,
    interrupt_id: str | None = None,
    artifact_hash: str | None = None,
) -> dict[str, Any]:
    """Answer what waits. Raises DecisionRefused, NothingWaits, AlreadyAnswered, UnknownWorkflow."""
    given = Decision(
        type=cast(DecisionType, decision["decision"]),
        message=decision.get("message") or "",
        args=decision.get("args"),
        artifact_hash=artifact_hash,
    )
    asked = await asyncio.to_thread(_answered, workflow_id, given, by.name, interrupt_id)
    await runs.wake(asked.workflow_id)
    return {
        "workflow_id": asked.workflow_id,
        "interrupt_id": asked.interrupt_id,
        "decision": given.type,
        "by": by.name,
        "status": (await asyncio.to_thread(workflows.get, asked.workflow_id)).status,
    }


def _answered(workflow_id: str, given: Decision, by: str, interrupt_id: str | None) -> questions.Question:
    """The question that it answered; from now on the server goes on with the workflow."""
    row = workflows.get(workflow_id)
    if row.status not in ("running", "waiting"):
        of_it = [one for one in questions.of_workflow(row.workflow_id) if one.interrupt_id == interrupt_id]
        answering.refuse_answered(of_it)
        raise NothingWaits(f"Nothing waits for an answer: the workflow is {row.status}.", "Look at its status.")
    asked = answering.answer(row.workflow_id, given, by, interrupt_id)
    drives.taken_over(row.workflow_id, drives.of(row.workflow_id).graph, "server")
    return asked


async def submit_result(task_id: str, body: Mapping[str, Any], by: Identity) -> dict[str, Any]:
    """Hand in work that was done outside. Raises NotFound, NothingWaits, BadInput."""
    args = {name: body[name] for name in ("files", "patch", "notes") if body.get(name)}
    asked = await asyncio.to_thread(_outside, task_id, body.get("workflow_id"))
    return await answer(asked.workflow_id, {"decision": "edit", "args": args}, by, asked.interrupt_id)


def _outside(task_id: str, workflow_id: str | None) -> questions.Question:
    found = questions.waiting_for_task(task_id, OUTSIDE)
    if workflow_id:
        row = workflows.get(workflow_id)
        found = [one for one in found if one.workflow_id == row.workflow_id]
    if not found:
        raise NothingWaits(f"No todo {task_id} waits for work from outside.", "Look at the workflow's questions.")
    if len(found) > 1:
        names = ", ".join(one.workflow_id for one in found)
        raise BadInput(f"Several workflows wait for {task_id}: {names}.", "Give the workflow_id.")
    return found[0]


async def cancel(workflow_id: str, by: Identity, reason: str = "") -> None:
    """Stop a workflow where it is. Raises UnknownWorkflow, NothingWaits when it has ended."""
    row = await asyncio.to_thread(workflows.get, workflow_id)
    await asyncio.to_thread(driver.cancel, row.workflow_id, reason, by.name)
    await runs.stop(row.workflow_id)


async def resume(workflow_id: str, by: Identity) -> None:
    """Let a workflow that was stopped go on. Raises BadInput when it has ended, WorkflowBusy."""
    row = await asyncio.to_thread(driver.resumable, workflow_id)
    await asyncio.to_thread(_resumed, row, by.name)
    await runs.wake(row.workflow_id, again=True)


def _resumed(row: workflows.Workflow, by: str) -> None:
    workflow_id, until = row.workflow_id, time.monotonic() + PATIENCE
    while is_driven(workflow_id):
        if row.status == "running":
            raise WorkflowBusy("The workflow is running.", "There is nothing to resume: its events tell how far it is.")
        if time.monotonic() > until:
            raise WorkflowBusy("The workflow is still being stopped, or somebody drives it.", "Try again in a moment.")
        time.sleep(0.1)
    drives.taken_over(workflow_id, drives.of(workflow_id).graph, "server")
    workflows.begin(workflow_id)
    driver.told_resumed(workflow_id, by)


async def raise_budget(workflow_id: str, caps: Mapping[str, float | None], by: Identity) -> None:
    """Set caps anew, asked or not. Raises BadInput, also when the workflow has ended."""
    given = {kind: cap for kind, cap in caps.items() if cap is not None}
    if not given:
        raise BadInput("No cap is given.", "Give usd, tokens, calls or seconds.")
    row = await asyncio.to_thread(driver.resumable, workflow_id)
    await asyncio.to_thread(driver.raise_budget, row.workflow_id, **given)
    step = f"budget/{sorted(given.items())}"
    await asyncio.to_thread(emit, "task.progress", row.workflow_id, "api", step=step, caps=given, by=by.name)
