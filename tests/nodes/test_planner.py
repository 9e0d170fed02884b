"""The planner's answer is judged as a plan, not only as a document; what is wrong goes back to it."""

from pathlib import Path
from typing import Any, cast

import pytest

from nodes.planner import check
from schemas.answers import PlanAnswer
from schemas.errors import ModelOutputError
from state.developer import DeveloperState
from tools.artifacts import create_repository

MOMENT = "2026-01-01T00:00:00+00:00"


def state(**more: Any) -> DeveloperState:
    found = {"workflow_id": "0" * 36, "created_at": MOMENT, "request": "Count words.", **more}
    return cast(DeveloperState, found)


def answer(cmd: str = "python -m pytest -q tests/test_words.py", kind: str = "general", **item: Any) -> PlanAnswer:
    todo = {
        "id": "words",
        "title": "Count words",
        "description": "A function that counts words.",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": cmd}]},
        "output_artifacts": ["words.py"],
        **item,
    }
    return PlanAnswer.model_validate({"workflow_name": "words", "kind": kind, "items": [todo]})


def said(found: PlanAnswer, now: DeveloperState | None = None) -> str:
    with pytest.raises(ModelOutputError) as refused:
        check(now or state(), 1, found)
    return str(refused.value)


def test_a_good_plan_is_taken() -> None:
    check(state(), 1, answer())


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (answer("true"), "items[0].acceptance_criteria.tests[0].cmd: ends the same way"),
        (answer(dependencies=["nobody"]), "items[0].dependencies[0]: no item has the id nobody"),
        (answer(kind="strategy"), "items: a strategy has exactly t1_data_integration"),
        (answer(output_artifacts=[]), "items[0].output_artifacts: it makes nothing"),
    ],
)
def test_a_bad_plan_goes_back_with_the_reason(found: PlanAnswer, line: str) -> None:
    assert line in said(found)


def test_all_faults_are_told_at_once() -> None:
    assert len(said(answer("date", input_artifacts=["nobody.csv"], timeout_seconds=9_999)).splitlines()) == 3


def test_what_the_repository_holds_may_be_used(tmp_path: Path) -> None:
    store = create_repository(tmp_path / "repository", "Count words.", MOMENT)
    found = answer(input_artifacts=["README.md"])
    check(state(repository=str(store.path), base=store.base()), 1, found)
    assert "nobody makes README.md" in said(found)


def test_a_plan_that_cannot_be_made_is_not_judged() -> None:
    check(state(), 1, PlanAnswer(workflow_name="w", kind="general", items=[], unreadable="all of it"))
