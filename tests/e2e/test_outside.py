"""Work done outside: the todo waits for it, and it is judged like any other."""

from pathlib import Path

import pytest

from graph.answering import answer
from schemas.decision import Decision
from schemas.errors import AlreadyAnswered, DecisionRefused
from state import questions
from tests.e2e.scripted import Scripted, edit, given, library, plan, start

pytestmark = [pytest.mark.usefixtures("quick"), pytest.mark.timeout(240)]


def right() -> list[dict[str, str]]:
    answer = given("coder")["respond"]
    return [dict(file) for file in answer["files"]]


def started(folder: Path) -> Scripted:
    entries = [plan("counts"), given("architect"), *[one for one in library() if one["role"] == "debugger"]]
    return start(folder, entries, external=["counts"]).go()


def test_work_from_outside_is_judged_and_sent_back_until_it_is_right(tmp_path: Path) -> None:
    run = started(tmp_path)
    asked = run.question
    assert (asked["name"], asked["args"]["todo"], asked["args"]["attempt"]) == ("task_result", "counts", 1)
    assert "count_words" in asked["args"]["contract"]
    sealed = asked["args"]["sealed_tests"][0]
    for refused, hint in (
        ({}, "at least one"),
        ({"files": right(), "patch": "x"}, "either"),
        ({"files": [{"path": "../out.py", "content": ""}]}, "Mend or leave out"),
        ({"files": [{"path": "conftest.py", "content": ""}]}, "Mend or leave out"),
        ({"files": [{"path": sealed, "content": ""}]}, "Sealed tests stay"),
    ):
        with pytest.raises(DecisionRefused) as error:
            run.go(edit(**refused))
        assert hint in error.value.hint
    wrong = [{**file, "content": file["content"].replace("lower()", "upper()")} for file in right()]
    again = run.go(edit(files=wrong)).question
    assert again["args"]["attempt"] == 2
    assert again["args"]["diagnosis"]
    assert run.go(edit(files=right())).result["status"] == "completed"
    assert [todo["status"] for todo in run.result["todos"]] == ["done"]
    assert run.shown["branches"][f"ai/generated/{run.workflow_id}/release"]
    answered = questions.of_workflow(run.workflow_id)
    assert {one.answered_by for one in answered} == {questions.this_person()}


def test_nobody_does_the_work(tmp_path: Path) -> None:
    run = started(tmp_path).go(Decision(type="reject", message="no time"))
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "stopped")
    assert run.todo()["stop_reason"] == "stopped"


def test_the_first_answer_counts(tmp_path: Path) -> None:
    run = started(tmp_path)
    answer(run.workflow_id, edit(files=right()), "ann")
    with pytest.raises(AlreadyAnswered, match="ann has answered already: edit"):
        answer(run.workflow_id, edit(files=right()), "bob")
    assert run.go().result["status"] == "completed"
    (asked,) = questions.of_workflow(run.workflow_id)
    assert (asked.answered_by, asked.taken_at is not None) == ("ann", True)


def test_what_was_asked_before_questions_were_written_down_can_be_answered(tmp_path: Path) -> None:
    run = started(tmp_path)
    questions.withdraw(run.workflow_id)
    assert run.go(edit(files=right())).result["status"] == "completed"
