"""The end of a workflow that is not done: which todos failed, which hang on them, and why it stopped."""

from typing import Any

from nodes.ending import ended
from schemas.stops import WorkflowStop
from schemas.todo import TodoList
from state.developer import DeveloperState, TodoResult
from tools.events import emit

GRAVEST: tuple[WorkflowStop, ...] = ("tampering", "budget", "stopped")
"""Reasons of a todo that are the workflow's too."""


def unfinished(state: DeveloperState, plan: TodoList) -> dict[str, Any]:
    """Its end, and a result for every todo that never started."""
    results = state["results"]
    failed = [name for name, result in results.items() if result["status"] != "done"]
    blocked = [item.id for item in plan.items if item.id not in results]
    for task_id in blocked:
        facts: dict[str, Any] = {
            "status": "blocked",
            "stop_reason": "blocked",
            "reason": f"depends on {', '.join(failed)}",
        }
        emit("task.failed", state["workflow_id"], "schedule", task_id=task_id, step=task_id, **facts)
    reason = "; ".join(f"{name}: {results[name]['reason']}" for name in failed)
    stop = why([results[name] for name in failed], bool(blocked))
    end = ended(state["workflow_id"], "blocked" if blocked else "failed", stop, reason)
    return {
        **end,
        "results": {task_id: blocked_by(failed) for task_id in blocked},
        "kept": dict.fromkeys(state["kept"]),
    }


def why(failed: list[TodoResult], blocked: bool) -> WorkflowStop:
    """The gravest reason of a todo; otherwise only that some failed."""
    reasons = {result["stop_reason"] for result in failed}
    gravest = next((reason for reason in GRAVEST if reason in reasons), None)
    return gravest or ("todos_blocked" if blocked else "todos_failed")


def blocked_by(failed: list[str]) -> TodoResult:
    """The result of a todo that never started."""
    return {
        "status": "blocked",
        "stop_reason": "blocked",
        "commit": "",
        "evidence": "",
        "attempts": 0,
        "branch_todos": [],
        "debug_attempts": 0,
        "contract": "",
        "built_on": {},
        "base": "",
        "sealed": "",
        "red": "",
        "depth": 1,
        "round": 1,
        "reopens": "",
        "reason": f"depends on {', '.join(failed)}",
    }
