"""The roles by themselves: give one a task, see what each does."""

import asyncio
from typing import Any

from fastapi import APIRouter

from schemas.roles import AgentRole
from server import acting
from server.access.roles import Operator, Reader
from server.answers import AgentStatus, Started
from server.models import AgentTaskIn
from server.problems import documented
from server.routes.orchestrator import started
from server.routes.planner import Key
from state import workflows
from state.database import pool
from state.idempotency import workflow_for
from tools.agents import NO_WORKFLOW

router = APIRouter(prefix="/agent", tags=["agents"])
_CALLS = """
    select count(*) filter (where status = 'answered') as model_calls,
           count(*) filter (where status in ('failed', 'lost')) as failed_calls,
           coalesce(sum(cost_usd), 0)::float as cost_usd
    from model_calls where role = %(role)s"""
_TASKS = """
    select distinct on (workflow_id, task_id) workflow_id, coalesce(task_id, '') as task_id, data->>'stage' as stage
    from events join workflows using (workflow_id)
    where workflows.status = 'running' and event_type = 'task.progress' and data ? 'stage'
    order by workflow_id, task_id, seq desc"""
_SEEN = """
    select greatest(
        (select max(at) from steps where role = %(role)s),
        (select "timestamp" from events where workflow_id = %(nobody)s and event_type <> 'agent.offline'
         order by seq desc limit 1)) as last_seen"""


@router.post("/{role}/task", status_code=202, responses=documented(404, 415, 422, 503))
async def task(role: AgentRole, body: AgentTaskIn, by: Operator, key: Key = None) -> Started:
    """Give one role a task; its workflow tells how it went."""
    given = body.model_dump()
    workflow_id = await asyncio.to_thread(workflow_for, by.name, key, f"agent/{role}", given)
    await acting.agent_task(role, given, workflow_id)
    return started(workflow_id, (await asyncio.to_thread(workflows.get, workflow_id)).status)


@router.get("/{role}/status", responses=documented(422))
def status(role: AgentRole, by: Reader) -> AgentStatus:
    """What a role does now, and what it has done."""
    with pool().connection() as connection:
        calls: dict[str, Any] = connection.execute(_CALLS, {"role": role}).fetchone() or {}
        seen = connection.execute(_SEEN, {"role": role, "nobody": NO_WORKFLOW}).fetchone() or {}
        rows = connection.execute(_TASKS).fetchall()
    tasks = [{"workflow_id": row["workflow_id"], "task_id": row["task_id"]} for row in rows if row["stage"] == role]
    return AgentStatus(role=role, status="busy" if tasks else "idle", tasks=tasks, **calls, **seen)
