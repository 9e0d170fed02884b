"""The Gemini path over real HTTP: what is sent, and every way in which a service answers badly."""

import json
import time
from collections.abc import Callable

import pytest

from schemas.answers import DiagnosisAnswer, PlanAnswer
from schemas.errors import BudgetExceeded, ModelError, ModelOutputError, ModelUnavailable, UnknownModel
from tests.conftest import Configure
from tests.gemini_server import GeminiServer, Reply, answer, error, message, serving
from tools import ledger
from tools.models import call as calling
from tools.models.ask import CallSite, ask
from tools.models.load import load_model

GOOD = {"failure_class": "timeout", "explanation": "It never ends.", "instructions": "End it."}
FINE = answer(json.dumps(GOOD))
KEY = "AIza" + "S" * 35
Site = Callable[..., CallSite]


@pytest.fixture
def gemini(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> Callable[[GeminiServer], None]:
    """Point the client at a server; no pause between requests."""

    def point(server: GeminiServer, **more: object) -> None:
        configure(GOOGLE_API_KEY=KEY, GOOGLE_GEMINI_BASE_URL=server.url, **more)
        monkeypatch.setattr(calling, "pause", lambda *_: 0.0)

    return point


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Site:
    """A step of a workflow of this test's own."""
    name = request.node.name

    def make(budget: float | None = None, step: str = "t/debugger/1") -> CallSite:
        return CallSite(f"wire-{name}-{time.time_ns()}", "t", 1, step, "gemini-3.8-flash", budget)

    return make


def diagnose(site: CallSite) -> DiagnosisAnswer:
    return ask("debugger", DiagnosisAnswer, "# Debugger\nWhy?", site)


def test_what_is_sent(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    where = site()
    with serving(FINE) as server:
        gemini(server)
        assert diagnose(where).failure_class == "timeout"
    (request,) = server.requests
    assert request.path == "/v1beta/models/gemini-3.8-flash:generateContent"
    assert request.headers["x-goog-api-key"] == KEY
    assert request.prompt == "# Debugger\nWhy?"
    config = request.body["generationConfig"]
    assert config["responseMimeType"] == "application/json"
    assert set(config["responseJsonSchema"]["properties"]) == set(GOOD)
    totals = ledger.totals(where.workflow_id)
    assert (totals.model_calls, totals.input_tokens, totals.output_tokens) == (1, 1000, 100)
    assert totals.cost_usd > 0


def test_every_answer_schema_can_be_sent(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    plan = {"workflow_name": "n", "kind": "general", "items": [], "unreadable": "all of it"}
    with serving(answer(json.dumps(plan))) as server:
        gemini(server)
        assert ask("planner", PlanAnswer, "# Planner", site()).unreadable == "all of it"
    assert "items" in server.requests[0].body["generationConfig"]["responseJsonSchema"]["properties"]


@pytest.mark.parametrize(
    "bad",
    [
        error(429, "RESOURCE_EXHAUSTED", {"Retry-After": "0"}),
        error(500, "INTERNAL"),
        error(503, "UNAVAILABLE"),
        Reply(b"<html>busy</html>", 200, {"Content-Type": "text/html"}),
        Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
        Reply(FINE.body, drop=True),
        Reply(b"", 200),
    ],
    ids=["429", "500", "503", "html", "502-html", "dropped", "nothing"],
)
def test_a_bad_moment_of_the_service_is_got_over(
    bad: Reply, gemini: Callable[[GeminiServer], None], site: Site
) -> None:
    where = site()
    with serving(bad, FINE) as server:
        gemini(server)
        assert diagnose(where).explanation == GOOD["explanation"]
    assert len(server.requests) == 2
    assert ledger.totals(where.workflow_id).model_calls == 2


def test_there_is_one_layer_of_retries(gemini: Callable[..., None], site: Site) -> None:
    with serving(error(429, "RESOURCE_EXHAUSTED")) as server:
        gemini(server, MODEL_TRIES=3)
        with pytest.raises(ModelUnavailable, match="busy"):
            diagnose(site())
    assert len(server.requests) == 3


def test_what_the_service_asks_for_is_waited_for(
    configure: Configure, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    real = calling.pause

    def pause(error: Exception, number: int) -> float:
        waits.append(real(error, number))
        return 0.0

    monkeypatch.setattr(calling, "pause", pause)
    by_body = error(429, "RESOURCE_EXHAUSTED", delay="3s")
    with serving(error(429, "RESOURCE_EXHAUSTED", {"Retry-After": "7"}), by_body, FINE) as server:
        configure(GOOGLE_API_KEY=KEY, GOOGLE_GEMINI_BASE_URL=server.url)
        diagnose(site())
    assert waits == [7.0, 3.0]


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (answer("", "SAFETY"), "SAFETY"),
        (answer("", "RECITATION"), "RECITATION"),
        (message({"promptFeedback": {"blockReason": "SAFETY"}}), "SAFETY|no answer|empty"),
        (answer(json.dumps(GOOD)[:40], "MAX_TOKENS"), "cut off"),
        (answer("", "MAX_TOKENS"), "cut off"),
        (answer(""), "empty"),
        (answer("{]"), "not JSON"),
        (answer('{"failure_class": "bad luck"}'), "failure_class"),
    ],
    ids=["safety", "recitation", "blocked", "truncated", "thinking-only", "empty", "malformed", "invalid"],
)
def test_an_unusable_answer_is_asked_again_with_the_reason(
    bad: Reply, reason: str, gemini: Callable[[GeminiServer], None], site: Site
) -> None:
    where = site()
    with serving(bad, FINE) as server:
        gemini(server)
        assert diagnose(where).instructions == GOOD["instructions"]
    first, second = server.requests
    assert "<refused>" not in first.prompt
    assert "<refused>" in second.prompt
    blocked_before_it_was_read = b"promptFeedback" in bad.body
    assert ledger.totals(where.workflow_id).input_tokens == (1000 if blocked_before_it_was_read else 2000)
    with serving(bad) as server:
        gemini(server)
        with pytest.raises(ModelOutputError, match=reason):
            diagnose(site())
    assert len(server.requests) == 3


@pytest.mark.parametrize("slow", [Reply(FINE.body, delay=5), Reply(FINE.body, drip=0.5)], ids=["slow", "drip"])
def test_a_slow_service_has_a_deadline(slow: Reply, gemini: Callable[..., None], site: Site) -> None:
    with serving(slow) as server:
        gemini(server, MODEL_TIMEOUT=0.7)
        load_model("gemini-3.8-flash")
        started = time.monotonic()
        with pytest.raises(ModelUnavailable, match=r"0\.7 s|busy"):
            diagnose(site())
        assert time.monotonic() - started < 3


@pytest.mark.parametrize(("status", "name"), [(401, "UNAUTHENTICATED"), (403, "PERMISSION_DENIED"), (404, "NOT_FOUND")])
def test_a_wrong_key_is_not_tried_again(
    status: int, name: str, gemini: Callable[[GeminiServer], None], site: Site
) -> None:
    with serving(error(status, name)) as server:
        gemini(server)
        with pytest.raises(UnknownModel) as caught:
            diagnose(site())
    assert len(server.requests) == 1
    assert KEY not in str(caught.value)


def test_a_bad_request_is_not_tried_again(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    with serving(error(400, "INVALID_ARGUMENT")) as server:
        gemini(server)
        with pytest.raises(ModelError):
            diagnose(site())
    assert len(server.requests) == 1


def test_an_answer_is_not_asked_for_twice(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    where = site()
    with serving(FINE) as server:
        gemini(server)
        assert diagnose(where) == diagnose(where)
    assert len(server.requests) == 1


def test_a_spent_budget_stops_the_next_call(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    where = site(budget=0.0001)
    with serving(FINE) as server:
        gemini(server)
        diagnose(where)
        with pytest.raises(BudgetExceeded, match=r"0\.0001"):
            ask("debugger", DiagnosisAnswer, "another", where)
    assert len(server.requests) == 1
