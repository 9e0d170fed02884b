"""Budgets: held to before a request is made, by everybody who asks for one workflow, whoever of them is killed."""

import subprocess
import sys
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage

from schemas.errors import BadInput, BudgetExceeded, BudgetKind
from state import workflows
from state.database import pool
from tests.conftest import Configure
from tools import budget, ledger
from tools.budget import OUTPUT_TOKENS, Account, reserve
from tools.events import recorded
from tools.ledger import Claim

ROOT = Path(__file__).parents[2]
MODEL = "gemini-3.8-flash"
NO_CAPS = {"budget_usd": None, "budget_tokens": None, "budget_calls": None, "budget_seconds": None}


def workflow(model: str = MODEL, **limits: Any) -> str:
    """A workflow with these caps, by kind."""
    given = {f"budget_{kind}": cap for kind, cap in limits.items()}
    options: Any = {**NO_CAPS, "model": model, "auto_approve": False, **given}
    workflow_id = str(uuid.uuid4())
    workflows.create(workflow_id, {"request": "x"}, options)
    return workflow_id


def claim(workflow_id: str, model: str = MODEL, task_id: str | None = "t1", tokens: int = 1000) -> Claim:
    """One more request."""
    return Claim(uuid.uuid4().hex, workflow_id, task_id, "coder", 1, model, tokens)


def message(read: int, written: int) -> AIMessage:
    return AIMessage(
        "", usage_metadata={"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
    )


def spend(
    workflow_id: str, read: int = 900, written: int = 100, task_id: str | None = "t1", worked: float = 0.0
) -> None:
    """One call, from its reservation to its answer."""
    call_id = reserve(claim(workflow_id, task_id=task_id), worked, 5.0)
    ledger.settle(call_id, MODEL, message(read, written), 0.1)
    budget.warn(workflow_id, task_id, worked)


def warnings(workflow_id: str) -> list[str]:
    return [event.data["warning"] for event in recorded(workflow_id) if event.source == "ledger"]


COST = ledger.cost(MODEL, 900, 100)
PER_CALL: dict[BudgetKind, Decimal] = {"usd": COST, "tokens": Decimal(1000), "calls": Decimal(1)}


@pytest.mark.parametrize("kind", ["usd", "tokens", "calls"])
def test_calls_are_made_until_the_cap_is_reached(kind: BudgetKind) -> None:
    cap = float(PER_CALL[kind] * 2)
    workflow_id = workflow(MODEL, **{kind: cap})
    spend(workflow_id)
    spend(workflow_id)
    with pytest.raises(BudgetExceeded) as caught:
        spend(workflow_id)
    assert (caught.value.scope, caught.value.kind, caught.value.cap) == ("workflow", kind, cap)
    assert caught.value.spent == PER_CALL[kind] * 2
    assert ledger.totals(workflow_id).model_calls == 2


@pytest.mark.parametrize("kind", ["usd", "tokens", "calls"])
def test_a_todo_has_caps_of_its_own(kind: BudgetKind, configure: Configure) -> None:
    cap = PER_CALL[kind] if kind == "usd" else int(PER_CALL[kind])
    configure(**{f"TODO_BUDGET_{kind.upper()}": cap})
    workflow_id = workflow()
    spend(workflow_id)
    with pytest.raises(BudgetExceeded, match=r"^t1: ") as caught:
        spend(workflow_id)
    assert (caught.value.scope, caught.value.kind) == ("t1", kind)
    assert f"TODO_BUDGET_{kind.upper()}=" in caught.value.hint
    spend(workflow_id, task_id="t2")
    spend(workflow_id, task_id=None)
    workflows.set_budget(workflow_id, kind, float(cap * 2), "t1")
    spend(workflow_id)


def test_seconds_of_work_are_a_budget(configure: Configure) -> None:
    workflow_id = workflow(seconds=500)
    spend(workflow_id)
    with pool().connection() as connection:
        query = "update workflows set ticked_at = ticked_at - interval '600 seconds' where workflow_id = %s"
        connection.execute(query, [workflow_id])
    with pytest.raises(BudgetExceeded, match=r"^60\d seconds of work of 500 seconds of work are spent\.\n") as caught:
        spend(workflow_id)
    assert (caught.value.scope, caught.value.kind) == ("workflow", "seconds")
    over = budget.exceeded(workflow_id)
    assert over is not None and over.kind == "seconds"
    workflows.set_budget(workflow_id, "seconds", 5000)
    spend(workflow_id)
    configure(TODO_BUDGET_SECONDS=30)
    spend(workflow_id, worked=29.0)
    with pytest.raises(BudgetExceeded, match=r"^t1: 30 seconds"):
        spend(workflow_id, worked=30.0)
    assert budget.exceeded(workflow_id, "t1", 29.0) is None


def test_what_is_said_names_the_amounts_and_the_way_out() -> None:
    workflow_id = workflow(usd=0.0005)
    spend(workflow_id, 1000, 100)
    with pytest.raises(BudgetExceeded) as caught:
        spend(workflow_id)
    spent = ledger.totals(workflow_id).cost_usd
    assert caught.value.message == f"{spent:.4f} USD of 0.0005 USD are spent."
    assert caught.value.hint == f"Raise it: aidev resume {workflow_id} --budget 0.01"


def test_the_last_call_may_be_larger_than_what_is_left() -> None:
    workflow_id = workflow(tokens=10)
    spend(workflow_id)
    with pytest.raises(BudgetExceeded):
        spend(workflow_id)


def test_a_larger_answer_than_was_thought_makes_the_next_reservations_larger() -> None:
    workflow_id = workflow()
    spend(workflow_id, 100, OUTPUT_TOKENS * 3)
    reserve(claim(workflow_id), 0.0, 5.0)
    assert ledger.totals(workflow_id).output_tokens == OUTPUT_TOKENS * 6


def test_who_finds_no_room_waits_until_an_open_request_has_left_some() -> None:
    workflow_id = workflow(tokens=8000)
    first = reserve(claim(workflow_id), 0.0, 5.0)
    with pytest.raises(BudgetExceeded, match="0 tokens of 8000 tokens are spent, 5096 more are reserved"):
        reserve(claim(workflow_id), 0.0, 0.0)
    waiting = threading.Thread(target=spend, args=(workflow_id,))
    asked = last_tick(workflow_id)
    waiting.start()
    while last_tick(workflow_id) == asked:
        time.sleep(0.01)
    ledger.settle(first, MODEL, message(1, 1), 0.1)
    waiting.join()
    assert ledger.totals(workflow_id).model_calls == 2


def last_tick(workflow_id: str) -> object:
    """Whoever asks moves it."""
    with pool().connection() as connection:
        return connection.execute("select ticked_at from workflows where workflow_id = %s", [workflow_id]).fetchone()


def test_of_many_who_ask_at_once_only_those_are_let_in_for_whom_there_is_room() -> None:
    workflow_id = workflow(tokens=12_000)
    together = threading.Barrier(8)

    def ask(_: int) -> bool:
        together.wait()
        return isinstance(budget.entered(claim(workflow_id), 0.0, 5.0), int)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask, range(8))) == 2
    assert ledger.totals(workflow_id).model_calls == 2


