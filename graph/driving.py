"""What stands around every run of a graph, whoever starts it: alone, cleaned up before, accounted for after."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from graph.graphs import opened
from nodes.ending import ended
from schemas.errors import AidevError, DatabaseUnavailable, SetupError, WorkflowCancelled
from state import drives, questions, workflows
from state.database import connected, pool, workflow_lock
from state.drives import Driver
from tools.artifacts import open_repository
from tools.events import emit
from tools.sandbox.docker import remove_orphans, remove_workflow


@contextmanager
def driving(workflow_id: str, graph: str, driver: Driver) -> Iterator[None]:
    """Nobody else drives the workflow meanwhile. Raises WorkflowBusy."""
    with workflow_lock(workflow_id):
        drives.taken_over(workflow_id, graph, driver)
        yield


@contextmanager
def working(workflow_id: str, graph: str) -> Iterator[None]:
    """It runs; how it stands afterwards is written down. Errors of the machine get their own names."""
    workflows.begin(workflow_id)
    try:
        with named():
            clean_up(workflow_id, graph)
            yield
    except (WorkflowCancelled, DatabaseUnavailable):
        raise
    except AidevError as error:
        paused(workflow_id, error)
        raise
    else:
        conclude(workflow_id, graph)
    finally:
        with suppress(psycopg.Error):  # what a database that is away does not count is not counted
            workflows.stop_clock(workflow_id)


def clean_up(workflow_id: str, graph: str) -> None:
    """Remove what a process that died has left behind. Raises EngineUnavailable."""
    remove_orphans()
    remove_workflow(workflow_id)
    repository = opened(graph).get_state({"configurable": {"thread_id": workflow_id}}).values.get("repository")
    if repository:
        open_repository(Path(repository)).forget_locks(workflow_id)


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


def paused(workflow_id: str, error: AidevError) -> None:
    """A workflow that an error stopped; it can go on from its last finished step."""
    row = workflows.find(workflow_id)
    if row is None or row.status not in ("running", "waiting"):
        return
    workflows.update(workflow_id, "failed", "error", error.message)
    emit("workflow.paused", workflow_id, "driver", step=str(uuid.uuid4()), reason=error.message)


def cancelled(workflow_id: str, reason: str, at_once: bool = False) -> bool:
    """Stop a workflow that runs or waits, and tell it; whether it did. `at_once`: this process is about to end."""
    facts = {"status": "cancelled", "stop_reason": "cancelled", "reason": reason}
    with connected() if at_once else pool().connection() as connection, connection.transaction():
        if not workflows.cancel(connection, workflow_id, reason):
            return False
        step = str(uuid.uuid4())
        emit("workflow.failed", workflow_id, "driver", step=step, connection=connection, tell=not at_once, **facts)
    return True


def conclude(workflow_id: str, graph: str) -> None:
    """Where a run that ended by itself has left a workflow that still counts as running."""
    state = opened(graph).get_state({"configurable": {"thread_id": workflow_id}})
    questions.withdraw(workflow_id, but=[asked.id for asked in state.interrupts])
    row = workflows.find(workflow_id)
    if row is None or row.status != "running":
        return
    if state.next:
        if questions.open_of(workflow_id):
            workflows.waits(workflow_id)
    elif "status" in state.values and state.values["status"] != "running":
        workflows.update(workflow_id, state.values["status"], state.values["stop_reason"], state.values["reason"])
    elif failure := state.values.get("failure"):
        ended(workflow_id, "failed", "todos_failed", f"{failure['failure_class'] or 'failed'}: {failure['summary']}")
    else:
        ended(workflow_id, "completed", "planned" if graph == "planner" else "completed", f"{graph}: done")
