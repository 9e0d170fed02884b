"""A scripted model: its entries, each used once."""

import json
from pathlib import Path
from typing import Any

import pytest
from langchain_core.exceptions import ModelError
from langchain_core.messages import AIMessage

from schemas.errors import BadInput, ScriptExhausted
from tools.models.script import ScriptModel


@pytest.fixture
def script(tmp_path: Path) -> Any:
    """The model of a script's text."""

    def make(text: str, *answered: int) -> ScriptModel:
        path = tmp_path / "script.yaml"
        path.write_text(text)
        return ScriptModel.from_file(path, answered)

    return make


def said(model: ScriptModel, role: str = "coder", **facts: Any) -> AIMessage:
    return model.invoke("Write `add`.", config={"metadata": {"role": role, **facts}})


def test_entries_are_used_in_order_and_once(script: Any) -> None:
    model = script("- {role: coder, respond: one}\n- {role: tester, respond: two}\n- {role: coder, respond: three}")
    answers = [said(model), said(model), said(model, "tester")]
    assert [answer.text for answer in answers] == ["one", "three", "two"]
    assert [answer.response_metadata["script_entry"] for answer in answers] == [0, 2, 1]


def test_what_an_earlier_process_used_is_left_out(script: Any) -> None:
    model = script("- {role: coder, respond: one}\n- {role: coder, respond: two}", 0)
    assert said(model).text == "two"


def test_nothing_left_names_who_asked(script: Any) -> None:
    model = script("- {role: coder, match: {attempt: 2}, respond: one}")
    with pytest.raises(ScriptExhausted, match=r"coder of t1, attempt 3"):
        said(model, task_id="t1", attempt=3)
    with pytest.raises(ScriptExhausted, match=r"planner of the workflow, attempt 1"):
        said(model, "planner")


@pytest.mark.parametrize("name", ["rate_limit", "server_error", "timeout"])
def test_an_error_is_a_service_s_and_uses_its_entry_up(script: Any, name: str) -> None:
    model = script(f"- {{role: coder, error: {name}}}\n- {{role: coder, respond: one}}")
    with pytest.raises(ModelError) as caught:
        said(model)
    assert caught.value.is_retryable
    assert getattr(caught.value, "script_entry", None) == 0
    assert said(model).text == "one"


@pytest.mark.parametrize(("name", "reason"), [("safety", "SAFETY"), ("truncated", "MAX_TOKENS"), ("malformed", "STOP")])
def test_an_unusable_answer_is_an_answer(script: Any, name: str, reason: str) -> None:
    assert said(script(f"- {{role: coder, error: {name}}}")).response_metadata["finish_reason"] == reason


def test_a_date_is_text_as_in_json(script: Any) -> None:
    model = script("- role: coder\n  respond: {at: 2026-01-31T09:30:00Z, day: 2026-01-31, count: 3}")
    assert json.loads(said(model).text) == {"at": "2026-01-31T09:30:00Z", "day": "2026-01-31", "count": 3}


@pytest.mark.parametrize("value", ["!!set {a}", "!!binary aGk=", "!!timestamp 2026-01-31"])
def test_what_json_cannot_hold_is_refused_before_anything_is_asked(script: Any, value: str) -> None:
    with pytest.raises(BadInput, match="entry 2: respond"):
        script(f"- {{role: coder, respond: one}}\n- role: coder\n  respond: {{files: {value}}}")
