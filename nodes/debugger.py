"""The debugger: classifies a failure and opens, or goes on with, a branch todo that is routed to who can mend it."""

from time import sleep
from typing import Any, Literal

from nodes.attempt import attempt_of
from nodes.branch_todo import current, hinted, history_of, record, recorded, seen, why_over
from nodes.diagnose import Diagnosis, diagnose
from nodes.failure_report import evidence, report
from nodes.task import Task, as_json, timed
from schemas.answers import FailureClass
from schemas.diagnostics import Diagnostics
from schemas.errors import BudgetExceeded
from schemas.stops import TodoStop
from settings import settings
from state.developer import Attempt, BranchTodo
from state.todo import Failure, TodoState, failing
from tools.attempts import best, fell_back

SETBACKS: tuple[FailureClass, ...] = ("infrastructure", "model_output")
"""Nobody's fault here: they cost no attempt, and the step is met again."""
LONGEST_PAUSE = 60.0
"""Seconds before a step is met again."""
AGAIN: dict[str, Literal["gates", "red", "architect", "mend_tests", "debugger"]] = {
    "tester": "gates",
    "gates": "gates",
    "red": "red",
    "architect": "architect",
    "mend_tests": "mend_tests",
    "debugger": "debugger",
}
"""Role that failed by no fault of its own → where it is met again; the coder otherwise."""
MENDERS: dict[str, Literal["architect", "mend_tests"]] = {"architect": "architect", "tester": "mend_tests"}
"""Route → node; every other route is the coder's."""


@timed
def debugger(state: TodoState) -> dict[str, Any]:
    """Find the class of the failure and open the next attempt, if one is left."""
    failure = failing(state)
    if failure["failure_class"] == "budget" and failure["role"] != "debugger":
        return {}
    failure = state.get("postponed") or failure
    task = Task({**state, "failure": failure})
    try:
        found = diagnosed(task, failure)
    except BudgetExceeded as error:
        return {**task.failed("debugger", error), "postponed": failure}
    named: Failure = {**failure, "failure_class": found.failure_class}
    update = set_back(task, found) if found.failure_class in SETBACKS else next_attempt(task, found)
    return {"failure": named, "postponed": None, **update}


def diagnosed(task: Task, failure: Failure) -> Diagnosis:
    """What is wrong; after a person's hint, what was known of the attempt that they saw."""
    if hinted(task):
        return recorded(task, seen(task))
    if failure["failure_class"] in SETBACKS:
        return Diagnosis(failure["failure_class"], failure["summary"], "Meet the step again.")
    return diagnose(task, failure)


def set_back(task: Task, found: Diagnosis) -> dict[str, Any]:
    """The same step once more after a pause; too often in a row, and a person has to see to it."""
    count, turns = task.state.get("setbacks", 0) + 1, task.state.get("turns", 0) + 1
    if count > tries_of(task, found.failure_class):
        branch = current(task, found.failure_class)
        return {"setbacks": 0, "turns": turns, **over(task, branch, setback_stop(found.failure_class))}
    task.emit("task.retrying", f"debugger/{turns}", stage=failing(task.state)["role"], reason=found.failure_class)
    sleep(min(LONGEST_PAUSE, settings().backoff * 2 ** (count - 1)))
    return {"setbacks": count, "turns": turns}


def tries_of(task: Task, failure_class: FailureClass) -> int:
    """Times that a step is met again; a model call has had its own tries before."""
    if failure_class == "model_output":
        return settings().model_output_tries
    asked_a_model = failing(task.state)["role"] in ("architect", "coder", "mend_tests", "debugger")
    return 0 if asked_a_model else settings().surroundings_tries


def setback_stop(failure_class: FailureClass) -> TodoStop:
    """The reason of the same name."""
    return "model_output" if failure_class == "model_output" else "infrastructure"


def next_attempt(task: Task, found: Diagnosis) -> dict[str, Any]:
    """Write the attempt down; then mend on, from the best state so far, or end."""
    branch, facts = current(task, found.failure_class), evidence(task, found)
    tries = kept(task, found.failure_class, branch["route"])
    history = history_of(branch, tries)
    if reason := "tampering" if found.failure_class == "tampering" else why_over(task, branch, history):
        return closed(task, {**branch, "status": "exhausted", "stop_reason": reason}, tries, found, facts)
    if back := fell_back(history):
        found = taken_back(task, found, history)
        branch = current(task, found.failure_class)
    update = written(task, branch, tries, found, {"diagnostics.json": as_json(facts)})
    update |= {"branch": {**branch, "attempts": branch["attempts"] + 1}, "attempt": task.attempt + 1}
    if task.merging and branch["route"] == "architect":
        update |= {"verdict": "reopen"}
    return {**update, **restored(task, history_of(branch, update["attempts"]))} if back else update


