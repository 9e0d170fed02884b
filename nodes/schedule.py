"""The schedule: what is ready runs, side by side; what hangs on a failed todo is blocked; the rest waits."""

from typing import Any, Literal

from langgraph.types import Send

from nodes.ending import ended
from nodes.intake import made
from schemas.todo import TodoItem, TodoList
from state.developer import DeveloperState, TodoResult
from tools.events import emit


def schedule(state: DeveloperState) -> dict[str, Any]:
    """Open the repository first; end the workflow when nothing more can run and not all is done."""
    place = {} if state.get("base") else made(state["workflow_id"], state["request"], state["created_at"])
    plan = TodoList.model_validate(state["plan"])
    results = state.get("results") or {}
    for item in plan.items if not results else []:
        emit("task.created", state["workflow_id"], "schedule", task_id=item.id, step=item.id, title=item.title)
    if ready(plan, results) or all(result_of(results, item) == "done" for item in plan.items):
        return place
    return {**place, **not_done(state, plan)}


def result_of(results: dict[str, TodoResult], item: TodoItem) -> str:
    """A todo's status; "waiting" until it has run."""
    return results[item.id]["status"] if item.id in results else "waiting"


def ready(plan: TodoList, results: dict[str, TodoResult]) -> list[TodoItem]:
    """Todos that wait for nothing any more, most urgent first; none once a person has stopped the workflow."""
    if any(result["status"] == "stopped" for result in results.values()):
        return []
    done = {name for name, result in results.items() if result["status"] == "done"}
    waiting = [item for item in plan.items if item.id not in results and done.issuperset(item.dependencies)]
    return sorted(waiting, key=lambda item: item.priority or 10)


def not_done(state: DeveloperState, plan: TodoList) -> dict[str, Any]:
    """The end of a workflow with todos that failed, and those that hang on them."""
    results = state.get("results") or {}
    failed = [name for name, result in results.items() if result["status"] != "done"]
    blocked = [item.id for item in plan.items if item.id not in results]
    for task_id in blocked:
        emit("task.failed", state["workflow_id"], "schedule", task_id=task_id, step=task_id, status="blocked")
    reason = "; ".join(f"{name}: {results[name]['reason']}" for name in failed)
    end = ended(state["workflow_id"], "blocked" if blocked else "failed", reason)
    return {**end, "results": {task_id: blocked_by(failed) for task_id in blocked}}


def blocked_by(failed: list[str]) -> TodoResult:
    """The result of a todo that never started."""
    return {
        "status": "blocked",
        "commit": "",
        "evidence": "",
        "attempts": 0,
        "branch_todos": [],
        "reason": f"depends on {', '.join(failed)}",
    }


def dispatch(state: DeveloperState) -> list[Send] | Literal["integrate", "__end__"]:
    """A run of the todo graph for everything that is ready."""
    plan = TodoList.model_validate(state["plan"])
    results = state.get("results") or {}
    if state["status"] != "running":
        return "__end__"
    sends = [Send("todo", start(state, item, results)) for item in ready(plan, results)]
    return sends or "integrate"


def start(state: DeveloperState, item: TodoItem, results: dict[str, TodoResult]) -> dict[str, Any]:
    """The state that a todo starts from."""
    return {
        "workflow_id": state["workflow_id"],
        "created_at": state["created_at"],
        "options": state["options"],
        "request": state["request"],
        "repository": state["repository"],
        "todo": item.model_dump(mode="json", exclude_none=True),
        "base": state["base"],
        "depends_on": [results[name]["commit"] for name in item.dependencies],
    }
