"""Hands a failure over to a person, who says how to go on, mends it, leaves the todo out, or stops."""

import json
from typing import Any, Literal

from nodes.approval import ask_person, request
from nodes.debugger import AGAIN, SETBACKS
from nodes.patch import patched
from nodes.task import Task
from schemas.decision import Decision
from state.developer import BranchTodo
from state.todo import Failure, TodoState, failing, opened

WRONG_TEST = "A person says that the tests are wrong: "


def escalate(state: TodoState) -> dict[str, Any]:
    """Ask the person, then do as they say."""
    task = Task(state)
    branch = opened(state)
    by_surroundings = branch["stop_reason"] in SETBACKS
    question = surroundings(task) if by_surroundings else escalation(task)
    number = len(state["branch_todos"]) + 1
    decision = ask_person(task.workflow_id, f"{task.id}/escalate/{number}/{task.attempt}", question)
    if decision.type == "reject":
        return {"asking": False, "verdict": "stopped", "branch": {**branch, "stop_reason": "stopped"}}
    if by_surroundings:
        return {"asking": False, "verdict": None, "branch": {**branch, "status": "open", "stop_reason": ""}}
    return {"asking": False, **answer(task, branch, decision)}


def answer(task: Task, branch: BranchTodo, decision: Decision) -> dict[str, Any]:
    """What the person's answer changes."""
    given = decision.args or {}
    if decision.type == "approve":
        return {"verdict": "skipped", "branch": {**branch, "stop_reason": "skipped"}}
    closed: dict[str, Any] = {"verdict": None, **handed_over(task, branch)}
    if decision.type == "respond":
        return {**closed, "hint": decision.message}
    if wrong := str(given.get("test_is_wrong") or "").strip():
        failure: Failure = {"failure_class": "spec_mismatch", "role": "person", "summary": WRONG_TEST + wrong}
        return {**closed, "hint": wrong, "failure": failure, "attempt": task.attempt + 1}
    return {**closed, **mended(task, str(given["patch"]))}


def handed_over(task: Task, branch: BranchTodo) -> dict[str, Any]:
    """The branch todo is closed; what follows opens one of its own."""
    over: BranchTodo = {**branch, "status": "escalated"}
    return {"branch_todos": [*task.state["branch_todos"], over], "branch": None}


def mended(task: Task, patch: str) -> dict[str, Any]:
    """The person's patch as the next attempt; it is judged like any other."""
    later = Task({**task.state, "attempt": task.attempt + 1})
    files = patched(shown(task), patch)
    commit = later.commit(later.change("person", [task.state["head"]], files, f"{task.id}: a person's patch"))
    return {"head": commit, "tip": commit, "written": True, "attempt": later.attempt, "failure": None}


def shown(task: Task) -> dict[str, Any]:
    """The failure report of the branch todo, with the places of an answer that mends."""
    branch = opened(task.state)
    report = task.read(f".aidev/{branch['id']}/failure_report.json", task.state["diagnosis"])
    return {**json.loads(report), "repository": task.state["repository"], "patch": "", "test_is_wrong": ""}


def escalation(task: Task) -> dict[str, Any]:
    """What the person is told of a failure that nobody could mend."""
    failure, branch, args = failing(task.state), opened(task.state), shown(task)
    best = args["best"]
    description = (
        f"{task.id} still fails ({branch['stop_reason']}) after {task.attempt} attempts: "
        f"{failure['failure_class']}: {failure['summary']}\n"
        f"Best so far: attempt {best['number']}, {best['failing']} checks fail, on {best['branch']}\n"
        "respond: say what to do, and it is tried again · edit: fill in `patch` (a unified diff against the best "
        "attempt) or `test_is_wrong` (why; the architect writes the tests anew) · approve: leave this todo out, with "
        "what depends on it · reject: stop the workflow"
    )
    return request("escalation", args, description, ["respond", "edit", "approve", "reject"], task.id)


def surroundings(task: Task) -> dict[str, Any]:
    """What the person is told when engine, machine or model service let the todo down."""
    failure, branch = failing(task.state), opened(task.state)
    args = {"todo": task.id, "failure_class": failure["failure_class"], "step": failure["role"]}
    args |= {"summary": failure["summary"], "branch": task.branch, "branch_todo": branch["id"]}
    description = (
        f"{task.id} cannot go on at its step {failure['role']}: {failure['failure_class']}: {failure['summary']}\n"
        "No attempt is used up and nothing is lost. See to it (aidev doctor), then approve: the step is met again · "
        "reject: stop the workflow"
    )
    return request("surroundings", args, description, ["approve", "reject"], task.id)


def answered(
    state: TodoState,
) -> Literal["debugger", "gates", "red", "architect", "mend_tests", "coder", "__end__"]:
    """Back into the loop, or out of it."""
    if state.get("verdict"):
        return "__end__"
    failure = state.get("failure")
    if failure is None:
        return "gates"
    if state.get("branch") is None:
        return "debugger"
    return AGAIN.get(failure["role"], "coder")
