"""Traces: one per workflow, whose id is the workflow's; nothing is loaded unless an OTLP endpoint is set."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from settings import settings
from tools.logs import about

Tell = Callable[..., None]
"""Adds facts to a span."""


def on() -> bool:
    """Whether traces are wanted."""
    return bool(settings().otel_exporter_otlp_endpoint)


def start() -> None:
    """Load and set up what is needed, before the first span, where a delay later would be in the way."""
    if on():
        from tools import spans

        spans.tracer()


@contextmanager
def drive(workflow_id: str) -> Iterator[None]:
    """A process drives a workflow: the span that everything in it hangs on, and the ids on every log line."""
    with about(workflow_id), span("workflow", workflow_id, holds=True):
        yield


@contextmanager
def span(
    name: str, workflow_id: str, task_id: str | None = None, holds: bool = False, **facts: str | float
) -> Iterator[Tell]:
    """Something that takes time, in the trace of its workflow; gives a function that adds facts to it.

    `holds`: what begins meanwhile in the workflow, or in this todo, hangs on it.
    """
    if not on():
        yield lambda **_: None
        return
    from tools import spans

    with spans.opened(name, workflow_id, task_id, facts, holds) as tell:
        yield tell
