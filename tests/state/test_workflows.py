"""The register of workflows keeps what a person typed, and finds it again by a few characters."""

import uuid

import pytest

from schemas.errors import UnknownWorkflow
from state import workflows
from state.database import pool
from state.options import Options

OPTIONS = Options(model="offline", budget_usd=1.5, auto_approve=False)


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
    workflows.update(workflow_id, "failed", "no\x00 luck")
    after = workflows.get(workflow_id)
    assert (after.status, after.stop_reason) == ("failed", "no luck")
    assert after.updated_at > before.updated_at
    workflows.update(workflow_id, "running")
    assert workflows.get(workflow_id).stop_reason is None


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


def test_the_newest_come_first() -> None:
    made = [workflows.create(new_id(), {"request": str(number)}, OPTIONS) for number in range(3)]
    assert workflows.recent(2) == [made[2], made[1]]
    with pool().connection() as connection:
        connection.execute("delete from workflows")
    assert workflows.recent(2) == []