def test_a_request_that_was_lost_leaves_less_room() -> None:
    workflow_id = workflow(tokens=5000)
    reserve(claim(workflow_id), 0.0, 5.0)
    with pool().connection() as connection:
        connection.execute("update model_calls set owner = '1:0:' || split_part(owner, ':', 3)")
    with pytest.raises(BudgetExceeded, match="5096 tokens of 5000 tokens"):
        reserve(claim(workflow_id), 0.0, 5.0)


def test_a_model_in_this_process_costs_no_money_but_its_calls_are_counted() -> None:
    workflow_id = workflow("offline", usd=0.0, tokens=10, calls=1)
    call_id = reserve(claim(workflow_id, "offline"), 0.0, 5.0)
    assert ledger.settle(call_id, "offline", message(0, 0), 0.1) == 0
    with pytest.raises(BudgetExceeded) as caught:
        reserve(claim(workflow_id, "offline"), 0.0, 5.0)
    assert caught.value.kind == "calls"


def test_money_cannot_be_capped_without_a_price(configure: Configure) -> None:
    with pytest.raises(BadInput, match=r"No price is known for ollama:llama: .*\nLeave out --budget\."):
        reserve(claim(workflow("ollama:llama", usd=1.0)), 0.0, 5.0)
    configure(TODO_BUDGET_USD=1)
    with pytest.raises(BadInput, match=r"Unset TODO_BUDGET_USD\."):
        reserve(claim(workflow("ollama:llama")), 0.0, 5.0)


def test_a_cap_is_warned_of_once_and_once_more_when_it_was_raised() -> None:
    workflow_id = workflow(calls=5)
    for _ in range(3):
        spend(workflow_id)
    assert warnings(workflow_id) == []
    spend(workflow_id)
    assert warnings(workflow_id) == ["80 % of a budget: 4 model calls of 5 model calls are spent."]
    spend(workflow_id)
    assert len(warnings(workflow_id)) == 1
    workflows.set_budget(workflow_id, "calls", 7)
    spend(workflow_id)
    assert warnings(workflow_id)[1:] == ["80 % of a budget: 6 model calls of 7 model calls are spent."]


