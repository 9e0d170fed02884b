"""A mended contract goes to the person when it changes what they approved, or what others have built on."""

from typing import Any, Literal

from nodes.approval import ask_person, request
from nodes.task import Task
from schemas.contract import Contract
from state.developer import BranchTodo
from state.todo import Failure, TodoState, opened
from tools.contract_change import changes, unapproved


def approve_contract(state: TodoState) -> dict[str, Any]:
    """Ask, where there is something to ask."""
    task = Task(state)
    lines = to_be_asked(task)
    if not lines or state["options"]["auto_approve"]:
        return {}
    step = f"{task.id}/contract/{task.agreed.version}"
    decision = ask_person(task.workflow_id, step, question(task, lines))
    if decision.type == "approve":
        return {}
    failure: Failure = {"failure_class": "spec_mismatch", "role": "person", "summary": "the new contract was refused"}
    if decision.type == "reject":
        over: BranchTodo = {**opened(state), "status": "exhausted", "stop_reason": "stopped"}
        return {"failure": failure, "verdict": "stopped", "branch": over}
    return {"failure": failure, "hint": decision.message}


def to_be_asked(task: Task) -> list[str]:
    """What the new version changes of what was approved; of a todo that was done, of anything at all."""
    tries = task.state.get("attempts", [])
    before = task.record("contract.json", tries[-1]["head"]) if tries else None
    if before is None:
        return []
    old = Contract.model_validate(before)
    relied_on = task.state.get("depth", 1) > 1
    return list(changes(old, task.agreed).values()) if relied_on else unapproved(old, task.agreed, task.item)


def question(task: Task, lines: list[str]) -> dict[str, Any]:
    """What the person is asked."""
    agreed = task.agreed
    args = {
        "todo": task.id,
        "contract": f"{agreed.contract_id}@{agreed.version}",
        "changes": lines,
        "why": task.state["attempts"][-1]["summary"],
        "branch": task.branch,
    }
    listed = "\n".join(f"- {line}" for line in lines)
    description = (
        f"To mend {task.id}, the architect changes what was approved:\n{listed}\n"
        "approve: go on with it · respond: say what it should be instead · reject: stop the workflow"
    )
    return request("approve_contract", args, description, ["approve", "respond", "reject"], task.id)


def agreed(state: TodoState) -> Literal["red", "architect", "__end__"]:
    """On with the new contract, back to the architect, or the end."""
    if state.get("verdict"):
        return "__end__"
    return "architect" if state.get("failure") else "red"
