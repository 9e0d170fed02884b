"""One answer counts, it is kept with who gave it, and it moves the workflow on."""

import threading
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from schemas.errors import AlreadyAnswered, NothingWaits
from state import drives, questions, workflows
from state.database import is_driven, pool, workflow_lock

NEVER = datetime(2026, 1, 1, tzinfo=UTC)
ASKED = questions.Question("", "", "approve_plan", None, {}, NEVER, None, None, None, None)
YES, NO = {"type": "approve", "message": ""}, {"type": "reject", "message": "no"}


def payload(name: str = "approve_plan", task_id: str | None = None) -> dict[str, Any]:
    return {"action_requests": [{"name": name}], "review_configs": [], **({"task_id": task_id} if task_id else {})}


def cancel(workflow_id: str) -> bool:
    with pool().connection() as connection:
        return workflows.cancel(connection, workflow_id, "enough")


def claim(workflow_id: str, interrupt_id: str, answer: dict[str, str], by: str) -> None:
    found = {one.interrupt_id: one for one in questions.of_workflow(workflow_id)}
    asked = found.get(interrupt_id) or replace(ASKED, workflow_id=workflow_id, interrupt_id=interrupt_id)
    with pool().connection() as connection, connection.transaction():
        questions.claim(connection, asked, answer, by)


@pytest.fixture
def workflow_id() -> str:
    found = str(uuid.uuid4())
    options: Any = {"model": "offline", "auto_approve": False}
    workflows.create(found, {"request": "x"}, options)
    questions.ask(found, "q1", payload())
    workflows.waits(found)
    return found


def test_the_first_answer_counts_and_the_workflow_goes_on(workflow_id: str) -> None:
    claim(workflow_id, "q1", YES, "ann")
    assert workflows.get(workflow_id).status == "running"
    with pytest.raises(AlreadyAnswered) as told:
        claim(workflow_id, "q1", NO, "bob")
    assert (told.value.by, told.value.decision) == ("ann", "approve")
    assert questions.take(workflow_id, "q1", NO, "bob") == "ann"
    (kept,) = questions.of_workflow(workflow_id)
    assert (kept.answer, kept.answered_by, kept.taken_at is not None) == (YES, "ann", True)


def test_of_many_at_once_one_wins(workflow_id: str) -> None:
    outcomes: list[str] = []

    def answer(name: str) -> None:
        try:
            claim(workflow_id, "q1", YES, name)
            outcomes.append(name)
        except AlreadyAnswered as error:
            outcomes.append(f"after {error.by}")

    threads = [threading.Thread(target=answer, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [one for one in outcomes if not one.startswith("after")]
    assert sorted(outcomes) == sorted([winner, *[f"after {winner}"] * 7])


def test_it_waits_until_all_are_answered(workflow_id: str) -> None:
    questions.ask(workflow_id, "q2", payload("escalation", "t1"))
    claim(workflow_id, "q1", YES, "ann")
    assert workflows.get(workflow_id).status == "waiting"
    assert [one.interrupt_id for one in questions.open_of(workflow_id)] == ["q2"]
    claim(workflow_id, "q2", YES, "ann")
    assert workflows.get(workflow_id).status == "running"


def test_asked_again_the_answer_stays(workflow_id: str) -> None:
    claim(workflow_id, "q1", YES, "ann")
    assert not questions.ask(workflow_id, "q1", payload() | {"artifact_hash": "new"})
    (kept,) = questions.of_workflow(workflow_id)
    assert (kept.answer, kept.payload["artifact_hash"]) == (YES, "new")


def test_what_nobody_asked_has_no_answer(workflow_id: str) -> None:
    for name, asked in ((workflow_id, "q9"), (str(uuid.uuid4()), "q1")):
        with pytest.raises(NothingWaits):
            claim(name, asked, YES, "ann")


def test_work_from_outside_is_asked_for_by_todo(workflow_id: str) -> None:
    questions.ask(workflow_id, "q3", payload("task_result", "outside_1"))
    assert [one.workflow_id for one in questions.waiting_for_task("outside_1", "task_result")] == [workflow_id]
    assert questions.waiting_for_task("outside_1", "escalation") == []
    assert cancel(workflow_id)
    assert questions.waiting_for_task("outside_1", "task_result") == []


def test_the_server_sees_to_its_own_workflows(workflow_id: str) -> None:
    def mine(everything: bool) -> bool:
        return workflow_id in [drive.workflow_id for drive in drives.unfinished(everything)]

    assert (drives.of(workflow_id).driver, mine(True)) == ("cli", False)
    drives.taken_over(workflow_id, "developer", "server")
    assert (mine(False), mine(True)) == (False, True)
    claim(workflow_id, "q1", YES, "ann")
    assert mine(False)
    questions.take(workflow_id, "q1", YES, "ann")
    workflows.update(workflow_id, "completed", "completed", "done")
    assert not mine(True)
    drives.taken_over(workflow_id, "developer", "cli")
    assert drives.of(workflow_id).driver == "cli"


def test_an_answer_that_was_given_while_others_wait_is_gone_on_with(workflow_id: str) -> None:
    drives.taken_over(workflow_id, "developer", "server")
    questions.ask(workflow_id, "q2", payload("escalation", "t1"))
    claim(workflow_id, "q2", YES, "ann")
    assert workflows.get(workflow_id).status == "waiting"
    assert workflow_id in [drive.workflow_id for drive in drives.unfinished(False)]


def test_cancelled_stays_cancelled_until_it_is_driven_again(workflow_id: str) -> None:
    assert cancel(workflow_id)
    assert not cancel(workflow_id)
    workflows.waits(workflow_id)
    workflows.goes_on(workflow_id)
    assert workflows.get(workflow_id).status == "cancelled"
    workflows.begin(workflow_id)
    assert (workflows.get(workflow_id).status, workflows.get(workflow_id).reason) == ("running", None)


def test_what_the_workflow_no_longer_asks_is_withdrawn(workflow_id: str) -> None:
    assert all(questions.ask(workflow_id, name, payload()) for name in ("q2", "q3"))
    claim(workflow_id, "q1", YES, "ann")
    questions.withdraw(workflow_id, but=["q3"])
    assert [one.interrupt_id for one in questions.of_workflow(workflow_id)] == ["q1", "q3"]
    questions.withdraw(workflow_id)
    assert [one.interrupt_id for one in questions.of_workflow(workflow_id)] == ["q1"]


def test_whether_a_workflow_is_driven(workflow_id: str) -> None:
    assert not is_driven(workflow_id)
    with workflow_lock(workflow_id):
        assert is_driven(workflow_id)
        assert not is_driven(str(uuid.uuid4()))
    assert not is_driven(workflow_id)
