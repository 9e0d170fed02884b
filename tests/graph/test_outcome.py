"""What is told of a workflow, from its state alone."""

from typing import Any

import pytest

from graph.outcome import before, halted

PLAN = {"items": [{"id": "a"}, {"id": "b", "dependencies": ["a"]}, {"id": "c", "dependencies": ["a", "b"]}]}


@pytest.mark.parametrize(
    ("task_id", "commit"),
    [(None, "base"), ("a", "base"), ("b", "made of a"), ("c", "base"), ("release_merge", "base")],
)
def test_a_todo_starts_from_the_one_it_needs(task_id: str | None, commit: str) -> None:
    state: Any = {"plan": PLAN, "base": "base", "results": {"a": {"commit": "made of a"}}}
    assert before(state, task_id) == commit


def test_a_todo_without_a_plan_starts_from_the_base() -> None:
    state: Any = {"base": "base"}
    assert before(state, "alone") == "base"


@pytest.mark.parametrize(("status", "shown"), [("running", "stopped"), ("done", "done"), ("waiting", "waiting")])
def test_what_a_workflow_was_at_when_it_ended_has_stopped(status: str, shown: str) -> None:
    assert halted({"status": status})["status"] == shown
