"""The planner's routes: from a request to a todo list."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query

from nodes.intake import complete
from schemas.todo import TodoList
from server import acting
from server.access.roles import Operator, Reader
from server.answers import Kept, Planned, TodoListEntry, TodoLists
from server.models import PlanIn
from server.problems import documented
from server.reading import cursor_at, moment
from state import todo_lists
from state.idempotency import workflow_for

router = APIRouter(prefix="/planner", tags=["planner"])
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", max_length=200, description="The same key and body again start nothing new"),
]


@router.post("/plan", responses=documented(415, 422, 502, 503), response_model_exclude_none=True)
async def plan(body: PlanIn, by: Operator, key: Key = None) -> Planned:
    """Turn a request into a todo list; answers when it is made."""
    given = body.model_dump()
    workflow_id = await asyncio.to_thread(workflow_for, by.name, key, "plan", given)
    document = await acting.plan(given, by, workflow_id)
    return Planned(todo_list_id=document["todo_list_id"], workflow_id=workflow_id, todo_list=document)  # type: ignore[arg-type]


@router.post("/todo_list", status_code=201, responses=documented(415, 422))
def keep(document: dict[str, Any], by: Operator) -> Kept:
    """Keep a todo list of your own under its id."""
    todo_lists.keep(complete(document), by.name)
    return Kept(todo_list_id=str(document["todo_list_id"]))


@router.get(
    "/todo_list/{todo_list_id}",
    responses=documented(404),
    response_model=TodoList,
    response_model_exclude_unset=True,
)
def todo_list(todo_list_id: str, by: Reader) -> dict[str, Any]:
    """A todo list."""
    return todo_lists.get(todo_list_id)


@router.get("/todo_list", responses=documented(422))
def newest(
    by: Reader,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=64)] = None,
) -> TodoLists:
    """The todo lists, newest first."""
    found = todo_lists.newest(limit + 1, moment(cursor))
    more = cursor_at(found[limit - 1]["created_at"]) if len(found) > limit else None
    return TodoLists(items=[TodoListEntry(**row) for row in found[:limit]], next=more)
