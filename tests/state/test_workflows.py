"""The register of workflows keeps what a person typed, and finds it again by a few characters."""

import uuid
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.errors import UnknownWorkflow
from state import workflows
from state.database import pool
from state.options import Options
from tools import ledger
from tools.ledger import Used

OPTIONS = Options(
    model="offline",
    budget_usd=1.5,
    budget_tokens=None,
    budget_calls=20,
    budget_seconds=None,
    auto_approve=False,
)


def new_id(prefix: str = "") -> str:
    return prefix + str(uuid.uuid4())[len(prefix) :]


def test_what_was_asked_comes_back() -> None:
    workflow_id = new_id()
    made = workflows.create(workflow_id, {"request": 'Buy "it"; $x', "repo": None, "todo_list": {"items": []}}, OPTIONS)
    assert workflows.get(workflow_id) == made
    assert made.input == {"request": 'Buy "it"; $x', "repo": None, "todo_list": {"items": []}}
    assert (made.options, made.status, made.stop_reason) == (OPTIONS, "running", None)
    assert made.created_at.tzinfo is not None


def test_text_that_postgres_refuses_is_cleaned() -> None:
    made = workflows.create(new_id(), {"request": "a\x00b\ud800c"}, OPTIONS)
    assert made.input == {"request": "ab?c"}


def test_created_twice_the_first_entry_stays() -> None:
    workflow_id = new_id()
    first = workflows.create(workflow_id, {"request": "first"}, OPTIONS)
    workflows.update(workflow_id, "waiting")
    again = workflows.create(workflow_id, {"request": "second"}, OPTIONS)
    assert (again.input, again.created_at, again.status) == ({"request": "first"}, first.created_at, "waiting")


def test_an_update_says_where_it_stands() -> None:
    workflow_id = new_id()
    before = workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    workflows.update(workflow_id, "failed", "error", "no\x00 luck")
    after = workflows.get(workflow_id)
    assert (after.status, after.stop_reason, after.reason) == ("failed", "error", "no luck")
    assert after.updated_at > before.updated_at
    workflows.update(workflow_id, "running")
    again = workflows.get(workflow_id)
    assert (again.stop_reason, again.reason) == (None, None)


def test_a_unique_prefix_is_enough() -> None:
    workflow_id = new_id("abc123de")
    workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    for given in (workflow_id[:6], workflow_id[:20], f"  {workflow_id.upper()}\n"):
        assert workflows.get(given).workflow_id == workflow_id


def test_an_ambiguous_prefix_is_refused() -> None:
    for _ in range(2):
        workflows.create(new_id("dddddd"), {"request": "x"}, OPTIONS)
    with pytest.raises(UnknownWorkflow, match="More than one"):
        workflows.get("dddddd")


@pytest.mark.parametrize("given", ["", "abc12", "%%%%%%", "______", "' or 1=1 --", "ééé123", "f" * 40, "a\x00bcdef1"])
def test_what_is_no_id_is_refused(given: str) -> None:
    with pytest.raises(UnknownWorkflow, match="no workflow id") as error:
        workflows.get(given)
    assert "aidev status" in error.value.hint


def test_an_id_that_nobody_has_is_refused() -> None:
    with pytest.raises(UnknownWorkflow):
        workflows.get(new_id())
    with pytest.raises(UnknownWorkflow):
        workflows.update(new_id(), "failed")


def test_options_from_before_there_were_other_caps_are_read() -> None:
    workflow_id = new_id()
    old: Any = {"model": "offline", "budget_usd": 2.0, "auto_approve": True}
    found = workflows.create(workflow_id, {"request": "x"}, old)
    assert found.options == {**old, "budget_tokens": None, "budget_calls": None, "budget_seconds": None}


def test_a_raised_cap_leaves_the_others() -> None:
    workflow_id = new_id()
    workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    workflows.set_budget(workflow_id, "usd", 3.0)
    workflows.set_budget(workflow_id, "tokens", 5000, "t1")
    workflows.set_budget(workflow_id, "calls", 7, "t1")
    workflows.set_budget(workflow_id, "calls", 8, "t2")
    raised = {"t1": {"tokens": 5000, "calls": 7}, "t2": {"calls": 8}}
    assert workflows.get(workflow_id).options == {**OPTIONS, "budget_usd": 3.0, "todo_caps": raised}


