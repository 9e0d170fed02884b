"""One trace per workflow, with its steps, model calls, sandbox runs and commits; nothing of what was said in them."""

import json
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.conftest import NOBODY_LISTENS

ROOT = Path(__file__).parents[2]
WORKFLOW = str(uuid.UUID(int=2**127 + 5))
SCRIPTED = """
import sys
from pathlib import Path
from tests.e2e import scripted
from tools import tracing
entries = [scripted.plan("counts"), scripted.given("architect"), scripted.given("coder")]
flow = scripted.start(Path(sys.argv[1]), entries)
with tracing.drive(flow.workflow_id):
    flow.go()
print(flow.workflow_id, flow.result["status"])
"""
DRIVEN = f"""
from tools import tracing
with tracing.drive("{WORKFLOW}"):
    with tracing.span("commit", "{WORKFLOW}", "t1", role="coder") as tell:
        tell(commit="abc")
"""
FAILED = f"""
from tools import tracing
try:
    with tracing.drive("{WORKFLOW}"):
        raise ValueError("what was said")
except ValueError:
    pass
"""
ASKED = f"""
from tools import ledger, tracing
from tools.models.traced import ModelSpans
from tools.models.local import LocalModel, reply
class Model(LocalModel):
    @property
    def _llm_type(self):
        return "gemini"
    def _answer(self, call, prompt):
        if prompt == "fail":
            raise ValueError("what was said")
        message = reply("the answer", "gemini-3.5-flash-lite")
        message.usage_metadata = {{"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}}
        return message
tracing.start()
facts = {{"role": "coder", "task_id": "t1", "attempt": 2, "workflow_id": "{WORKFLOW}"}}
with tracing.drive("{WORKFLOW}"):
    Model().invoke("the prompt", config={{"metadata": facts}})
    try:
        Model().invoke("fail", config={{"metadata": facts}})
    except ValueError:
        pass
print(ledger.cost("gemini-3.5-flash-lite", 1000, 100))
"""


@dataclass
class Collector:
    """An OTLP endpoint."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[Span]:
        """Everything that has arrived."""
        requests = map(ExportTraceServiceRequest.FromString, self.bodies)
        return [
            span for request in requests for one in request.resource_spans for s in one.scope_spans for span in s.spans
        ]

    def named(self, name: str) -> list[Span]:
        """Those of this name."""
        return [span for span in self.spans if span.name == name]

    def one(self, name: str) -> Span:
        """The only one of this name."""
        (found,) = self.named(name)
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A real one, on a port of its own."""
    found = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            found.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        yield found
        server.shutdown()


def run(program: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program in a process of its own, to its end."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    return done


def facts(span: Span) -> dict[str, Any]:
    """Its attributes."""
    kinds = [(one.key, one.value, one.value.WhichOneof("value")) for one in span.attributes]
    return {key: getattr(value, str(kind)) for key, value, kind in kinds}


def test_a_workflow_is_one_trace(collector: Collector, tmp_path: Path, sandbox_image: str) -> None:
    done = run(SCRIPTED, str(tmp_path), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, MUTATION_SAMPLE="0", BACKOFF="0")
    workflow_id, status = done.stdout.split()
    assert status == "completed"
    assert {span.trace_id.hex() for span in collector.spans} == {uuid.UUID(workflow_id).hex}

    by_id = {span.span_id: span for span in collector.spans}
    (root,) = [span for span in collector.spans if not span.parent_span_id]
    assert root.name == "workflow"
    architect, coder, tester = map(collector.one, ("architect", "coder", "tester"))
    assert {by_id[span.parent_span_id].name for span in (architect, coder, tester)} == {"workflow"}
    assert facts(coder) | {"aidev.role": "coder", "aidev.attempt": 1, "aidev.task_id": "counts"} == facts(coder)

    models = {facts(span)["aidev.role"]: span for span in collector.named("model")}
    assert set(models) == {"planner", "architect", "coder"}
    assert models["coder"].parent_span_id == coder.span_id
    assert models["architect"].parent_span_id == architect.span_id
    assert facts(models["coder"])["aidev.task_id"] == "counts"

    commits = {facts(span)["aidev.role"]: span for span in collector.named("commit")}
    assert commits["coder"].parent_span_id == coder.span_id
    assert len(facts(commits["coder"])["aidev.commit"]) == 40
    runs = [span for span in collector.named("sandbox") if span.parent_span_id == tester.span_id]
    assert {facts(span)["aidev.ended"] for span in runs} == {"finished"}
    for said in (b"Build a small text library", b"count_words", b"def "):
        assert not any(said in body for body in collector.bodies)


def test_runs_before_and_after_a_crash_are_in_the_same_trace(collector: Collector) -> None:
    for _ in range(2):
        run(DRIVEN, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert {span.trace_id for span in collector.spans} == {uuid.UUID(WORKFLOW).bytes}
    assert len({span.span_id for span in collector.named("workflow")}) == 2
    assert {span.parent_span_id for span in collector.named("commit")} == {
        span.span_id for span in collector.named("workflow")
    }
    assert facts(collector.named("commit")[0])["aidev.commit"] == "abc"


def test_a_model_call_that_nothing_is_open_for_is_in_its_workflows_trace(collector: Collector) -> None:
    run(ASKED.replace("with tracing.drive", "if True or"), OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    assert {span.trace_id for span in collector.spans} == {uuid.UUID(WORKFLOW).bytes}
    assert {span.parent_span_id for span in collector.spans} == {b""}


def test_of_an_error_only_the_name_is_told(collector: Collector) -> None:
    run(FAILED, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url)
    span = collector.one("workflow")
    assert (span.status.code, span.status.message) == (span.status.STATUS_CODE_ERROR, "ValueError")
    assert not any(b"what was said" in body for body in collector.bodies)


@pytest.mark.parametrize("shown", [False, True])
def test_a_model_call_tells_its_cost_and_its_content_only_when_asked(collector: Collector, shown: bool) -> None:
    done = run(ASKED, OTEL_EXPORTER_OTLP_ENDPOINT=collector.url, OTEL_CONTENT=json.dumps(shown))
    answered, failed = sorted(collector.named("model"), key=lambda span: span.start_time_unix_nano)
    told = facts(answered)
    assert told["llm.cost.total"] == pytest.approx(float(done.stdout)) and float(done.stdout) > 0
    assert (told["llm.token_count.prompt"], told["llm.token_count.completion"]) == (1000, 100)
    assert told["llm.model_name"] == "gemini-3.5-flash-lite"
    assert (told["aidev.role"], told["aidev.attempt"], told["aidev.task_id"]) == ("coder", 2, "t1")
    assert failed.status.code == failed.status.STATUS_CODE_ERROR
    for said in (b"the prompt", b"the answer", b"what was said"):
        assert any(said in body for body in collector.bodies) is shown, said


def test_an_endpoint_that_is_away_is_one_warning() -> None:
    done = run(DRIVEN, OTEL_EXPORTER_OTLP_ENDPOINT=NOBODY_LISTENS, OTEL_BSP_SCHEDULE_DELAY="1")
    assert done.stderr.count("Traces cannot be sent") == 1
    assert "Traceback" not in done.stderr and "Retrying" not in done.stderr


def test_without_an_endpoint_nothing_is_loaded() -> None:
    done = run(f"{DRIVEN}\nimport sys\nprint([name for name in sys.modules if name.startswith('opentelemetry')])")
    assert done.stdout.strip() == "[]"
