"""The Gemini path over real HTTP: what is sent, and every way in which a service answers badly."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from email.utils import formatdate
from pathlib import Path

import pytest

from schemas.answers import CoderAnswer, DiagnosisAnswer, PlanAnswer
from schemas.errors import ModelError, ModelOutputError, ModelUnavailable, UnknownModel
from tests.conftest import Configure
from tests.gemini_server import GeminiServer, Reply, answer, by_script, error, message, serving
from tools import ledger
from tools.models import call as calling
from tools.models.ask import CallSite, ask, tokens_of
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

    def make(step: str = "t/debugger/1") -> CallSite:
        return CallSite(f"wire-{name}-{time.time_ns()}", "t", 1, step, "gemini-3.8-flash")

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
    assert set(config["responseJsonSchema"]["properties"]) == set(GOOD) | {"evidence"}
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
        error(408, "DEADLINE_EXCEEDED"),
        error(500, "INTERNAL"),
        error(503, "UNAVAILABLE"),
        Reply(b"<html>busy</html>", 200, {"Content-Type": "text/html"}),
        Reply(b"<html>bad gateway</html>", 502, {"Content-Type": "text/html"}),
        Reply(FINE.body, drop=True),
        Reply(b"", 200),
    ],
    ids=["429", "408", "500", "503", "html", "502-html", "dropped", "nothing"],
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


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_wait_beyond_the_deadline_is_told_and_not_cut_short(form: str, configure: Configure, site: Site) -> None:
    asked = "500" if form == "seconds" else formatdate(time.time() + 500, usegmt=True)
    with serving(error(429, "RESOURCE_EXHAUSTED", {"Retry-After": asked}), FINE) as server:
        configure(GOOGLE_API_KEY=KEY, GOOGLE_GEMINI_BASE_URL=server.url)
        with pytest.raises(ModelUnavailable) as caught:
            diagnose(site())
    assert len(server.requests) == 1
    assert caught.value.retry_after == pytest.approx(500, abs=30)
    assert "Try again in" in caught.value.hint


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (answer("", "SAFETY"), "SAFETY"),
        (answer("", "RECITATION"), "RECITATION"),
        (message({"promptFeedback": {"blockReason": "SAFETY"}}), "SAFETY|no answer|empty"),
        (answer(json.dumps(GOOD)[:40], "MAX_TOKENS"), "cut off"),
        (answer("", "MAX_TOKENS", thought="Let me see."), "cut off"),
        (answer(""), "empty"),
        (answer("{]"), "not JSON"),
        (answer('{"failure_class": "bad luck"}'), "failure_class"),
        (answer("[" * 600 + "]" * 600), "nested too deeply"),
        (answer(json.dumps(GOOD), ""), "no finish_reason"),
        (message({"candidates": []}), "no finish_reason"),
    ],
    ids=[
        *("safety", "recitation", "blocked", "truncated", "thinking-only", "empty", "malformed", "invalid"),
        *("deep", "unfinished", "no-candidates"),
    ],
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
    tokens_are_told = b'"candidates": [{' in bad.body
    counted = ledger.totals(where.workflow_id)
    estimated = tokens_of(first.prompt)
    assert counted.input_tokens == 1000 + (1000 if tokens_are_told else estimated)
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


def test_a_mistyped_key_has_a_way_out(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    body = {"code": 400, "message": "API key not valid.", "details": [{"reason": "API_KEY_INVALID"}]}
    with serving(Reply(json.dumps({"error": body}).encode(), 400)) as server:
        gemini(server)
        with pytest.raises(UnknownModel, match=r"refused: API key not valid\.\nCheck the key"):
            diagnose(site())
    assert len(server.requests) == 1


def test_a_key_that_the_service_repeats_is_not_shown(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    with serving(error(403, "PERMISSION_DENIED", said=f"Consumer 'api_key:{KEY}' has been suspended.")) as server:
        gemini(server)
        with pytest.raises(UnknownModel, match="suspended") as caught:
            diagnose(site())
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("status", [400, 413, 499])
def test_a_bad_request_is_not_tried_again(status: int, gemini: Callable[[GeminiServer], None], site: Site) -> None:
    with serving(error(status, "INVALID_ARGUMENT", said="too much")) as server:
        gemini(server)
        with pytest.raises(ModelError, match="refused the request: too much"):
            diagnose(site())
    assert len(server.requests) == 1


def test_an_answer_is_not_asked_for_twice(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    where = site()
    with serving(FINE) as server:
        gemini(server)
        assert diagnose(where) == diagnose(where)
    assert len(server.requests) == 1


def test_a_broken_answer_of_any_length_is_refused_at_once(gemini: Callable[..., None], site: Site) -> None:
    code = "".join(f"def f{number}(x):\n    return x\n" for number in range(3000))
    text = json.dumps({"files": [{"path": "a.py", "content": code}]})
    unescaped_quote = text.replace("def f3(", 'x" y "def f3(')
    with serving(answer(unescaped_quote), answer(text)) as server:
        gemini(server, MODEL_TIMEOUT=5)
        assert ask("coder", CoderAnswer, "# Coder", site()).files[0].content == code
    assert "not JSON" in server.requests[1].prompt


def test_thoughts_are_no_part_of_the_answer(gemini: Callable[[GeminiServer], None], site: Site) -> None:
    with serving(answer(json.dumps(GOOD), thought="Let me see.")) as server:
        gemini(server)
        assert diagnose(site()).explanation == GOOD["explanation"]


def test_the_provider_s_name_leads_to_the_same_client(gemini: Callable[..., None], site: Site) -> None:
    where = replace(site(), model="google_genai:gemini-3.8-flash")
    with serving(error(500, "INTERNAL")) as server:
        gemini(server, MODEL_TRIES=2)
        with pytest.raises(ModelUnavailable):
            diagnose(where)
    assert len(server.requests) == 2


@pytest.mark.parametrize("scripted", ["rate_limit", "server_error", "timeout", "safety", "truncated", "malformed"])
def test_a_script_speaks_over_http(
    scripted: str, tmp_path: Path, gemini: Callable[[GeminiServer], None], site: Site
) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps([{"role": "debugger", "error": scripted}, {"role": "debugger", "respond": GOOD}]))
    with serving(by_script(path)) as server:
        gemini(server)
        assert diagnose(site()).explanation == GOOD["explanation"]
        assert len(server.requests) == 2
        with pytest.raises(ModelError, match=r"no entry left for the debugger"):
            diagnose(site())
