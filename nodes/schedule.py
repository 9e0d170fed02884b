"""The schedule: what is ready runs, side by side; what hangs on a failed todo is blocked; people are asked last."""

from typing import Any, Literal

from langgraph.types import Send

from nodes.intake import made
from nodes.reopening import reopened, unmerged
from nodes.unfinished import unfinished
from nodes.waves import allowance, debugged, finished, prerequisites, ready, start, stopped
from schemas.todo import TodoList
from state import workflows
from state.developer import DeveloperState, merge_kept, merge_results
from tools.events import emit


def schedule(state: DeveloperState) -> dict[str, Any]:
    """Open the repository first; open todos again; end the workflow when nothing more can run and not all is done."""
    workflows.refuse_cancelled(state["workflow_id"])
    place = {} if state.get("base") else made(state["workflow_id"], state["request"], state["created_at"])
    plan = TodoList.model_validate(state["plan"])
    if not state.get("results"):
        for item in plan.items:
            emit("task.created", state["workflow_id"], "schedule", task_id=item.id, step=item.id, title=item.title)
    update: dict[str, Any] = {**place, "results": {}, "kept": {}}
    for step in (reopened, unmerged):
        changed = step(with_(state, update), plan)
        update["results"] |= changed.get("results", {})
        update["kept"] |= changed.get("kept", {})
    now = with_(state, update)
    if sends(now, plan) or finished(now).issuperset(item.id for item in plan.items):
        return update
    end = unfinished(now, plan)
    return {**update, **end, "results": {**update["results"], **end["results"]}}


def with_(state: DeveloperState, update: dict[str, Any]) -> DeveloperState:
    """The state as it will be."""
    results = merge_results(state.get("results") or {}, update["results"])
    kept = merge_kept(state.get("kept") or {}, update["kept"])
    return {**state, **update, "results": results, "kept": kept}  # type: ignore[typeddict-item]


def sends(state: DeveloperState, plan: TodoList) -> list[Send]:
    """A run of the todo graph for everything that can go on; questions to people only when nothing else can."""
    if stopped(state):
        return []
    kept, after = state.get("kept") or {}, prerequisites(plan)
    going = [one for one in kept.values() if not one.get("asking")]
    going += [start(state, item, after[item.id]) for item in ready(state, plan, after)]
    chosen = going or list(kept.values())
    share = allowance(state, len(chosen))
    return [Send("todo", {**one, "allowance": debugged(one) + share}) for one in chosen]


def dispatch(state: DeveloperState) -> list[Send] | Literal["integrate", "__end__"]:
    """What runs next."""
    if state["status"] != "running":
        return "__end__"
    return sends(state, TodoList.model_validate(state["plan"])) or "integrate"
