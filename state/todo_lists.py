"""Todo lists by their id: planned ones, and those that somebody posted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from schemas.errors import BadInput, NotFound
from state.database import pool
from state.text import clean


def keep(document: Mapping[str, Any], by: str, workflow_id: str | None = None) -> None:
    """Write a list down; the same again changes nothing. Raises BadInput when another one has its id."""
    name, found = str(document["todo_list_id"]), clean(dict(document))
    with pool().connection() as connection:
        connection.execute(
            """insert into todo_lists (todo_list_id, document, workflow_id, created_by) values (%s, %s, %s, %s)
               on conflict do nothing""",
            [name, Jsonb(found), workflow_id, by],
        )
    if get(name) != found:
        raise BadInput(f"There is another todo list {name}.", "Give this one another todo_list_id.")


def renew(document: Mapping[str, Any], by: str) -> None:
    """Write down a list that may change with the program, in place of what was there."""
    with pool().connection() as connection:
        connection.execute(
            """insert into todo_lists (todo_list_id, document, created_by) values (%s, %s, %s)
               on conflict (todo_list_id) do update set document = excluded.document""",
            [document["todo_list_id"], Jsonb(clean(dict(document))), by],
        )


def get(todo_list_id: str) -> dict[str, Any]:
    """The list. Raises NotFound."""
    with pool().connection() as connection:
        row = connection.execute(
            "select document from todo_lists where todo_list_id = %s", [clean(todo_list_id)]
        ).fetchone()
    if row is None:
        raise NotFound(f"No todo list {todo_list_id}.", "Plan one with POST /planner/plan, or post your own.")
    return dict(row["document"])


def newest(limit: int, before: datetime | None = None) -> list[dict[str, Any]]:
    """Ids, names and sizes, newest first."""
    with pool().connection() as connection:
        rows = connection.execute(
            """select todo_list_id, document->>'workflow_name' as workflow_name,
                      jsonb_array_length(document->'items') as todos, created_by, created_at
               from todo_lists where %(before)s::timestamptz is null or created_at < %(before)s
               order by created_at desc limit %(limit)s""",
            {"before": before, "limit": limit},
        )
        return list(rows)
