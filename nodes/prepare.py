"""Gives a todo what it starts from: a workflow, a repository, and its dependencies merged into one commit."""

from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from nodes.intake import open_workflow
from nodes.task import Task
from schemas.errors import BadInput, MergeConflict
from schemas.todo import TodoItem
from state.options import RunContext
from state.todo import TodoState
from tools.artifacts import branch_name, open_repository
from tools.sandbox.pool import sandbox


def prepare(state: TodoState, *, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Start the todo; one that is run by itself gets a workflow of its own."""
    start = {} if state.get("workflow_id") else alone(state, runtime.context or {})
    start |= {"attempt": state.get("attempt", 1), "spent_seconds": 0.0, "failure": None, "branch": None}
    start |= {"branch_todos": state.get("branch_todos", []), "written": False, "setbacks": 0, "attempts": []}
    task = Task({**state, **start})  # type: ignore[typeddict-item]
    sandbox().prepare()
    put_aside(task)
    task.emit("task.dispatched", "prepare", stage="architect", role=task.item.agent_role, title=task.item.title)
    try:
        base = merged(task)
    except MergeConflict as error:
        base = task.state["depends_on"][0]
        start["failure"] = {"failure_class": None, "role": "prepare", "summary": str(error)}
    else:
        task.emit("task.started", "prepare", stage="architect")
    return {**start, "base": base, "head": base, "tip": None}


def put_aside(task: Task) -> None:
    """What an earlier round made stays, under a name of its own."""
    earlier, old = task.state.get("round", 1) - 1, task.store.resolve(task.branch)
    name = branch_name(task.workflow_id, f"{task.id}_round_{earlier}")
    if earlier and old and task.store.resolve(name) in (None, old):
        task.store.point(name, old)
        task.store.point(task.branch, None)


def alone(state: TodoState, context: RunContext) -> dict[str, Any]:
    """A workflow for a todo, or a role, that was started by itself."""
    if not state.get("todo"):
        raise BadInput("A todo is needed.", "Give `todo`: an item as in schemas/todo_schema.json.")
    item = TodoItem.model_validate(state["todo"])
    opened = open_workflow(state.get("request") or item.title, state.get("repo"), context)
    wanted = state.get("commit") or opened["base"]
    commit = open_repository(Path(opened["repository"])).resolve(wanted)
    if commit is None:
        raise BadInput(f"No commit {wanted} in {opened['repository']}.", "Give a commit or branch that exists there.")
    return {**opened, "base": commit, "todo": item.model_dump(mode="json")}


def merged(task: Task) -> str:
    """The commit that holds what all dependencies made."""
    base, *others = task.state.get("depends_on") or [task.state["base"]]
    for number, commit in enumerate(others, 1):
        step = f"{task.id}/base/{number}"
        base = task.store.merge(base, commit, step, f"{task.id}: its dependencies", task.state["created_at"], {})
    return base
