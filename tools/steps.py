"""The steps of workflows: each under its ids in logs and traces, and what it took in the database."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from typing import TypeVar

from schemas.ports import Job, Outcome
from state.database import pool
from tools.logs import about
from tools.tracing import span

S = TypeVar("S")
_logger = logging.getLogger(__name__)
_open: dict[tuple[str, str | None], "Step"] = {}


@dataclass
class Step:
    """A role at work."""

    role: str
    """The node's name."""
    workflow_id: str
    task_id: str | None
    attempt: int
    key: str
    """Names the step within its workflow: a repeated one counts once."""
    sandbox_seconds: list[float] = field(default_factory=list)
    """Of each run in the sandbox."""


@contextmanager
def working(role: str, workflow_id: str, key: str, attempt: int = 1, task_id: str | None = None) -> Iterator[None]:
    """A role works; once it has finished, what it took is written down."""
    step, started = Step(role, workflow_id, task_id, attempt, key), time.monotonic()
    with (
        about(workflow_id, task_id, role),
        span(role, workflow_id, task_id, holds=True, role=role, attempt=attempt),
        _at_work(step),
    ):
        yield
        seconds = time.monotonic() - started
        record(step, seconds)
        _logger.info("%s took %.2f s", role, seconds, extra={"attempt": attempt, "seconds": round(seconds, 3)})


def record(step: Step, seconds: float) -> None:
    """Write a finished step down, once."""
    row = {
        **step.__dict__,
        "key": f"{step.workflow_id}/{step.key}",
        "seconds": seconds,
        "runs": len(step.sandbox_seconds),
        "sandbox_seconds": sum(step.sandbox_seconds),
    }
    with pool().connection() as connection:
        connection.execute(
            """insert into steps
                   (step_key, workflow_id, task_id, role, attempt, seconds, sandbox_runs, sandbox_seconds)
               values (%(key)s, %(workflow_id)s, %(task_id)s, %(role)s, %(attempt)s, %(seconds)s, %(runs)s,
                       %(sandbox_seconds)s)
               on conflict (step_key) do nothing""",
            row,
        )


def watched(run: Callable[[S, Job], Outcome]) -> Callable[[S, Job], Outcome]:
    """The run of a sandbox, counted for the step that it is part of, as a span of its own."""

    @wraps(run)
    def watch(sandbox: S, job: Job) -> Outcome:
        step, started = _open.get((job.workflow_id, job.task_id)), time.monotonic()
        with (
            about(job.workflow_id, job.task_id, step.role if step else None),
            span("sandbox", job.workflow_id, job.task_id, commands=len(job.commands)) as tell,
        ):
            outcome = run(sandbox, job)
            tell(ended=outcome.ended, container=outcome.container_id[:12])
        if step:
            step.sandbox_seconds.append(time.monotonic() - started)
        return outcome

    return watch


@contextmanager
def _at_work(step: Step) -> Iterator[None]:
    key = (step.workflow_id, step.task_id)
    _open[key] = step
    try:
        yield
    finally:
        _open.pop(key, None)


def await_end(workflow_id: str) -> None:
    """Return when no step of the workflow is at work in this process any more: a cancelled run leaves its threads."""
    while any(step.workflow_id == workflow_id for step in tuple(_open.values())):
        time.sleep(0.05)
