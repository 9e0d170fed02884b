"""Hands a failure over to a person: more attempts with a hint, give up on the todo, or stop."""

from typing import Any, Literal

from nodes.approval import ask_person, request
from nodes.task import Task
from state.developer import BranchTodo
from state.todo import TodoState, failing, opened


def escalate(state: TodoState) -> dict[str, Any]:
    """Ask the person; where none is to be asked, give the todo up."""
    task = Task(state)
    branch = opened(state)
    over: BranchTodo = {**branch, "status": "escalated"}
    if state["options"]["auto_approve"]:
        return {"verdict": "skipped", "branch": {**branch, "status": "exhausted"}}
    step = f"{task.id}/escalate/{len(state['branch_todos']) + 1}"
    decision = ask_person(task.workflow_id, step, escalation(task))
    if decision.type == "respond":
        return {"hint": decision.message, "branch_todos": [*state["branch_todos"], over], "branch": None}
    return {"verdict": "stopped" if decision.type == "reject" else "skipped", "branch": over}


def escalation(task: Task) -> dict[str, Any]:
    """What the person is told."""
    failure, branch = failing(task.state), opened(task.state)
    args = {
        "task_id": task.id,
        "failure_class": failure["failure_class"],
        "failure": failure["summary"],
        "attempts": task.attempt,
        "branch": task.branch,
        "branch_todo": branch["id"],
    }
    description = (
        f"{task.id} still fails after {task.attempt} attempts: {failure['failure_class']}: {failure['summary']}\n"
        "respond: say what to do, and it is tried again · approve: leave this todo out, with what depends on it · "
        "reject: stop the workflow"
    )
    return request("escalation", args, description, ["respond", "approve", "reject"], task.id)


def answered(state: TodoState) -> Literal["debugger", "__end__"]:
    """Back into the loop with a hint, or out of it."""
    return "debugger" if state["branch"] is None else "__end__"
