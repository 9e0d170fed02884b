"""The orchestrator's routes: start, watch, answer and stop workflows."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from server import acting, reading
from server.access.roles import Approver, Operator, Reader
from server.answers import Answered, Artifacts, Evidence, Standing, Started, Status, Workflows
from server.models import AnswerIn, Budget, CancelIn, ExecuteIn, ResultIn
from server.problems import documented
from server.routes.planner import Key
from state import workflows
from state.developer import WorkflowStatus
from state.idempotency import workflow_for

router = APIRouter(prefix="/orchestrator", tags=["orchestrator"])
Task = Annotated[str, Query(max_length=200, description="A todo's id, or `release`")]


def started(workflow_id: str, status: WorkflowStatus) -> Started:
    """With the ways to watch it."""
    links = {
        "status": f"/orchestrator/status/{workflow_id}",
        "events": f"/orchestrator/events/{workflow_id}",
        "page": f"/app/workflows/{workflow_id}",
    }
    return Started(workflow_id=workflow_id, status=status, links=links)


@router.post("/execute", status_code=202, responses=documented(403, 404, 415, 422, 503))
async def execute(body: ExecuteIn, by: Operator, key: Key = None) -> Started:
    """Start a workflow: a request, a todo list, or the id of one."""
    given = body.model_dump()
    workflow_id = await asyncio.to_thread(workflow_for, by.name, key, "execute", given)
    await acting.execute(given, by, workflow_id)
    return started(workflow_id, (await asyncio.to_thread(workflows.get, workflow_id)).status)


@router.get("/workflows", responses=documented(422))
def overview(
    by: Reader,
    search: Annotated[
        str | None, Query(max_length=200, description="Words of the request, or how an id begins")
    ] = None,
    status: WorkflowStatus | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> Workflows:
    """Workflows, newest first."""
    return Workflows(**reading.overview(search, status, limit, cursor))


@router.get("/status/{workflow_id}", responses=documented(404), response_model_exclude_unset=True)
def status(workflow_id: str, by: Reader) -> Status:
    """How a workflow stands: its todos with their evidence, what waits, what it cost."""
    return Status(**reading.status(workflow_id))


@router.post("/approve/{workflow_id}", responses=documented(404, 409, 415, 422, 503))
async def approve(workflow_id: str, body: AnswerIn, by: Approver) -> Answered:
    """Answer what waits for a person; the first answer counts, whoever comes later gets 409."""
    given = body.model_dump()
    found = await acting.answer(workflow_id, given, by, body.interrupt_id, body.artifact_hash)
    return Answered(**found)


@router.post("/task/{task_id}/result", responses=documented(404, 409, 415, 422, 503))
async def result(task_id: str, body: ResultIn, by: Operator) -> Answered:
    """Hand in work that was done outside; it is judged like any other."""
    return Answered(**await acting.submit_result(task_id, body.model_dump(), by))


@router.post("/cancel/{workflow_id}", responses=documented(404, 409, 415, 503))
async def cancel(workflow_id: str, by: Operator, body: CancelIn | None = None) -> Standing:
    """Stop a workflow where it is; its finished steps stay, and it can be resumed."""
    await acting.cancel(workflow_id, by, body.reason if body else "")
    return await standing(workflow_id)


@router.post("/resume/{workflow_id}", responses=documented(404, 409, 422, 503))
async def resume(workflow_id: str, by: Operator) -> Standing:
    """Go on from the last finished step, after a cancel or an error."""
    await acting.resume(workflow_id, by)
    return await standing(workflow_id)


@router.post("/budget/{workflow_id}", responses=documented(404, 415, 422))
async def budget(workflow_id: str, body: Budget, by: Approver) -> Standing:
    """Set caps anew, asked or not, of a workflow that has not ended."""
    await acting.raise_budget(workflow_id, body.model_dump(), by)
    return await standing(workflow_id)


async def standing(workflow_id: str) -> Standing:
    """Where it stands now."""
    row = await asyncio.to_thread(workflows.get, workflow_id)
    return Standing(workflow_id=row.workflow_id, status=row.status)


@router.get("/evidence/{workflow_id}", responses=documented(404))
def evidence(workflow_id: str, by: Reader, task: Task = "release") -> Evidence:
    """Reports, contract, gates, mutants, held-back results, diagnoses and logs of a todo or of the release."""
    return Evidence(**reading.evidence(workflow_id, task))


@router.get("/artifacts/{workflow_id}", responses=documented(404))
def artifacts(workflow_id: str, by: Reader, task: Task = "release") -> Artifacts:
    """The files of a todo's branch, or of the release with its evidence."""
    return Artifacts(**reading.artifacts(workflow_id, task))


FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file", "content": {"application/octet-stream": {}}},
    **documented(404),
}


@router.get("/artifacts/{workflow_id}/{task}/{path:path}", responses=FILE, response_class=Response)
def artifact(workflow_id: str, task: str, path: str, by: Reader) -> Response:
    """One file, as it is; never shown by a browser."""
    content = reading.artifact(workflow_id, task, path)
    headers = {"Content-Disposition": "attachment", "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type="application/octet-stream", headers=headers)


DIFF: dict[int | str, dict[str, Any]] = {
    200: {"description": "A unified diff", "content": {"text/plain": {}}},
    **documented(404, 422),
}


@router.get("/diff/{workflow_id}", responses=DIFF, response_class=Response)
def diff(workflow_id: str, by: Reader, task: Task = "release") -> Response:
    """What a todo, or the release, changed."""
    return Response(reading.diff(workflow_id, task), media_type="text/plain; charset=utf-8")
