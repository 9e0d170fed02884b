"""Asking: once per step, within the tries, with the reason for a refusal."""

import json
import os
import subprocess
import sys
import threading
import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from langchain_core.messages import AIMessage

from schemas.answers import DiagnosisAnswer
from schemas.errors import BadInput, ModelError, ModelOutputError, ModelUnavailable, ScriptExhausted, UnknownModel
from tests.conftest import Configure
from tools import ledger
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
        return CallSite(str(uuid.uuid4()), task_id, attempt, "t1/debugger/1", f"script:{path}", None)

    return make


def diagnose(site: CallSite, prompt: str = "Why?", **more: Any) -> DiagnosisAnswer:
    return ask("debugger", DiagnosisAnswer, prompt, site, **more)


def test_an_answer_survives_the_process(script: Any) -> None:
    site = script({"respond": GOOD})
    first = diagnose(site)
    asking._models.clear()
    assert diagnose(site) == first
    assert ledger.totals(site.workflow_id).model_calls == 1


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


def test_a_client_s_own_error_is_a_model_s_error_and_a_local_model_s_is_a_fault() -> None:
    def fail() -> AIMessage:
        raise RuntimeError("length limit reached")

    with pytest.raises(ModelError, match="client failed: length limit reached"):
        calling.call(fail, lambda *_: None)
    with pytest.raises(RuntimeError, match="length limit reached"):
        calling.call(fail, lambda *_: None, garbled=())


def test_an_abandoned_request_holds_up_nobody() -> None:
    program = """if True:
        import time
        from schemas.errors import ModelUnavailable
        from tools.models.call import call
        try:
            call(lambda: time.sleep(60), lambda *_: None)
        except ModelUnavailable as error:
            print(error.message)"""
    folder, env = Path(__file__).parents[3], {**os.environ, "MODEL_TIMEOUT": "0.2"}
    ended = subprocess.run([sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, timeout=40)
    assert ended.stdout.decode() == "The model did not answer within 0.2 s.\n", ended.stderr


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
