"""Asking: once per step, within the tries, with the reason for a refusal."""

import json
import threading
import time
import uuid
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from schemas.answers import DiagnosisAnswer
from schemas.errors import (
    BadInput,
    BudgetExceeded,
    ModelOutputError,
    ModelUnavailable,
    ScriptExhausted,
    UnknownModel,
)
from state import workflows
from tests.conftest import Configure
from tests.gemini_server import answer, serving
from tools import ledger
from tools.budget import OUTPUT_TOKENS
from tools.events import recorded
from tools.models import ask as asking
from tools.models import call as calling
from tools.models import load as loading
from tools.models.ask import CallSite, ask
from tools.models.load import check_model, default_model, load_model, retirement

GOOD = {"failure_class": "timeout", "explanation": "It never ends.", "instructions": "End it."}
Entries = list[dict[str, Any]]


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A step whose model answers these entries."""
    monkeypatch.setattr(calling, "pause", lambda *_: 0.0)

    def make(*entries: dict[str, Any], task_id: str = "t1", attempt: int = 1) -> CallSite:
        path = tmp_path / f"{uuid.uuid4().hex}.yaml"
        path.write_text(yaml.safe_dump([{"role": "debugger", **entry} for entry in entries]))
        return CallSite(str(uuid.uuid4()), task_id, attempt, "t1/debugger/1", f"script:{path}")

    return make


def diagnose(site: CallSite, prompt: str = "Why?", **more: Any) -> DiagnosisAnswer:
    return ask("debugger", DiagnosisAnswer, prompt, site, **more)


def test_an_answer_survives_the_process(script: Any) -> None:
    site = script({"respond": GOOD})
    first = diagnose(site)
    asking._models.clear()
    assert diagnose(site) == first
    assert ledger.totals(site.workflow_id).model_calls == 1


def test_every_request_counts_against_the_workflow_s_budget(script: Any) -> None:
    site = script({"error": "server_error"}, {"respond": GOOD}, {"respond": GOOD}, {"respond": GOOD})
    written_down(site, budget_calls=3)
    diagnose(site, "one")
    diagnose(site, "two")
    with pytest.raises(BudgetExceeded, match="3 model calls of 3 model calls are spent"):
        diagnose(site, "three")
    assert ledger.script_entries(site.workflow_id) == [0, 1, 2]
    workflows.set_budget(site.workflow_id, "calls", 4)
    diagnose(site, "three")


def test_what_was_answered_is_free_when_it_is_met_again_in_a_fork(script: Any) -> None:
    site = script({"respond": GOOD})
    written_down(site, budget_calls=1)
    first = diagnose(site)
    assert diagnose(replace(site, spent_seconds=99.0)) == first
    assert ledger.totals(site.workflow_id).model_calls == 1


def test_the_seconds_of_a_todo_are_its_own(script: Any, configure: Configure) -> None:
    configure(TODO_BUDGET_SECONDS=60)
    site = script({"respond": GOOD})
    written_down(site)
    with pytest.raises(BudgetExceeded, match=r"^t1: 60 seconds of work of 60"):
        diagnose(replace(site, spent_seconds=60.0))
    diagnose(replace(site, spent_seconds=59.0))
    assert [event.data["warning"] for event in recorded(site.workflow_id) if event.source == "ledger"] == [
        "80 % of a budget: t1: 59 seconds of work of 60 seconds of work are spent."
    ]


def test_unreadable_answers_are_billed(configure: Configure) -> None:
    bad = answer("{]", tokens=(1000, 100))
    with serving(bad) as server:
        configure(GOOGLE_API_KEY="key", GOOGLE_GEMINI_BASE_URL=server.url)
        site = CallSite(str(uuid.uuid4()), "t1", 1, "t1/debugger/1", "gemini-3.8-flash")
        written_down(site, budget_tokens=2200)
        with pytest.raises(BudgetExceeded, match="2200 tokens of 2200 tokens"):
            diagnose(site)
    assert ledger.totals(site.workflow_id).model_calls == len(server.requests) == 2


def test_what_drips_past_the_deadline_is_counted_and_need_not_be_asked_again(configure: Configure) -> None:
    slow = answer(json.dumps(GOOD), tokens=(1000, 100))
    with serving(replace(slow, drip=0.005)) as server:
        configure(GOOGLE_API_KEY="key", GOOGLE_GEMINI_BASE_URL=server.url, MODEL_TIMEOUT=1)
        site = CallSite(str(uuid.uuid4()), "t1", 1, "t1/debugger/1", "gemini-3.8-flash")
        with pytest.raises(ModelUnavailable, match="did not answer within"):
            diagnose(site)
        assert ledger.totals(site.workflow_id).output_tokens == OUTPUT_TOKENS
        deadline = time.monotonic() + 20
        while ledger.totals(site.workflow_id).output_tokens != 100:
            assert time.monotonic() < deadline, "the late answer does not come"
            time.sleep(0.05)
        assert diagnose(site).failure_class == "timeout"
    assert ledger.totals(site.workflow_id).model_calls == len(server.requests) == 1


def written_down(site: CallSite, **limits: float) -> None:
    """A row with these caps."""
    no_caps = {f"budget_{kind}": None for kind in ("usd", "tokens", "calls", "seconds")}
    options: Any = {**no_caps, "model": site.model, "auto_approve": False, **limits}
    workflows.create(site.workflow_id, {"request": "x"}, options)


def test_a_script_goes_on_where_an_earlier_process_stopped(script: Any) -> None:
    site = script({"respond": GOOD}, {"respond": {**GOOD, "failure_class": "flaky_test"}})
    assert diagnose(site, "one").failure_class == "timeout"
    asking._models.clear()
    assert diagnose(site, "two").failure_class == "flaky_test"
    with pytest.raises(ScriptExhausted, match=r"debugger of t1, attempt 1"):
        diagnose(site, "three")


def test_an_entry_answers_only_what_it_matches(script: Any) -> None:
    other = {"match": {"task_id": "t2"}, "respond": "{}"}
    later = {"match": {"attempt": 2}, "respond": "{}"}
    elsewhere = {"match": {"contains": "not in the prompt"}, "respond": "{}"}
    site = script(other, later, elsewhere, {"match": {"contains": "Why"}, "respond": GOOD})
    assert diagnose(site).failure_class == "timeout"


def test_a_checked_answer_is_asked_again_until_the_tries_end(script: Any) -> None:
    site = script({"respond": GOOD}, {"respond": GOOD}, {"respond": GOOD}, {"respond": GOOD})

    def refuse(_: DiagnosisAnswer) -> None:
        raise ModelOutputError("not this one")

    with pytest.raises(ModelOutputError, match="in 3 tries: not this one\nTry 1: not this one\nTry 2: not this one"):
        diagnose(site, check=refuse)
    assert ledger.totals(site.workflow_id).model_calls == 3


@pytest.mark.parametrize("error", ["rate_limit", "server_error", "timeout"])
def test_errors_of_the_service_are_retried_and_recorded(script: Any, error: str) -> None:
    site = script({"error": error}, {"respond": GOOD})
    assert diagnose(site).failure_class == "timeout"
    assert ledger.script_entries(site.workflow_id) == [0, 1]


@pytest.mark.parametrize("error", ["safety", "truncated", "malformed"])
def test_unusable_answers_are_asked_again(script: Any, error: str) -> None:
    site = script({"error": error}, {"match": {"contains": "<refused>"}, "respond": GOOD})
    assert diagnose(site).failure_class == "timeout"


def test_the_tries_end(script: Any, configure: Configure) -> None:
    configure(MODEL_TRIES=2)
    site = script(*[{"error": "server_error"}] * 3)
    with pytest.raises(ModelUnavailable):
        diagnose(site)
    assert ledger.totals(site.workflow_id).model_calls == 2


def test_two_who_ask_at_once_use_two_entries(script: Any) -> None:
    site = script(*[{"respond": GOOD}] * 8)
    threads = [threading.Thread(target=diagnose, args=(site, f"question {number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ledger.script_entries(site.workflow_id)) == list(range(8))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("- role: cook\n  respond: x", "entry 1: role"),
        ("- role: coder", "entry 1.*respond.*error"),
        ("- role: coder\n  respond: x\n- role: coder\n  error: bad_luck", "entry 2: error"),
        ("role: coder", "list of entries"),
        ("[unclosed", "neither YAML nor JSON"),
    ],
)
def test_a_bad_script_is_named(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(text)
    with pytest.raises(BadInput, match=named) as caught:
        check_model(f"script:{path}")
    assert str(path) in str(caught.value)


def test_json_is_a_script_too(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps([{"role": "coder", "respond": {"files": []}}]))
    assert load_model(f"script:{path}")._llm_type == "script"


@pytest.mark.parametrize(
    "name", ["ofline", "", "gemini-3.8-flash", "google_genai:gemini-3.8-flash", "nobody:model", "openai:gpt-x"]
)
def test_an_unknown_model_has_a_way_out(name: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        check_model(name)
    assert caught.value.hint


@pytest.mark.parametrize(("name", "meant"), [("ofline", "offline"), ("offline:fault", "offline:faulty")])
def test_a_near_miss_is_named(name: str, meant: str) -> None:
    with pytest.raises(UnknownModel) as caught:
        check_model(name)
    assert f"Did you mean {meant}?" in caught.value.hint


def test_the_default_model(configure: Configure) -> None:
    assert default_model()[0] == "offline"
    configure(GOOGLE_API_KEY="key")
    assert default_model()[0].startswith("gemini-3")
    assert retirement(default_model()[0]) is None
    configure(MODEL_NAME="gemini-2.0-flash")
    assert default_model() == ("gemini-2.0-flash", "MODEL_NAME")
    assert str(retirement("gemini-2.0-flash")).startswith("was shut down on 2026-06-01")
    assert retirement("gemini-2.5-flash-lite") is None


def test_a_shutdown_to_come_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    tomorrow = date.today() + timedelta(days=1)
    monkeypatch.setitem(loading.RETIRED, "gemini-0-*", (tomorrow, "gemini-9"))
    assert retirement("gemini-0-flash") == f"will be shut down on {tomorrow.isoformat()}; use gemini-9"


def test_cost_is_counted_by_role_and_todo(script: Any) -> None:
    site = script({"respond": GOOD})
    diagnose(site)
    assert set(ledger.by_role(site.workflow_id)) == {"debugger"}
    assert set(ledger.by_task(site.workflow_id)) == {"t1"}
    assert ledger.cost("gemini-2.5-flash", 1_000_000, 0) > 0
    assert ledger.cost("offline", 1_000_000, 0) == 0
    assert ledger.cost("no-such-model", 10, 10) == 0
    assert not ledger.priced("no-such-model")
