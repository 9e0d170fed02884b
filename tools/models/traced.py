"""Model calls as spans, by OpenInference; prompts and answers are left out unless OTEL_CONTENT is set."""

from typing import Any

from langchain_core.tracers.schemas import Run
from openinference.instrumentation import OITracer, TraceConfig
from openinference.instrumentation.langchain._tracer import OpenInferenceTracer
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from settings import settings
from tools import ledger, spans

FACTS = ("workflow_id", "task_id", "role", "attempt")
"""What a call says of itself in its metadata."""


class ModelSpans(OpenInferenceTracer):
    """A span for each request to a model, below the step that made it; chains and graphs make none."""

    def __init__(self, provider: TracerProvider) -> None:
        shown = settings().otel_content
        config = TraceConfig(
            hide_inputs=not shown,
            hide_outputs=not shown,
            hide_llm_invocation_parameters=not shown,
            hide_llm_tools=not shown,
        )
        super().__init__(OITracer(trace.get_tracer("aidev.models", None, provider), config=config), False)  # type: ignore[arg-type]
        self._shown = shown

    @property
    def ignore_chain(self) -> bool:
        """Steps have spans of their own."""
        return True

    def on_llm_error(self, error: BaseException, *args: Any, **kwargs: Any) -> Run:
        """Its text may hold what the model was told."""
        return super().on_llm_error(error if self._shown else _Unsaid(type(error).__name__), *args, **kwargs)

    def _start_trace(self, run: Run) -> None:  # type: ignore[override]
        facts = _facts(run)
        with spans.below(str(facts.get("workflow_id")), facts.get("task_id")):
            super()._start_trace(run)

    def _end_trace(self, run: Run) -> None:  # type: ignore[override]
        if span := self.get_span(run.id):
            facts = _facts(run)
            span.update_name("model")
            span.set_attributes({f"aidev.{name}": value for name, value in facts.items()})
            span.set_attributes(_used(run))
        super()._end_trace(run)


class _Unsaid(Exception):
    """An error of which only the name is told."""


def _facts(run: Run) -> dict[str, Any]:
    metadata = (run.extra or {}).get("metadata") or {}
    return {name: metadata[name] for name in FACTS if metadata.get(name) is not None}


def _used(run: Run) -> dict[str, str | float]:
    """The model, and US dollars where the answer says what it used."""
    answers = [one["message"]["kwargs"] for batch in (run.outputs or {}).get("generations", []) for one in batch]
    used: dict[str, str | float] = {}
    for answer in answers:
        model, usage = str(answer["response_metadata"].get("model_name", "")), answer.get("usage_metadata")
        used["llm.model_name"] = model
        if usage:
            used["llm.cost.total"] = float(ledger.cost(model, usage["input_tokens"], usage["output_tokens"]))
    return used
