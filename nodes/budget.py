"""The pause when a budget ends: a person raises the cap, or stops the work. Nobody else may, whatever is approved."""

from typing import Any

from nodes.approval import ask_person, request
from nodes.ending import ended
from nodes.task import Task
from schemas.errors import BudgetExceeded
from state import workflows
from state.developer import DeveloperState
from state.todo import TodoState
from tools.budget import exceeded
from tools.caps import new_cap, suggested


def raise_budget(state: TodoState) -> dict[str, Any]:
    """Let a todo go on when there is room again; somebody else who waited may have made it."""
    task = Task(state)
    over = exceeded(task.workflow_id, task.id, state.get("spent_seconds", 0.0))
    return {"verdict": "stopped"} if over and not raised(task.workflow_id, over, task.id) else {}


def raise_plan_budget(state: DeveloperState) -> dict[str, Any]:
    """The same for the planner; a person who gives no more ends the workflow."""
    over = exceeded(state["workflow_id"])
    if over and not raised(state["workflow_id"], over):
        return {"over_budget": "", **ended(state["workflow_id"], "failed", "budget", over.message)}
    return {"over_budget": ""}


def raised(workflow_id: str, over: BudgetExceeded, task_id: str | None = None) -> bool:
    """Whether the person gives more; then the cap is written down."""
    payload = question(over, task_id)
    decision = ask_person(workflow_id, f"{task_id or 'plan'}/budget/{over.kind}/{float(over.cap)}", payload)
    if decision.type == "reject":
        return False
    args = payload["action_requests"][0]["args"]
    cap = new_cap(args, decision.args or {}) if decision.type == "edit" else args["new_cap"]
    workflows.set_budget(workflow_id, over.kind, cap, None if over.scope == "workflow" else over.scope)
    return True


def question(over: BudgetExceeded, task_id: str | None) -> dict[str, Any]:
    """What the person is asked; the answer speaks of the cap, since more may be spent while the question waits."""
    asked = {"scope": over.scope, "kind": over.kind, "cap": over.cap}
    asked["new_cap"] = suggested(over.kind, over.cap, over.spent)
    description = (
        f"{over.message}\n{over.hint}\n"
        f"approve: the new cap is {asked['new_cap']} · edit: give another `new_cap` · reject: stop"
    )
    payload = request(
        "raise_budget", {**asked, "spent": float(over.spent)}, description, ["approve", "edit", "reject"], task_id
    )
    same = request("raise_budget", asked, description, [])["artifact_hash"]
    return {**payload, "artifact_hash": same}
