"""The ledger: what was asked, what it cost, what need not be asked again."""

import logging
import uuid
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from tools import ledger
from tools.ledger import ModelCall, Totals

MODEL = "gemini-3.8-flash"


@pytest.fixture
def made() -> ModelCall:
    """An answered call of a workflow of its own."""
    workflow_id = str(uuid.uuid4())
    return ModelCall(f"key-{workflow_id}", workflow_id, "t1", "coder", 1, MODEL, 0.5, message(1000, 100))


def message(read: int, written: int, text: str = "yes", cached: int = 0) -> AIMessage:
    usage: Any = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    return AIMessage(text, usage_metadata={**usage, "input_token_details": {"cache_read": cached}})


def test_an_answer_is_found_as_it_was_given(made: ModelCall) -> None:
    assert ledger.find(made.call_key) is None
    ledger.record(made)
    assert ledger.find(made.call_key) == made.message


def test_a_failed_call_is_counted_and_may_be_made_again(made: ModelCall) -> None:
    ledger.record(replace(made, message=None, error="ReadTimeout", script_entry=4))
    assert ledger.find(made.call_key) is None
    assert ledger.totals(made.workflow_id).model_calls == 1
    assert ledger.script_entries(made.workflow_id) == [4]


def test_a_second_answer_is_paid_for_but_the_first_one_stays(made: ModelCall) -> None:
    first = ledger.record(made)
    second = ledger.record(replace(made, message=message(2000, 200, "no")))
    found = ledger.find(made.call_key)
    assert found is not None and found.text == "yes"
    assert ledger.totals(made.workflow_id) == Totals(first + second, 2, 3000, 300)


def test_sums_by_role_and_todo(made: ModelCall) -> None:
    calls = [made, replace(made, call_key="b" + made.call_key, role="tester")]
    calls.append(replace(made, call_key="c" + made.call_key, role="planner", task_id=None))
    each = [ledger.record(call) for call in calls]
    assert ledger.by_role(made.workflow_id).keys() == {"coder", "tester", "planner"}
    assert ledger.by_task(made.workflow_id) == {
        None: Totals(each[0], 1, 1000, 100),
        "t1": Totals(each[0] * 2, 2, 2000, 200),
    }
    assert ledger.totals(str(uuid.uuid4())) == Totals(each[0] * 0, 0, 0, 0)


def test_what_the_database_cannot_hold_is_cleaned(made: ModelCall) -> None:
    ledger.record(replace(made, message=message(1, 1, "a\x00b\ud800c"), error="x\x00"))
    found = ledger.find(made.call_key)
    assert found is not None and found.text == "ab?c"


def test_cached_tokens_cost_less(made: ModelCall) -> None:
    assert ledger.cost(MODEL, 100_000, 0, 90_000) < ledger.cost(MODEL, 100_000, 0)
    whole = ledger.record(replace(made, message=message(100_000, 0)))
    partly = ledger.record(replace(made, call_key="b" + made.call_key, message=message(100_000, 0, cached=90_000)))
    assert partly < whole
    assert ledger.totals(made.workflow_id).input_tokens == 200_000


def test_more_cached_than_read_is_no_error(made: ModelCall) -> None:
    assert ledger.record(replace(made, message=message(10, 0, cached=20))) > 0


def test_a_provider_s_name_does_not_change_the_price() -> None:
    assert ledger.cost(f"google_genai:{MODEL}", 1000, 100) == ledger.cost(MODEL, 1000, 100) > 0
    assert not ledger.priced("ollama:llama3:8b")


def test_an_unknown_price_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    name = f"model-{uuid.uuid4().hex}"
    with caplog.at_level(logging.WARNING, "tools.ledger"):
        assert ledger.cost(name, 10, 10) == ledger.cost(name, 20, 20) == 0
    assert [name in text for text in caplog.messages] == [True]