def test_a_todo_s_cap_is_warned_of_by_its_name(configure: Configure) -> None:
    configure(TODO_BUDGET_TOKENS=1250)
    workflow_id = workflow()
    spend(workflow_id)
    spend(workflow_id, task_id="t2")
    assert warnings(workflow_id) == [
        f"80 % of a budget: {task_id}: 1000 tokens of 1250 tokens are spent." for task_id in ("t1", "t2")
    ]


STEPS = st.lists(st.tuples(st.booleans(), st.integers(1, 60), st.floats(0, 1)), max_size=60)


@given(st.integers(0, 200), STEPS)
def test_whatever_the_order_a_cap_is_exceeded_by_one_reservation_at_most(
    cap: int, steps: list[tuple[bool, int, float]]
) -> None:
    spent, opened = 0, [0]
    largest = 0
    for asks, size, share in steps:
        reserved = {"tokens": Decimal(sum(opened)), "calls": Decimal(len(opened) - 1)}
        account = Account("w", None, {"tokens": cap}, {"tokens": Decimal(spent)}, reserved)  # type: ignore[arg-type]
        if not asks and len(opened) > 1:
            spent += int(opened.pop() * share)
        elif asks and not account.over() and not account.full({"tokens": Decimal(size)}):
            opened.append(size)
            largest = max(largest, size)
        assert spent + sum(opened) <= max(cap, cap - 1 + largest)


WORKERS = r"""if True:
    import os, random, signal, sys, time, uuid
    from langchain_core.messages import AIMessage
    from schemas.errors import BudgetExceeded
    from tools import ledger
    from tools.budget import OUTPUT_TOKENS, reserve
    from tools.ledger import Claim
    workflow_id, bills = sys.argv[1:]
    provider = os.open(bills, os.O_APPEND | os.O_WRONLY)
    victims_died, victims_are_dead = os.pipe()

    def work(killed):
        random.seed()
        for number in range(1000):
            if not killed and number == 5:
                os.read(victims_died, 1)
            claim = Claim(uuid.uuid4().hex, workflow_id, "t1", "coder", 1, "gemini-3.8-flash", 1000)
            try:
                call_id = reserve(claim, 0.0, 30.0)
            except BudgetExceeded:
                os._exit(0)
            if killed == "before it is billed" and number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            read, written = random.randint(1, 1000), random.randint(1, OUTPUT_TOKENS)
            os.write(provider, f"{read} {written}\n".encode())
            if killed == "after it is billed" and number == 3:
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(random.random() / 200)
            used = {"input_tokens": read, "output_tokens": written, "total_tokens": read + written}
            ledger.settle(call_id, claim.model, AIMessage("", usage_metadata=used), 0.0)

    def start(killed):
        pid = os.fork()
        if not pid:
            work(killed)
        return pid

    victims = [start("before it is billed"), start("after it is billed")]
    survivors = [start(None), start(None)]
    print([os.waitpid(pid, 0)[1] for pid in victims])
    os.write(victims_are_dead, b"..")
    print([os.waitpid(pid, 0)[1] for pid in survivors])"""


def test_processes_that_are_killed_in_the_middle_neither_break_the_cap_nor_lose_a_bill(tmp_path: Path) -> None:
    estimate = ledger.cost(MODEL, 1000, OUTPUT_TOKENS)
    limit = estimate * 25
    workflow_id, bills = workflow(usd=float(limit)), tmp_path / "bills"
    bills.touch()
    command = [sys.executable, "-c", WORKERS, workflow_id, str(bills)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert ended.stdout == "[9, 9]\n[0, 0]\n", ended.stderr
    billed = [ledger.cost(MODEL, *map(int, line.split())) for line in bills.read_text().splitlines()]
    total = ledger.totals(workflow_id)
    assert limit - estimate * 2 < sum(billed) <= total.cost_usd <= limit + estimate
    assert total.model_calls == len(billed) + 1
    with pool().connection() as connection:
        query = "select status, count(*) from model_calls where workflow_id = %s group by 1 order by 1"
        found = {row["status"]: row["count"] for row in connection.execute(query, [workflow_id])}
    assert found == {"answered": len(billed) - 1, "lost": 2}
    with pytest.raises(BudgetExceeded):
        reserve(claim(workflow_id), 0.0, 5.0)
