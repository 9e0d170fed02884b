"""Work that is done outside: a todo's code comes from a person or program, and is judged like any other."""

from typing import Any

from nodes.approval import ask_person, request
from nodes.patch import handed_in
from nodes.task import Task, as_json
from state.developer import BranchTodo
from state.todo import Failure

TAG = "external"


def is_outside(task: Task) -> bool:
    """Whether the todo's code comes from outside: it is tagged so, or whoever started the workflow said so."""
    return TAG in task.item.tags or task.id in task.state["options"].get("external", [])


def from_outside(task: Task) -> dict[str, Any]:
    """Wait for the work, then commit it; or the end of the todo, when nobody will do it."""
    shown = assignment(task)
    step = f"{task.id}/result/{task.attempt}/{task.state.get('turns', 0)}"
    decision = ask_person(task.workflow_id, step, question(shown, task.id))
    if decision.type == "reject":
        return refused(task, decision.message)
    files = handed_in(shown, decision.args or {})
    change = task.change("external", [task.state["head"]], files, f"{task.id}: from outside, attempt {task.attempt}")
    commit = task.commit(change)
    return {"head": commit, "tip": commit, "written": True, "failure": None}


def assignment(task: Task) -> dict[str, Any]:
    """What whoever does the work needs to know."""
    branch, commit = task.state.get("branch"), task.state.get("diagnosis")
    return {
        "todo": task.id,
        "title": task.item.title,
        "description": task.item.description,
        "repository": task.state["repository"],
        "branch": task.branch,
        "best": {"commit": task.state["head"]},
        "attempt": task.attempt,
        "contract": as_json(task.contract).decode() if task.contract else "",
        "sealed_tests": sorted(task.seal),
        "diagnosis": task.read(f".aidev/{branch['id']}/diagnosis.json", commit) if branch else "",
        "files": [],
        "patch": "",
    }


def question(shown: dict[str, Any], task_id: str) -> dict[str, Any]:
    """What is asked."""
    description = (
        f"{task_id} is done outside. The contract and the sealed tests stand at {shown['best']['commit'][:12]} on "
        f"{shown['branch']}.\nedit: hand in `files` ([{{path, content}}]) or `patch` (a unified diff against that "
        "commit); they are judged like any other · reject: nobody will do it, and the workflow stops"
    )
    return request("task_result", shown, description, ["edit", "reject"], task_id)


def refused(task: Task, why: str) -> dict[str, Any]:
    """Nobody does the work: the workflow stops."""
    failure: Failure = {"failure_class": None, "role": "person", "summary": f"nobody does the work: {why}".rstrip(": ")}
    opened: BranchTodo | None = task.state.get("branch")
    stopped: BranchTodo | None = {**opened, "stop_reason": "stopped"} if opened else None
    return {"failure": failure, "verdict": "stopped", "branch": stopped}
