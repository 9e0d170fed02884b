"""The register of workflows: what each was asked, and where it stands."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString

from psycopg.types.json import Jsonb

from schemas.errors import UnknownWorkflow
from state.database import pool
from state.developer import WorkflowStatus
from state.options import Options, Request
from state.text import clean

ID_OR_PREFIX = re.compile(r"[0-9a-f-]{6,36}")
WAY_OUT = "aidev status lists the workflows; six or more first characters of an id will do."


@dataclass(frozen=True)
class Workflow:
    """One request's life."""

    workflow_id: str
    created_at: datetime
    updated_at: datetime
    input: Request
    options: Options
    status: WorkflowStatus
    stop_reason: str | None


def create(workflow_id: str, request: Request, options: Options) -> Workflow:
    """Enter a workflow as running; done twice, the first entry stays."""
    with pool().connection() as connection:
        connection.execute(
            """insert into workflows (workflow_id, created_at, input, options, status)
               values (%s, now(), %s, %s, 'running') on conflict do nothing""",
            [workflow_id, Jsonb(clean(request)), Jsonb(clean(options))],
        )
    return get(workflow_id)


def get(workflow_id: str) -> Workflow:
    """The workflow with this id, or the only one whose id begins so (6 characters or more). Raises UnknownWorkflow."""
    wanted = workflow_id.strip().lower()
    if not ID_OR_PREFIX.fullmatch(wanted):
        raise UnknownWorkflow(f"{workflow_id!r} is no workflow id.", WAY_OUT)
    found = _select("select * from workflows where starts_with(workflow_id, %s) order by workflow_id limit 2", wanted)
    if not found:
        raise UnknownWorkflow(f"No workflow {wanted}.", WAY_OUT)
    if len(found) > 1:
        raise UnknownWorkflow(f"More than one workflow begins with {wanted}.", WAY_OUT)
    return found[0]


def recent(limit: int) -> list[Workflow]:
    """The newest workflows, newest first."""
    return _select("select * from workflows order by created_at desc limit %s", limit)


def update(workflow_id: str, status: WorkflowStatus, stop_reason: str | None = None) -> None:
    """Say where a workflow stands. Raises UnknownWorkflow."""
    with pool().connection() as connection:
        done = connection.execute(
            "update workflows set status = %s, stop_reason = %s, updated_at = now() where workflow_id = %s",
            [status, clean(stop_reason), workflow_id],
        )
    if not done.rowcount:
        raise UnknownWorkflow(f"No workflow {workflow_id}.", WAY_OUT)


def set_budget(workflow_id: str, budget_usd: float) -> None:
    """A new limit for model calls, in US dollars."""
    with pool().connection() as connection:
        connection.execute(
            """update workflows set options = jsonb_set(options, '{budget_usd}', to_jsonb(%s::float8))
               where workflow_id = %s""",
            [budget_usd, workflow_id],
        )


def _select(query: LiteralString, value: str | int) -> list[Workflow]:
    with pool().connection() as connection:
        rows = connection.execute(query, [value])
        return [Workflow(**row) for row in rows]