def worked(workflow_id: str) -> float:
    """Seconds of work."""
    return workflows.get(workflow_id).worked_seconds


def long_ago(workflow_id: str, process: str | None = None) -> None:
    """The last tick was 1,000 seconds earlier, by this process or another."""
    with pool().connection() as connection:
        connection.execute(
            """update workflows set ticked_at = ticked_at - interval '1000 seconds',
                      ticked_by = coalesce(%s, ticked_by) where workflow_id = %s""",
            [process, workflow_id],
        )


def test_the_clock_counts_between_start_tick_and_stop() -> None:
    workflow_id = new_id()
    workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    assert worked(workflow_id) == 0
    workflows.start_clock(workflow_id)
    long_ago(workflow_id)
    workflows.tick(workflow_id)
    assert 1000 <= worked(workflow_id) < 2000
    long_ago(workflow_id)
    workflows.stop_clock(workflow_id)
    assert 2000 <= (before := worked(workflow_id)) < 3000
    workflows.stop_clock(workflow_id)
    assert worked(workflow_id) == before


def test_waiting_for_a_person_is_no_work() -> None:
    workflow_id = new_id()
    workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    workflows.start_clock(workflow_id)
    long_ago(workflow_id)
    workflows.start_clock(workflow_id)
    workflows.tick(workflow_id)
    assert worked(workflow_id) < 1000


def test_the_time_after_a_process_died_is_no_work() -> None:
    workflow_id = new_id()
    workflows.create(workflow_id, {"request": "x"}, OPTIONS)
    workflows.tick(workflow_id)
    long_ago(workflow_id, "one that was killed")
    workflows.tick(workflow_id)
    assert worked(workflow_id) < 1000
    long_ago(workflow_id)
    workflows.tick(workflow_id)
    assert worked(workflow_id) >= 1000


OLD = """
create table workflows (
    workflow_id text primary key, created_at timestamptz not null, updated_at timestamptz not null default now(),
    input jsonb not null, options jsonb not null, status text not null, stop_reason text);
create table model_calls (
    call_id bigint generated always as identity primary key, call_key text not null, workflow_id text not null,
    task_id text, role text not null, attempt int not null, model text not null, status text not null, error text,
    response jsonb, script_entry int, input_tokens int not null default 0, output_tokens int not null default 0,
    cost_usd numeric not null default 0, seconds double precision not null,
    created_at timestamptz not null default now());
insert into workflows values ('0ld', now(), now(), '{"request": "x"}',
    '{"model": "offline", "budget_usd": null, "auto_approve": false}', 'failed', 'todos_failed');
insert into model_calls (call_key, workflow_id, role, attempt, model, status, input_tokens, seconds)
    values ('k', '0ld', 'coder', 1, 'offline', 'answered', 12, 0.5);
"""


def test_tables_of_an_older_version_are_upgraded_and_keep_their_rows() -> None:
    tables = (Path(workflows.__file__).parent / "sql/1_workflows.sql").read_text()
    schema = f"old_{uuid.uuid4().hex}"
    with pool().connection() as connection, connection.transaction(force_rollback=True):
        connection.execute(f"create schema {schema}; set local search_path to {schema}; {OLD}".encode())
        for _ in range(2):
            connection.execute(tables.encode())
        assert workflows.standing(connection, "0ld")[1] == 0
        assert workflows.lock(connection, "0ld")[0]["model"] == "offline"
        assert ledger.used(connection, "0ld") == (Used(Decimal(0), 12, 1, 0), Used())


def test_the_newest_come_first() -> None:
    made = [workflows.create(new_id(), {"request": str(number)}, OPTIONS) for number in range(3)]
    assert workflows.recent(2) == [made[2], made[1]]
    with pool().connection() as connection:
        connection.execute("delete from workflows")
    assert workflows.recent(2) == []
