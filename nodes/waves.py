"""Which todos can start, from what, and with how many debug attempts."""

from collections.abc import Mapping, Sequence
from typing import Any

from nodes.merging import merge_id
from schemas.todo import TodoItem, TodoList
from settings import settings
from state.developer import DeveloperState
from tools.write_set import must_follow


def prerequisites(plan: TodoList) -> dict[str, list[str]]:
    """Todo → its dependencies, and those that write the same files before it."""
    follows = must_follow(plan)
    return {item.id: list(dict.fromkeys([*item.dependencies, *follows.get(item.id, [])])) for item in plan.items}


def ready(state: DeveloperState, plan: TodoList, after: Mapping[str, Sequence[str]]) -> list[TodoItem]:
    """Todos that wait for nothing any more, most urgent first."""
    results, kept = state.get("results") or {}, state.get("kept") or {}
    free = [item for item in plan.items if item.id not in results.keys() | kept.keys()]
    done = finished(state)
    free = [item for item in free if done.issuperset(item.dependencies) and results.keys() >= set(after[item.id])]
    return sorted((item for item in free if mergeable(state, item)), key=lambda item: item.priority or 10)


def finished(state: DeveloperState) -> set[str]:
    """Todos that are done."""
    return {name for name, result in (state.get("results") or {}).items() if result["status"] == "done"}


def mergeable(state: DeveloperState, item: TodoItem) -> bool:
    """Whether what it builds on is not just being put together, and has not failed to be."""
    name = merge_id(item.id)
    result = (state.get("results") or {}).get(name)
    return name not in (state.get("kept") or {}) and (result is None or result["status"] == "done")


def stopped(state: DeveloperState) -> bool:
    """Whether a person, or a find that nobody may mend, has stopped the workflow."""
    return any(result["status"] == "stopped" for result in (state.get("results") or {}).values())


def start(state: DeveloperState, item: TodoItem, before: Sequence[str]) -> dict[str, Any]:
    """The state that a todo starts from, on what is done before it; one that wrote the same files may have failed."""
    results, done = state.get("results") or {}, finished(state)
    after = [name for name in before if name in done]
    together = results.get(merge_id(item.id))
    return {
        "workflow_id": state["workflow_id"],
        "created_at": state["created_at"],
        "options": state["options"],
        "request": state["request"],
        "repository": state["repository"],
        "todo": item.model_dump(mode="json", exclude_none=True),
        "base": state["base"],
        "depends_on": [together["commit"]] if together else [results[name]["commit"] for name in after],
        "built_on": {name: results[name]["contract"] for name in after},
        "depth": 1,
        "round": 1,
        "defer": True,
    }


def allowance(state: DeveloperState, todos: int) -> int:
    """Debug attempts for each of these todos, so that all of them stay under the workflow's ceiling."""
    used = sum(result["debug_attempts"] for result in (state.get("results") or {}).values())
    used += sum(debugged(one) for one in (state.get("kept") or {}).values())
    return max(0, settings().max_branch_attempts - used) // max(1, todos)


def debugged(todo: Mapping[str, Any]) -> int:
    """Debug attempts that a kept todo has used."""
    opened = [todo["branch"]] if todo.get("branch") else []
    return sum(branch["attempts"] for branch in [*todo.get("branch_todos", []), *opened])
