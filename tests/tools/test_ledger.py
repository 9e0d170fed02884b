"""The ledger: what was asked, what it cost, what need not be asked again."""

import logging
import subprocess
import sys
import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from state.database import pool
from tools import ledger
from tools.ledger import Claim, Totals, Used
from tools.sandbox.owner import owner

MODEL = "gemini-3.8-flash"


@pytest.fixture
def claim() -> Claim:
    """A request of a workflow of its own."""
    workflow_id = str(uuid.uuid4())
    return Claim(f"key-{workflow_id}", workflow_id, "t1", "coder", 1, MODEL, 5000, 4096)


def message(read: int, written: int, text: str = "yes", cached: int = 0) -> AIMessage:
    usage: Any = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    return AIMessage(text, usage_metadata={**usage, "input_token_details": {"cache_read": cached}})


def enter(claim: Claim) -> int:
    with pool().connection() as connection:
        return ledger.enter(connection, claim, 60.0)


def made(claim: Claim, result: AIMessage | BaseException, billed: bool = True) -> Decimal:
    return ledger.settle(enter(claim), claim.model, result, 0.5, billed)


def rows(workflow_id: str) -> list[tuple[str, str | None]]:
    """Status and error of its requests."""
    with pool().connection() as connection:
        found = connection.execute("select * from model_calls where workflow_id = %s order by call_id", [workflow_id])
        return [(row["status"], row["error"]) for row in found]


def test_an_answer_is_found_as_it_was_given(claim: Claim) -> None:
    call_id = enter(claim)
    assert ledger.find(claim.call_key) is None
    ledger.settle(call_id, MODEL, message(1000, 100), 0.5)
    assert ledger.find(claim.call_key) == message(1000, 100)


def test_an_open_request_is_counted_at_its_estimate_and_a_settled_one_at_what_it_used(claim: Claim) -> None:
    call_id = enter(claim)
    assert ledger.totals(claim.workflow_id) == Totals(claim.cost_usd, 1, 5000, 4096)
    cost = ledger.settle(call_id, MODEL, message(1000, 100), 0.5)
    assert 0 < cost < claim.cost_usd
    assert ledger.totals(claim.workflow_id) == Totals(cost, 1, 1000, 100)


def test_a_failed_call_is_counted_and_may_be_made_again(claim: Claim) -> None:
    error = ConnectionError("refused")
    error.script_entry = 4  # type: ignore[attr-defined]
    assert made(claim, error, billed=False) == 0
    assert ledger.find(claim.call_key) is None
    assert ledger.totals(claim.workflow_id) == Totals(Decimal(0), 1, 0, 0)
    assert ledger.script_entries(claim.workflow_id) == [4]
    assert rows(claim.workflow_id) == [("failed", "ConnectionError")]


def test_what_a_failure_may_have_cost_stays_counted_and_a_late_answer_corrects_it(claim: Claim) -> None:
    call_id = enter(claim)
    assert ledger.settle(call_id, MODEL, TimeoutError(), 60.0) == claim.cost_usd
    assert ledger.totals(claim.workflow_id) == Totals(claim.cost_usd, 1, 5000, 4096)
    late = ledger.settle(call_id, MODEL, message(4000, 9000), 90.0)
    assert ledger.totals(claim.workflow_id) == Totals(late, 1, 4000, 9000)
    assert rows(claim.workflow_id) == [("answered", None)]


def test_an_answer_that_does_not_say_what_it_used_stays_at_the_estimate(claim: Claim) -> None:
    assert made(claim, AIMessage("")) == claim.cost_usd
    assert rows(claim.workflow_id) == [("answered", None)]


def test_a_second_answer_is_paid_for_but_the_first_one_stays(claim: Claim) -> None:
    first, second = made(claim, message(1000, 100)), made(claim, message(2000, 200, "no"))
    found = ledger.find(claim.call_key)
    assert found is not None and found.text == "yes"
    assert ledger.totals(claim.workflow_id) == Totals(first + second, 2, 3000, 300)
    assert rows(claim.workflow_id) == [("answered", None), ("failed", "AnsweredBefore")]


