"""Takes over a todo's branch as it stands, so that one role can go on from there by itself."""

from typing import Any

from langgraph.runtime import Runtime

from nodes.prepare import alone
from nodes.task import Task
from schemas.report import TestReport
from state.options import RunContext
from state.todo import Failure, TodoState
from tools.artifacts import branch_name


def adopt(state: TodoState, *, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """A workflow of its own whose branch starts at the commit given; what failed there is read from its reports."""
    start = alone(state, runtime.context or {})
    commit = start["base"]
    start |= {
        "attempt": 1,
        "spent_seconds": 0.0,
        "branch": None,
        "branch_todos": [],
        "head": commit,
        "tip": commit,
        "written": True,
    }
    task = Task({**state, **start, "sealed": commit})  # type: ignore[typeddict-item]
    task.store.point(branch_name(task.workflow_id, task.id), commit)
    return {**start, "base": task.store.base(), "sealed": commit, "failure": failed(task)}


def failed(task: Task) -> Failure | None:
    """What the last verdict on this commit was, if there is one."""
    report = task.record("test_report.json")
    if report is None or TestReport.model_validate(report).status == "passed":
        return None
    return {"failure_class": None, "role": "tester", "summary": "the test report of the commit"}
