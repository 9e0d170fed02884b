"""Ends a todo, or keeps it for later: what its workflow gets to know of it."""

from typing import Any

from nodes.merging import owner
from nodes.task import Task, as_json, sha256
from schemas.stops import TodoStop
from state.developer import BranchTodo, TodoResult, TodoStatus
from state.todo import TodoState

LIMITS: tuple[TodoStop, ...] = ("time", "branch_time")
"""Reasons of a todo that time ended."""
STATUS: dict[str | None, TodoStatus] = {"stopped": "stopped", "reopen": "reopen"}


def settle(state: TodoState) -> dict[str, Any]:
    """One result, done or not, with the reason; or the state to go on from when a person is to be asked later."""
    task = Task(state)
    if state.get("verdict") == "escalated":
        task.emit("task.progress", "settle", stage="escalate")
        waiting = {name: value for name, value in state.items() if name not in ("results", "kept")}
        return {"kept": {task.id: {**waiting, "verdict": None, "asking": True}}}
    found = result(task)
    tell(task, found)
    return {"results": {task.id: found}, "kept": {task.id: None}}


def tell(task: Task, found: TodoResult) -> None:
    """How it ended; first that a limit of time ended it, where one did."""
    ended = {"stop_reason": found["stop_reason"], "reason": found["reason"]}
    if found["stop_reason"] in LIMITS:
        task.emit("task.timeout", "settle", **ended)
    task.emit(
        "task.completed" if found["status"] == "done" else "task.failed", "settle", status=found["status"], **ended
    )


def result(task: Task) -> TodoResult:
    """How the todo ended."""
    state, failure = task.state, task.state.get("failure")
    status: TodoStatus = "done" if failure is None else STATUS.get(state.get("verdict"), "failed")
    branch_todos = branches(state)
    return {
        "status": status,
        "stop_reason": stop_reason(task, branch_todos),
        "commit": state["head"],
        "evidence": state.get("tip") or state["head"],
        "attempts": state["attempt"],
        "branch_todos": branch_todos,
        "debug_attempts": sum(branch["attempts"] for branch in branch_todos),
        "contract": f"{task.keeps}+{digest(task)}.{state.get('round', 1)}" if state.get("sealed") else "",
        "built_on": state.get("built_on", {}),
        "base": state["base"],
        "sealed": state.get("sealed", ""),
        "red": state.get("red", ""),
        "depth": state.get("depth", 1),
        "round": state.get("round", 1),
        "reopens": owner(task) if status == "reopen" else "",
        "reason": f"{failure['failure_class'] or 'failed'}: {failure['summary']}" if failure else "",
    }


def stop_reason(task: Task, branch_todos: list[BranchTodo]) -> TodoStop:
    """The one word."""
    failure = task.state.get("failure")
    if failure is None:
        return "passed"
    if failure["failure_class"] == "budget":
        return "budget"
    if task.state.get("verdict") == "stopped" and not branch_todos:
        return "stopped"
    return branch_todos[-1]["stop_reason"] or "reopened" if branch_todos else "dependencies"


def digest(task: Task) -> str:
    """What others can rely on: interfaces and data models, whatever the version says."""
    agreed = task.agreed
    parts = [part.model_dump(mode="json") for part in [*agreed.interfaces, *agreed.data_models]]
    return sha256(as_json(parts))[:8]


def branches(state: TodoState) -> list[BranchTodo]:
    """All branch todos; the open one is resolved when nothing fails any more."""
    opened = state.get("branch")
    if opened is None:
        return state["branch_todos"]
    ended: BranchTodo = (
        {**opened, "status": "resolved", "stop_reason": "passed"} if state.get("failure") is None else opened
    )
    return [*state["branch_todos"], ended]