DIES = """if True:
    import os, signal, sys
    from state.database import pool
    from tools import ledger
    with pool().connection() as connection:
        ledger.enter(connection, ledger.Claim("k", sys.argv[1], "t1", "coder", 1, "gemini-3.8-flash", 5000, 4096), 60.0)
    os.kill(os.getpid(), signal.SIGKILL)"""


def test_a_request_whose_process_was_killed_is_lost_and_stays_counted(claim: Claim) -> None:
    ended = subprocess.run([sys.executable, "-c", DIES, claim.workflow_id], capture_output=True, check=False)
    assert ended.returncode == -9, ended.stderr
    enter(claim)
    with pool().connection() as connection:
        ledger.lose(connection, claim.workflow_id)
        assert ledger.used(connection, claim.workflow_id) == (one := Used(claim.cost_usd, 9096, 1, 4096), one)
        assert ledger.used(connection, claim.workflow_id, "t2") == (Used(), Used())
    assert rows(claim.workflow_id) == [("lost", None), ("reserved", None)]
    assert ledger.totals(claim.workflow_id) == Totals(claim.cost_usd * 2, 2, 10_000, 8192)


@pytest.mark.parametrize(("seconds", "status"), [(60, "reserved"), (60 + ledger.GRACE * 2, "lost")])
def test_a_request_that_was_never_settled_is_lost_long_after_its_time(
    claim: Claim, seconds: float, status: str
) -> None:
    enter(claim)
    with pool().connection() as connection:
        query = "update model_calls set created_at = created_at - %s * interval '1 second' where workflow_id = %s"
        connection.execute(query, [seconds, claim.workflow_id])
        ledger.lose(connection, claim.workflow_id)
    assert rows(claim.workflow_id) == [(status, None)]


def test_the_row_names_the_process_that_asks(claim: Claim) -> None:
    enter(claim)
    with pool().connection() as connection:
        row = connection.execute("select owner from model_calls where call_key = %s", [claim.call_key]).fetchone()
    assert row == {"owner": owner()}


def test_sums_by_role_and_todo(claim: Claim) -> None:
    claims = [claim, replace(claim, call_key="b" + claim.call_key, role="tester")]
    claims.append(replace(claim, call_key="c" + claim.call_key, role="planner", task_id=None))
    each = [made(one, message(1000, 100)) for one in claims]
    assert ledger.by_role(claim.workflow_id).keys() == {"coder", "tester", "planner"}
    assert ledger.by_task(claim.workflow_id) == {
        None: Totals(each[0], 1, 1000, 100),
        "t1": Totals(each[0] * 2, 2, 2000, 200),
    }
    assert ledger.totals(str(uuid.uuid4())) == Totals(each[0] * 0, 0, 0, 0)


def test_what_the_database_cannot_hold_is_cleaned(claim: Claim) -> None:
    made(claim, message(1, 1, "a\x00b\ud800c"))
    found = ledger.find(claim.call_key)
    assert found is not None and found.text == "ab?c"


def test_cached_tokens_cost_less(claim: Claim) -> None:
    assert ledger.cost(MODEL, 100_000, 0, 90_000) < ledger.cost(MODEL, 100_000, 0)
    whole = made(claim, message(100_000, 0))
    partly = made(replace(claim, call_key="b" + claim.call_key), message(100_000, 0, cached=90_000))
    assert partly < whole
    assert ledger.totals(claim.workflow_id).input_tokens == 200_000


def test_more_cached_than_read_is_no_error(claim: Claim) -> None:
    assert made(claim, message(10, 0, cached=20)) > 0


def test_a_provider_s_name_does_not_change_the_price() -> None:
    assert ledger.cost(f"google_genai:{MODEL}", 1000, 100) == ledger.cost(MODEL, 1000, 100) > 0
    assert not ledger.priced("ollama:llama3:8b")


def test_an_unknown_price_is_warned_of_once(caplog: pytest.LogCaptureFixture) -> None:
    name = f"model-{uuid.uuid4().hex}"
    with caplog.at_level(logging.WARNING, "tools.ledger"):
        assert ledger.cost(name, 10, 10) == ledger.cost(name, 20, 20) == 0
    assert [name in text for text in caplog.messages] == [True]
