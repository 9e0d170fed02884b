"""Ends a todo: what its workflow gets to know of it."""

from typing import Any

from nodes.task import Task
from state.developer import BranchTodo, TodoResult, TodoStatus
from state.todo import TodoState


def settle(state: TodoState) -> dict[str, Any]:
    """One result, done or not, with the reason."""
    task = Task(state)
    failure = state.get("failure")
    status: TodoStatus = "done" if failure is None else "stopped" if state.get("verdict") == "stopped" else "failed"
    result: TodoResult = {
        "status": status,
        "commit": state["head"],
        "evidence": state.get("tip") or state["head"],
        "attempts": state["attempt"],
        "branch_todos": branches(state),
        "reason": f"{failure['failure_class'] or 'failed'}: {failure['summary']}" if failure else "",
    }
    event = "task.completed" if status == "done" else "task.failed"
    task.emit(event, "settle", status=status, reason=result["reason"])
    return {"results": {task.id: result}}


def branches(state: TodoState) -> list[BranchTodo]:
    """All branch todos; the open one is resolved when nothing fails any more."""
    opened = state.get("branch")
    if opened is None:
        return state["branch_todos"]
    ended: BranchTodo = {**opened, "status": "resolved"} if state.get("failure") is None else opened
    return [*state["branch_todos"], ended]
