"""Starts, resumes and reads workflows: the one way in for the command line, notebooks and tests.

One process drives a workflow at a time; every step is in Postgres before the next begins.
"""

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt, StateSnapshot

from graph.developer import builder
from graph.roles import planner
from nodes.approval import fitting
from nodes.ending import ended
from nodes.intake import checked, resolve, written_down
from schemas.decision import Decision
from schemas.errors import AidevError, BadInput, DatabaseUnavailable, DecisionRefused, ImageMissing, SetupError
from settings import settings
from state import workflows
from state.checkpointer import checkpointer
from state.database import workflow_lock
from state.developer import DeveloperState
from state.options import Request, RunContext
from tools.artifacts import open_repository
from tools.caps import UNITS
from tools.caps import checked as checked_cap
from tools.events import emit
from tools.sandbox.docker import engine_status, remove_orphans, remove_workflow
from tools.screen.screen import allowed_rules


def graph() -> CompiledStateGraph[Any, Any, Any, Any]:
    """The workflow graph, with the checkpointer of this process."""
    return _compiled(checkpointer())


@lru_cache(maxsize=1)
def _compiled(saver: PostgresSaver) -> CompiledStateGraph[Any, Any, Any, Any]:
    """Anew only when the database's connections are."""
    return builder.compile(checkpointer=saver, name="developer")


def create(given: Request, context: RunContext) -> str:
    """Check and write down a workflow before anything runs; its id. Raises BadInput and its kind."""
    options = resolve(context)
    request = checked(given)
    workflow_id = str(uuid.uuid4())
    written_down(workflow_id, request, options)
    emit("workflow.created", workflow_id, "driver", request=request["request"], model=options["model"])
    return workflow_id


def run(workflow_id: str, decision: Decision | None = None, task_id: str | None = None) -> StateSnapshot:
    """Drive a workflow until it ends or waits for a person; with a decision, answer what waits first.

    Raises WorkflowBusy when another process drives it, DecisionRefused for an answer that does not fit.
    """
    row = workflows.get(workflow_id)
    with workflow_lock(row.workflow_id):
        remove_orphans()
        remove_workflow(row.workflow_id)
        before = snapshot(row.workflow_id)
        if before.values.get("repository"):
            open_repository(Path(before.values["repository"])).forget_locks(row.workflow_id)
        given = step(row, before, decision, task_id)
        workflows.update(row.workflow_id, "running")
        workflows.start_clock(row.workflow_id)
        try:
            with named():
                graph().invoke(given, config(row.workflow_id), context=context_of(row), durability="sync")
        except AidevError as error:
            paused(row.workflow_id, error)
            raise
        finally:
            workflows.stop_clock(row.workflow_id)
        return snapshot(row.workflow_id)


@contextmanager
def named() -> Iterator[None]:
    """Failures of the machine under their own names; every finished step is kept."""
    try:
        yield
    except psycopg.Error as error:
        said = str(error).splitlines()[0]
        raise DatabaseUnavailable(f"The database failed: {said}", "See to it, then go on with aidev resume.") from error
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        raise SetupError(f"The machine failed: {error.strerror or error}{where}.", "See to it, then resume.") from error


def ready() -> None:
    """Raises EngineUnavailable, ImageMissing or BadInput before anything is started that would need them."""
    allowed_rules(settings().screen_allow)
    found = engine_status()
    if not found["image_present"]:
        raise ImageMissing(f"The sandbox image {found['image']} is not there.", "Build it: make image")


def paused(workflow_id: str, error: AidevError) -> None:
    """A workflow that an error stopped; it can go on from its last finished step."""
    workflows.update(workflow_id, "failed", "error", error.message)
    emit("workflow.paused", workflow_id, "driver", step=str(uuid.uuid4()), reason=error.message)


def step(row: workflows.Workflow, before: StateSnapshot, decision: Decision | None, task_id: str | None) -> Any:
    """What the graph is given: the input at first, an answer to an interrupt, or nothing to go on after a crash."""
    if decision is not None:
        asked = waiting_for(before, task_id)
        fitting(asked.value, decision)
        emit("workflow.resumed", row.workflow_id, "driver", step=asked.id, decision=decision.type)
        return Command(resume={asked.id: decision.model_dump()})
    if again := [entry for entry in before.interrupts if name_of(entry) == "surroundings"]:
        return Command(resume={entry.id: Decision(type="approve").model_dump() for entry in again})
    if before.next or before.values:
        return None
    return dict(row.input)


def name_of(asked: Interrupt) -> str:
    """The question."""
    return str(asked.value["action_requests"][0]["name"])


def waiting_for(before: StateSnapshot, task_id: str | None = None) -> Interrupt:
    """The interrupt that an answer goes to. Raises DecisionRefused when there is none, or more than one."""
    asked = [entry for entry in before.interrupts if task_id in (None, entry.value.get("task_id"))]
    if not asked:
        raise DecisionRefused("Nothing waits for an answer here.", "Look at it with `aidev show ID`.")
    if len(asked) > 1:
        names = ", ".join(entry.value.get("task_id") or name_of(entry) for entry in asked)
        raise DecisionRefused(f"Several answers are needed: {names}.", "Say which one with `--task ID`.")
    return asked[0]


def resumable(workflow_id: str) -> workflows.Workflow:
    """The workflow, if it can go on. Raises UnknownWorkflow, BadInput."""
    row = workflows.get(workflow_id)
    state = snapshot(row.workflow_id)
    if state.values and not state.next:
        raise BadInput(
            f"Workflow {row.workflow_id} has ended: {row.status}.", f"See it with `aidev show {row.workflow_id}`."
        )
    return row


def snapshot(workflow_id: str) -> StateSnapshot:
    """The state as it stands in the database."""
    return graph().get_state(config(workflow_id))


def values(workflow_id: str) -> DeveloperState:
    """The values of the state; only the input before the first step."""
    row = workflows.get(workflow_id)
    found: Mapping[str, Any] = snapshot(row.workflow_id).values
    return DeveloperState(**{**row.input, "workflow_id": row.workflow_id, **found})  # type: ignore[typeddict-item]


def config(workflow_id: str) -> RunnableConfig:
    """The run configuration of a workflow."""
    return {
        "configurable": {"thread_id": workflow_id, "__pregel_strict_resume": True},
        "max_concurrency": settings().max_concurrency,
        "recursion_limit": 1_000,
    }


def context_of(row: workflows.Workflow) -> RunContext:
    """The run context, as the workflow was started with."""
    return RunContext(**row.options)


def plan(given: Request, context: RunContext) -> dict[str, Any]:
    """Plan only: the todo list."""
    workflow_id = create(given, context)
    row = workflows.get(workflow_id)
    found = planner.invoke(dict(row.input), config(workflow_id), context=context_of(row))
    if found.get("over_budget"):
        raise BadInput(found["over_budget"], "Plan with a larger budget.")
    ended(workflow_id, "completed", "planned", "planned only")
    plan: dict[str, Any] = found["plan"]
    return plan


def raise_budget(workflow_id: str, **caps: float | None) -> None:
    """Set caps anew, by kind: usd, tokens, calls, seconds; None leaves one as it is. Raises BadInput."""
    row = workflows.get(workflow_id)
    given = {kind: checked_cap(f"budget_{kind}", kind, caps[kind]) for kind in UNITS if kind in caps}
    for kind, cap in given.items():
        if cap is not None:
            workflows.set_budget(row.workflow_id, kind, cap)
