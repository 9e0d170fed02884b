"""The spans themselves, by OpenTelemetry; loaded only when an endpoint is set."""

import atexit
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import lru_cache
from threading import Lock
from uuid import NAMESPACE_URL, UUID, uuid5

from langchain_core.tracers.context import register_configure_hook
from opentelemetry import trace
from opentelemetry.context import Context, attach, detach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.trace import Span, Status, StatusCode, Tracer

from settings import settings
from tools.tracing import Tell

FLUSH_SECONDS = 1.0
"""For what is not sent yet when the process ends."""
_logger = logging.getLogger(__name__)
_next_trace: ContextVar[int] = ContextVar("next_trace", default=0)
_open: dict[tuple[str, str | None], Span] = {}
"""The span that a workflow, or one of its todos, is in. Not OpenTelemetry's context: the threads that call models and
run sandboxes inherit none, yet know these ids."""


@contextmanager
def opened(
    name: str, workflow_id: str, task_id: str | None, facts: Mapping[str, str | float], holds: bool
) -> Iterator[Tell]:
    """A span below the one that is open for the todo, or for the workflow; the content of an error is left out.

    `holds`: what begins meanwhile hangs on it.
    """
    span = begun(name, workflow_id, task_id)
    told = {"workflow_id": workflow_id, **({"task_id": task_id} if task_id else {}), **facts}

    def tell(**more: str | float) -> None:
        span.set_attributes({f"aidev.{fact}": value for fact, value in more.items()})

    tell(**told)
    try:
        with _held((workflow_id, task_id), span) if holds else nullcontext():
            yield tell
    except Exception as error:
        span.set_status(Status(StatusCode.ERROR, type(error).__name__))
        raise
    finally:
        span.end()


def begun(name: str, workflow_id: str, task_id: str | None) -> Span:
    """A new span in the workflow's trace."""
    attributes = {"session.id": workflow_id, "openinference.span.kind": "CHAIN"}
    with below(workflow_id, task_id):
        return tracer().start_span(name, attributes=attributes)


@contextmanager
def below(workflow_id: str, task_id: str | None) -> Iterator[None]:
    """Spans that start meanwhile hang on the one that is open here for the todo or the workflow, if there is one."""
    parent = _open.get((workflow_id, task_id)) or _open.get((workflow_id, None))
    token = attach(trace.set_span_in_context(parent, Context()) if parent else Context())
    _next_trace.set(trace_id(workflow_id))
    try:
        yield
    finally:
        _next_trace.set(0)
        detach(token)


def trace_id(workflow_id: str) -> int:
    """The workflow's UUID."""
    try:
        return UUID(workflow_id).int
    except ValueError:
        return uuid5(NAMESPACE_URL, workflow_id).int


@contextmanager
def _held(key: tuple[str, str | None], span: Span) -> Iterator[None]:
    before = _open.get(key)
    _open[key] = span
    try:
        yield
    finally:
        _open.pop(key)
        if before:
            _open[key] = before


@lru_cache(maxsize=1)
def tracer() -> Tracer:
    """The tracer of this process; model calls are watched from now on.

    Not OpenTelemetry's global one, in which LangGraph's server would open a trace for each request.
    """
    from tools.models.traced import ModelSpans

    provider = TracerProvider(
        resource=Resource.create({SERVICE_NAME: "aidev"}), id_generator=_Ids(), shutdown_on_exit=False
    )
    endpoint = str(settings().otel_exporter_otlp_endpoint).rstrip("/") + "/v1/traces"
    processor = BatchSpanProcessor(_Exporter(endpoint))
    provider.add_span_processor(processor)
    atexit.register(_flush, processor)
    models = ModelSpans(provider)
    register_configure_hook(ContextVar("model_spans", default=models), inheritable=True)
    return provider.get_tracer("aidev")


def _flush(processor: BatchSpanProcessor) -> None:
    """Its own `shutdown` would wait for half a minute."""
    processor._batch_processor.shutdown(timeout_millis=int(FLUSH_SECONDS * 1000))


class _Ids(RandomIdGenerator):
    """The id of a trace is that of its workflow."""

    def generate_trace_id(self) -> int:
        """Of the workflow whose span begins; a random one for what belongs to none."""
        return _next_trace.get() or super().generate_trace_id()


class _Exporter(SpanExporter):
    """Sends spans by OTLP; where that fails it says so once, and the work goes on."""

    def __init__(self, endpoint: str) -> None:
        logging.getLogger("opentelemetry.exporter").setLevel(logging.CRITICAL)
        self._endpoint = endpoint
        self._inner = OTLPSpanExporter(endpoint=endpoint)
        self._sending = self._warned = False
        self._warning = Lock()

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Whether they have arrived."""
        self._sending = True
        result = self._inner.export(spans)
        self._sending = False
        if result is SpanExportResult.SUCCESS:
            self._warned = False
        else:
            self._warn()
        return result

    def shutdown(self) -> None:
        """Give up what is being sent."""
        self._inner.shutdown()  # type: ignore[no-untyped-call]
        if self._sending:
            self._warn()

    def _warn(self) -> None:
        with self._warning:
            if not self._warned:
                _logger.warning("Traces cannot be sent to %s; the work goes on without them", self._endpoint)
            self._warned = True
