"""Starts, resumes and reads workflows: the one way in for the command line, notebooks and tests.

One process drives a workflow at a time; every step is in Postgres before the next begins.
"""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import psycopg
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command, Interrupt, StateSnapshot

from graph.answering import answer
from graph.driving import cancelled, driving, paused, working
from graph.graphs import opened
from graph.roles import planner
from nodes.ending import ended
from nodes.intake import check_external, checked, resolve, written_down
from schemas.decision import Decision
from schemas.errors import BadInput, DatabaseUnavailable, EngineUnavailable, ImageMissing, NothingWaits
from settings import settings
from state import drives, questions, workflows
from state.developer import DeveloperState
from state.drives import Driver
from state.options import Options, Request, RunContext
from tools.caps import UNITS
from tools.caps import checked as checked_cap
from tools.events import emit
from tools.sandbox.docker import engine_status, remove_workflow
from tools.screen.screen import allowed_rules
from tools.tracing import drive


def create(given: Request, context: RunContext, workflow_id: str = "", driver: Driver = "cli") -> str:
    """Check and write down a workflow before anything runs; its id, the one given or a new one. Raises BadInput."""
    options, request = resolve(context), checked(given)
    check_external(options, request)
    return written(workflow_id or str(uuid.uuid4()), request, options, "developer", driver)


def written(workflow_id: str, request: Request, options: Options, graph: str, driver: Driver) -> str:
    """Write a workflow down, and who drives it by which graph; its id."""
    drives.taken_over(workflow_id, graph, driver)
    written_down(workflow_id, request, options)
    emit("workflow.created", workflow_id, "driver", request=request["request"], model=options["model"])
    return workflow_id


def run(workflow_id: str, decision: Decision | None = None, task_id: str | None = None) -> StateSnapshot:
    """Drive a workflow until it ends or waits for a person; with a decision, answer what waits first.

    Raises WorkflowBusy when another process drives it, DecisionRefused for an answer that does not fit.
    """
    row = workflows.get(workflow_id)
    name = drives.of(row.workflow_id).graph
    with drive(row.workflow_id), driving(row.workflow_id, name, "cli"):
        if decision is not None:
            answer(row.workflow_id, decision, questions.this_person(), task_id=task_id)
        given = step(row, snapshot(row.workflow_id))
        try:
            with working(row.workflow_id, name):
                opened(name).invoke(given, config(row.workflow_id), context=context_of(row), durability="sync")
        except DatabaseUnavailable as error:
            with suppress(psycopg.Error):  # it may be back by now
                paused(row.workflow_id, error)
            raise
        return snapshot(row.workflow_id)


def ready() -> None:
    """Raises EngineUnavailable, ImageMissing or BadInput before anything is started that would need them."""
    allowed_rules(settings().screen_allow)
    found = engine_status()
    if not found["image_present"]:
        raise ImageMissing(f"The sandbox image {found['image']} is not there.", "Build it: make image")


def step(row: workflows.Workflow, before: StateSnapshot, again: bool = True) -> Any:
    """What the graph is given: the input at first, the answers to what waits, or nothing to go on after a crash.

    `again`: what waits for its surroundings tries once more.
    """
    given = {asked.interrupt_id: asked.answer for asked in questions.of_workflow(row.workflow_id) if asked.answer}
    answers = {entry.id: given[entry.id] for entry in before.interrupts if entry.id in given}
    if not answers and again:
        lasting = [entry for entry in before.interrupts if name_of(entry) == "surroundings"]
        answers = {entry.id: Decision(type="approve").model_dump() for entry in lasting}
    if answers:
        return Command(resume=answers)
    return None if before.next or before.values else dict(row.input)


def name_of(asked: Interrupt) -> str:
    """The question."""
    return str(asked.value["action_requests"][0]["name"])


def cancel(workflow_id: str, why: str, by: str = "") -> str:
    """Stop a workflow where it is; what was done, in a sentence. Raises NothingWaits when it has ended.

    Whoever drives it notices before its next step; what runs in the sandbox is ended at once.
    """
    row = workflows.get(workflow_id)
    said = f"cancelled by {by or questions.this_person()}" + (f": {why}" if why else "")
    if not cancelled(row.workflow_id, said):
        raise NothingWaits(f"The workflow has ended: {row.status}.", "Only what runs or waits can be cancelled.")
    with suppress(EngineUnavailable):  # where no engine answers, nothing runs in the sandbox
        remove_workflow(row.workflow_id)
    return f"{row.workflow_id} is {said}"


def told_resumed(workflow_id: str, by: str) -> None:
    """Tell that a person lets a workflow go on."""
    emit("workflow.resumed", workflow_id, "driver", step=str(uuid.uuid4()), by=by)


def resumable(workflow_id: str) -> workflows.Workflow:
    """The workflow, if it can go on. Raises UnknownWorkflow, BadInput."""
    row = workflows.get(workflow_id)
    state = snapshot(row.workflow_id)
    if state.values and not state.next:
        raise BadInput(f"Workflow {row.workflow_id} has ended: {row.status}.", "Its status tells what came of it.")
    return row


def snapshot(workflow_id: str) -> StateSnapshot:
    """The state as it stands in the database."""
    return opened(drives.of(workflow_id).graph).get_state(config(workflow_id))


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