def closed(
    task: Task, branch: BranchTodo, tries: list[Attempt], found: Diagnosis, facts: Diagnostics
) -> dict[str, Any]:
    """The end of a branch todo, with its report, at the best state."""
    told = as_json(report(task, branch, tries, found, facts))
    update = written(task, branch, tries, found, {"diagnostics.json": as_json(facts), "failure_report.json": told})
    return {
        **update,
        **over(task, branch, branch["stop_reason"]),
        **restored(task, history_of(branch, update["attempts"])),
    }


def written(
    task: Task, branch: BranchTodo, tries: list[Attempt], found: Diagnosis, files: dict[str, bytes]
) -> dict[str, Any]:
    """Commit the diagnosis and tell of it."""
    commit = record(task, branch, found, files)
    last = {**tries[-1], "diagnosis": tries[-1]["diagnosis"] or commit}
    facts = {name: branch[name] for name in ("failure_class", "route", "attempts", "stop_reason")}
    task.emit("workflow.branch.created", "debugger", branch_id=branch["id"], **facts)
    return {"attempts": [*tries[:-1], last], "diagnosis": commit, "setbacks": 0, "verdict": None}


def kept(task: Task, failure_class: FailureClass, route: str) -> list[Attempt]:
    """All attempts with this one; met again after a hint, it is not written down twice."""
    tries = list(task.state.get("attempts", []))
    known = any(one["number"] == task.attempt for one in tries)
    return tries if known else [*tries, attempt_of(task, failure_class, route)]


def taken_back(task: Task, found: Diagnosis, history: list[Attempt]) -> Diagnosis:
    """What is wrong with the best attempt, with what became of the one that was worse."""
    champion, last = best(history), history[-1]
    known = recorded(task, champion)
    note = (
        f"Attempt {last['number']} made it worse ({last['failing']} checks failed, {champion['failing']} before) and "
        f"was taken back: {found.failure_class}: {last['summary']}\n\nWhat is wrong with the code as it stands now:\n"
    )
    return Diagnosis(known.failure_class, note + known.explanation, known.instructions)


def restored(task: Task, history: list[Attempt]) -> dict[str, Any]:
    """The todo's branch at its best attempt; what came later stays on the branch todo's."""
    champion = best(history)
    task.store.point(task.branch, champion["tip"])
    commits = {name: value for name, value in champion.items() if name in ("head", "tip", "sealed", "red") and value}
    failed = {name: champion[name] for name in ("failure_class", "role", "summary")}
    return {**commits, "failure": failed}


def over(task: Task, branch: BranchTodo, reason: TodoStop | Literal[""]) -> dict[str, Any]:
    """The end of a branch todo: stopped, given up, or handed to a person, now or when nothing else is left to do."""
    branch = {**branch, "status": "exhausted", "stop_reason": reason}
    if reason == "tampering":
        return {"branch": branch, "verdict": "stopped"}
    if task.state["options"]["auto_approve"] and reason not in SETBACKS:
        return {"branch": branch, "verdict": "skipped"}
    return {"branch": branch, "verdict": "escalated" if task.state.get("defer") else None}


def mender(
    state: TodoState,
) -> Literal["coder", "architect", "mend_tests", "red", "gates", "debugger", "escalate", "raise_budget", "__end__"]:
    """Who goes on with the todo."""
    branch, failure = state.get("branch"), failing(state)
    if state.get("verdict"):
        return "__end__"
    if failure["failure_class"] == "budget":
        return "raise_budget"
    if branch and branch["status"] == "exhausted":
        return "escalate"
    if failure["failure_class"] in SETBACKS:
        return AGAIN.get(failure["role"], "coder")
    return MENDERS.get(branch["route"] if branch else "", "coder")


def paid(state: TodoState) -> Literal["coder", "architect", "mend_tests", "red", "gates", "debugger", "__end__"]:
    """Where the budget had ended."""
    return "__end__" if state.get("verdict") else AGAIN.get(failing(state)["role"], "coder")
