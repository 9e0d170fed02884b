"""The register of workflows: what each was asked, what it may use, how long it has worked and where it stands."""

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from schemas.errors import BudgetKind, UnknownWorkflow, WorkflowCancelled
from schemas.stops import WorkflowStop
from state.database import Connection, pool
from state.developer import WorkflowStatus
from state.options import Options, Request
from state.text import clean

ID_OR_PREFIX = re.compile(r"[0-9a-f-]{6,36}")
WAY_OUT = "`aidev status` or GET /orchestrator/workflows lists them; of an id the first six or more hex digits will do."
_UNLIMITED = {"budget_usd": None, "budget_tokens": None, "budget_calls": None, "budget_seconds": None}
_SELECT: LiteralString = """
    select workflow_id, created_at, updated_at, input, options, status, stop_reason, reason, worked_seconds
    from workflows """
_TICK: LiteralString = """
    update workflows
    set worked_seconds = worked_seconds + case
            when ticked_by = %(process)s then greatest(0, extract(epoch from clock_timestamp() - ticked_at))
            else 0 end,
        ticked_at = clock_timestamp(), ticked_by = %(process)s
    where workflow_id = %(workflow_id)s """
_CANCEL: LiteralString = """
    update workflows set status = 'cancelled', stop_reason = 'cancelled', reason = %s, updated_at = now()
    where workflow_id = %s and status in ('running', 'waiting')"""
_PROCESS = uuid.uuid4().hex
"""Whose clock runs: what another process did not tick before it died is not counted."""


@dataclass(frozen=True)
class Workflow:
    """One request's life."""

    workflow_id: str
    created_at: datetime
    updated_at: datetime
    input: Request
    options: Options
    status: WorkflowStatus
    stop_reason: WorkflowStop | None
    reason: str | None
    worked_seconds: float
    """Up to the last tick; waiting for a person is not counted."""


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
    found = _select(_SELECT + "where starts_with(workflow_id, %s) order by workflow_id limit 2", wanted)
    if not found:
        raise UnknownWorkflow(f"No workflow {wanted}.", WAY_OUT)
    if len(found) > 1:
        raise UnknownWorkflow(f"More than one workflow begins with {wanted}.", WAY_OUT)
    return found[0]


def find(workflow_id: str) -> Workflow | None:
    """The workflow with exactly this id; None when it is not written down."""
    found = _select(_SELECT + "where workflow_id = %s", workflow_id)
    return found[0] if found else None


def recent(limit: int) -> list[Workflow]:
    """The newest workflows, newest first."""
    return _select(_SELECT + "order by created_at desc limit %s", limit)


def update(
    workflow_id: str, status: WorkflowStatus, stop_reason: WorkflowStop | None = None, reason: str | None = None
) -> None:
    """Say where a workflow stands. Raises UnknownWorkflow."""
    with pool().connection() as connection:
        done = connection.execute(
            """update workflows set status = %s, stop_reason = %s, reason = %s, updated_at = now()
               where workflow_id = %s""",
            [status, stop_reason, clean(reason), workflow_id],
        )
    if not done.rowcount:
        raise UnknownWorkflow(f"No workflow {workflow_id}.", WAY_OUT)


def waits(workflow_id: str) -> None:
    """It waits for a person; one that was cancelled stays so."""
    _move(workflow_id, "waiting")


def goes_on(workflow_id: str) -> None:
    """It works again, and its clock runs; one that was cancelled stays so."""
    _move(workflow_id, "running")
    start_clock(workflow_id)


def cancel(connection: Connection, workflow_id: str, reason: str) -> bool:
    """Stop it, if it runs or waits; whether it did."""
    return connection.execute(_CANCEL, [clean(reason), workflow_id]).rowcount == 1


def begin(workflow_id: str) -> None:
    """It is driven, from its start or from where it stopped; nothing happens to one that is not written down yet."""
    with pool().connection() as connection:
        connection.execute(
            """update workflows set status = 'running', stop_reason = null, reason = null, updated_at = now()
               where workflow_id = %s""",
            [workflow_id],
        )
    start_clock(workflow_id)


def refuse_cancelled(workflow_id: str) -> None:
    """Raises WorkflowCancelled before more work is done for a workflow that a person has stopped."""
    with pool().connection() as connection:
        row = connection.execute(
            "select reason from workflows where workflow_id = %s and status = 'cancelled'", [workflow_id]
        ).fetchone()
    if row:
        raise WorkflowCancelled(f"Cancelled: {row['reason']}", f"Go on with: aidev resume {workflow_id}")


def set_budget(workflow_id: str, kind: BudgetKind, cap: float, task_id: str | None = None) -> None:
    """A new cap, in the kind's unit, of a workflow or of one of its todos."""
    with pool().connection() as connection, connection.transaction():
        options, _ = lock(connection, workflow_id)
        if task_id is None:
            changed: dict[str, Any] = {f"budget_{kind}": cap}
        else:
            raised = options.get("todo_caps", {})
            changed = {"todo_caps": {**raised, task_id: {**raised.get(task_id, {}), kind: cap}}}
        connection.execute(
            "update workflows set options = options || %s where workflow_id = %s", [Jsonb(clean(changed)), workflow_id]
        )


def start_clock(workflow_id: str) -> None:
    """Work begins, or goes on after a crash or a person's answer: the time before it is not counted."""
    with pool().connection() as connection:
        connection.execute(
            "update workflows set ticked_at = clock_timestamp(), ticked_by = %s where workflow_id = %s",
            [_PROCESS, workflow_id],
        )


def tick(workflow_id: str) -> None:
    """Count the time since the last tick as work; a clock that stood still starts."""
    with pool().connection() as connection:
        connection.execute(_TICK, {"process": _PROCESS, "workflow_id": workflow_id})


def stop_clock(workflow_id: str) -> None:
    """Count the time since the last tick, then nothing more."""
    with pool().connection() as connection, connection.transaction():
        connection.execute(_TICK, {"process": _PROCESS, "workflow_id": workflow_id})
        connection.execute(
            "update workflows set ticked_at = null, ticked_by = null where workflow_id = %s", [workflow_id]
        )


def lock(connection: Connection, workflow_id: str) -> tuple[Mapping[str, Any], float]:
    """Tick and hold the row until the transaction ends; its options and seconds of work, none without a row."""
    parameters = {"process": _PROCESS, "workflow_id": workflow_id}
    row = connection.execute(_TICK + "returning options, worked_seconds", parameters).fetchone()
    return (row["options"], row["worked_seconds"]) if row else ({}, 0.0)


def standing(connection: Connection, workflow_id: str) -> tuple[Mapping[str, Any], float]:
    """The same as of the last tick, without holding the row."""
    query = "select options, worked_seconds from workflows where workflow_id = %s"
    row = connection.execute(query, [workflow_id]).fetchone()
    return (row["options"], row["worked_seconds"]) if row else ({}, 0.0)


def _move(workflow_id: str, status: WorkflowStatus) -> None:
    with pool().connection() as connection:
        connection.execute(
            "update workflows set status = %s, updated_at = now() where workflow_id = %s and status <> 'cancelled'",
            [status, workflow_id],
        )


def _select(query: LiteralString, value: str | int) -> list[Workflow]:
    """Rows that were written before there were other caps than money have none."""
    with pool().connection() as connection:
        rows = list(connection.execute(query, [value]))
    return [Workflow(**row | {"options": _UNLIMITED | row["options"]}) for row in rows]
