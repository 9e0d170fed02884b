"""Opens todos again: one whose contract has to change, those built on it, and merges that conflict."""

from typing import Any

from nodes.merging import Merged, MergeTodo, below, merge_all, merge_id
from nodes.waves import finished, prerequisites, ready, start
from schemas.todo import TodoItem, TodoList
from settings import settings
from state.developer import DeveloperState, TodoResult
from state.todo import Failure

Change = dict[str, dict[str, Any]]
"""What changes in `results` and `kept`; None takes an entry back."""
DEEPEST = 2


def reopened(state: DeveloperState, plan: TodoList) -> Change:
    """The todo that a merge found at fault, and every todo built on a contract that has changed since."""
    results = state["results"]
    after, items = prerequisites(plan), {item.id: item for item in plan.items}
    change: Change = {"results": {}, "kept": {}}
    for name, result in results.items():
        if result["status"] == "reopen":
            culprit = result["reopens"]
            allowed = deepest(plan) >= DEEPEST and results[culprit]["depth"] < DEEPEST
            change["results"] |= {name: None, culprit: None} if allowed else {name: too_deep(result)}
            if allowed:
                change["kept"][culprit] = at_fault(state, items[culprit], after[culprit], result)
    for task_id in stale(state):
        change["results"] |= {task_id: None, merge_id(task_id): None}
        change["kept"][task_id] = anew(state, items[task_id], after[task_id])
    return change


def deepest(plan: TodoList) -> int:
    """How deep debugging may go: as the settings say, or less where the list does."""
    own = plan.metadata.max_branch_depth if plan.metadata else None
    return min(settings().max_branch_depth, own or DEEPEST)


def too_deep(result: TodoResult) -> TodoResult:
    """A merge that failed for good."""
    return {**result, "status": "failed", "stop_reason": "depth"}


def at_fault(state: DeveloperState, item: TodoItem, after: list[str], merge: TodoResult) -> dict[str, Any]:
    """The state of a todo that was done, with the failure that its contract is to blame for."""
    old = state["results"][item.id]
    commits = {"base": old["base"], "head": old["commit"], "tip": old["evidence"]}
    commits |= {"sealed": old["sealed"], "red": old["red"]}
    failure = {"failure_class": "spec_mismatch", "role": "integrate", "summary": merge["reason"]}
    counters: dict[str, Any] = {"attempt": old["attempts"] + 1, "spent_seconds": 0.0, "branch": None, "written": True}
    counters |= {
        "depth": DEEPEST,
        "branch_todos": old["branch_todos"],
        "built_on": old["built_on"],
        "round": old["round"],
    }
    return {**start(state, item, after), **commits, **counters, "failure": failure}


def stale(state: DeveloperState) -> list[str]:
    """Todos that are done on contracts which are no longer in force."""
    results, done = state["results"], finished(state)
    return [
        name
        for name, result in results.items()
        if name in done
        and done.issuperset(result["built_on"])
        and any(results[before]["contract"] != contract for before, contract in result["built_on"].items())
    ]


def anew(state: DeveloperState, item: TodoItem, after: list[str]) -> dict[str, Any]:
    """The state of a todo that is built once more; what it had stays on a branch of its own."""
    old = state["results"][item.id]
    count = {"attempt": old["attempts"] + 1, "branch_todos": old["branch_todos"], "round": old["round"] + 1}
    return {**start(state, item, after), **count, "depth": old["depth"]}


def unmerged(state: DeveloperState, plan: TodoList) -> Change:
    """For every todo that is ready and builds on others which conflict: a todo that puts those together."""
    after = prerequisites(plan)
    change: Change = {"results": {}, "kept": {}}
    for item in ready(state, plan, after):
        name, members = merge_id(item.id), [one for one in after[item.id] if one in finished(state)]
        if len(members) > 1 and name not in state["results"]:
            first = state["results"][members[0]]["commit"]
            merged = merge_all(state, name, first, members[1:])
            if merged.conflicts:
                change["kept"] |= put_together(state, item.id, below(plan, after, members), merged)
    return change


def put_together(state: DeveloperState, name: str, members: list[str], merged: Merged) -> dict[str, Any]:
    """The todo that mends a merge with conflicts."""
    said = f"git's conflict markers stand in {', '.join(merged.conflicts)}: the todos changed the same places"
    failure: Failure = {"failure_class": "merge_conflict", "role": "integrate", "summary": said}
    return {merge_id(name): MergeTodo(state, name, members, merged).start(failure, {})}
