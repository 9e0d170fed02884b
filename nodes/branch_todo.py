"""The branch todo: its limits, its routes, and what is written down of it on a git branch of its own."""

import json
from dataclasses import replace
from typing import Any

from nodes.diagnose import Diagnosis
from nodes.task import Task, as_json
from schemas.answers import FailureClass
from schemas.ports import Change
from schemas.stops import TodoStop
from settings import settings
from state.developer import Attempt, BranchTodo
from state.todo import failing
from tools import attempts
from tools.artifacts import branch_name
from tools.attempts import Limits

ROUTES: dict[FailureClass, str] = {
    "implementation_bug": "coder",
    "merge_conflict": "coder",
    "spec_mismatch": "architect",
    "missing_dependency": "architect",
    "weak_tests": "architect",
    "no_trades": "architect",
    "timeout": "tester",
    "flaky_test": "tester",
}
"""Who mends what; a todo's `failure_routing` overrides."""


def route(task: Task, failure_class: FailureClass) -> str:
    """The role that mends this class; where nothing has to be mended, the role that is to try again."""
    return task.item.failure_routing.get(failure_class) or ROUTES.get(failure_class) or failing(task.state)["role"]


def current(task: Task, failure_class: FailureClass) -> BranchTodo:
    """The branch todo that is open, with this class; without one, a new one that has used no attempt."""
    before = task.state.get("branch")
    now: BranchTodo = before or {
        "id": f"{task.id}_branch_{len(task.state['branch_todos']) + 1:02d}",
        "failure_class": failure_class,
        "route": "",
        "attempts": 0,
        "status": "open",
        "stop_reason": "",
        "depth": task.state.get("depth", 1),
        "opened_on": seen(task)["number"] if hinted(task) else task.attempt,
        "began": task.state.get("spent_seconds", 0.0),
    }
    return {**now, "failure_class": failure_class, "route": route(task, failure_class)}


def hinted(task: Task) -> bool:
    """Whether a person has just said how to go on with what they were shown."""
    state = task.state
    asked = bool(state.get("hint")) and state.get("branch") is None and bool(state.get("attempts"))
    return asked and failing(state)["role"] != "person"


def seen(task: Task) -> Attempt:
    """The attempt that a person was shown."""
    return attempts.best(task.state["attempts"])


def history_of(branch: BranchTodo, tries: list[Attempt]) -> list[Attempt]:
    """The attempts of a branch todo, after the one that it is about."""
    first = next(one for one in tries if one["number"] == branch["opened_on"])
    return [first, *(tries[-branch["attempts"] :] if branch["attempts"] else [])]


def why_over(task: Task, branch: BranchTodo, history: list[Attempt]) -> TodoStop | None:
    """Why there is no further attempt; None when there is one."""
    if branch["depth"] > settings().max_branch_depth:
        return "depth"
    return attempts.stop(history, limits(task, branch))


def limits(task: Task, branch: BranchTodo) -> Limits:
    """A person who says how to go on overrules all but the attempts and the time of one branch todo."""
    state, item = task.state, task.item
    spent = state.get("spent_seconds", 0.0)
    retries = item.max_retries if item.max_retries is not None else settings().max_retries
    overruled = bool(state.get("hint"))
    used_before = sum(one["attempts"] for one in state["branch_todos"])
    allowed = state.get("allowance", settings().max_branch_attempts) - used_before
    return Limits(
        attempts=item.max_debug_attempts if overruled else min(item.max_debug_attempts, retries),
        ceiling=item.max_debug_attempts if overruled else allowed,
        no_progress=settings().no_progress,
        seconds_left=1.0 if overruled else item.timeout_seconds - spent,
        branch_seconds_left=settings().branch_timeout - (spent - branch["began"]),
    )


def record(task: Task, branch: BranchTodo, found: Diagnosis, files: dict[str, bytes]) -> str:
    """Commit a diagnosis; its commit, which keeps those before it and the attempt that it speaks of."""
    state = task.state
    earlier = state.get("diagnosis") if state.get("branch") else None
    folder = f".aidev/{branch['id']}"
    facts = {**branch, "explanation": found.explanation, "instructions": found.instructions}
    written = {
        f"{folder}/todo.json": as_json(branch_item(task, branch, found)),
        f"{folder}/diagnosis.json": as_json(facts),
        **{f"{folder}/{name}": content for name, content in files.items()},
    }
    parents = [state.get("tip") or state["head"], *([earlier] if earlier else [])]
    change: Change = task.change("debugger", parents, written, f"{branch['id']}: diagnosis")
    name = branch_name(task.workflow_id, branch["id"])
    return task.store.commit(replace(change, branch=name, expected=earlier))


def recorded(task: Task, attempt: Attempt) -> Diagnosis:
    """What was found of an earlier attempt."""
    facts = of_diagnosis(task, attempt, "diagnosis.json")
    return Diagnosis(facts["failure_class"], facts["explanation"], facts["instructions"])


def of_diagnosis(task: Task, attempt: Attempt, name: str) -> Any:
    """A record of the commit that holds an attempt's diagnosis."""
    commit = attempt["diagnosis"]
    (path,) = [path for path in task.store.files(commit, f".aidev/{task.id}_branch_") if path.endswith(f"/{name}")]
    return json.loads(task.read(path, commit))


def branch_item(task: Task, branch: BranchTodo, found: Diagnosis) -> dict[str, Any]:
    """The branch todo as the todo schema says; it inherits the rest from its parent."""
    reasons = {"implementation_bug", "spec_mismatch", "timeout", "missing_dependency", "flaky_test"}
    return {
        "id": branch["id"],
        "parent_id": task.id,
        "title": f"Mend {task.item.title}"[:200],
        "agent_role": branch["route"] if branch["route"] in ("architect", "tester") else "coder",
        "branch_reason": branch["failure_class"] if branch["failure_class"] in reasons else "test_failure",
        "debug_instructions": json.dumps(found.explanation)[1:-1][:2000],
        "is_temporary": True,
        "max_debug_attempts": task.item.max_debug_attempts,
    }
