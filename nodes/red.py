"""Red before green: before the coder is asked, the sealed tests have to fail on a stub of the contract."""

from typing import Any

from nodes.suite import judged, specified
from nodes.task import Task, as_json, timed
from schemas.answers import FailureClass
from schemas.errors import SandboxError, SetupError
from state.todo import TodoState
from tools.verdict.red import Red
from tools.verdict.red import red as on_a_stub


@timed
def red(state: TodoState) -> dict[str, Any]:
    """Show that the tests can fail; the ids that did are those that must pass later."""
    task = Task(state)
    if task.red and task.red["sealed"] == state["sealed"]:
        return {"failure": None}
    tip = task.store.made(task.evidence("red", {}))
    try:
        tip = tip or task.commit(task.evidence("red", record(task)))
    except (SetupError, SandboxError) as error:
        summary = str(error).splitlines()[0]
        return {"failure": {"failure_class": "infrastructure", "role": "red", "summary": summary}}
    found = task.record("red.json", tip)
    if problems := found["problems"]:
        cause: FailureClass = "timeout" if found["late"] else "spec_mismatch" if found["mismatch"] else "weak_tests"
        return {"tip": tip, "failure": {"failure_class": cause, "role": "red", "summary": problems[0][:300]}}
    return {"tip": tip, "red": tip, "failure": None}


def record(task: Task) -> dict[str, bytes]:
    """Run them; the file of the evidence commit."""
    found: Red = judged(task, specified(task), lambda judgement: on_a_stub(judgement, task.agreed))
    facts = {
        "sealed": task.state["sealed"],
        "collected": list(found.collected),
        "replaced": list(found.replaced),
        "mismatch": found.mismatch,
        "late": found.late,
        "problems": list(found.problems),
        "log": found.log,
    }
    return {task.folder("red.json"): as_json(facts)}
