"""The debugger: classifies a failure and opens, or goes on with, a branch todo that is routed to who can mend it."""

import json
from dataclasses import dataclass, replace
from typing import Any, Literal

from nodes.suite import judged, suite_of
from nodes.task import MODEL_FAILURES, Task, as_json, timed
from prompts import files_text, render
from schemas.answers import DiagnosisAnswer, FailureClass
from schemas.errors import SandboxError, SetupError
from schemas.ports import Change
from schemas.report import TestReport
from settings import settings
from state.developer import BranchTodo
from state.todo import Failure, TodoState, failing, opened
from tools import triage
from tools.artifacts import branch_name
from tools.verdict.reach import again

ROUTES: dict[FailureClass, str] = {
    "implementation_bug": "coder",
    "spec_mismatch": "architect",
    "missing_dependency": "architect",
    "weak_tests": "architect",
    "timeout": "tester",
    "flaky_test": "tester",
}
"""Who mends what; a todo's `failure_routing` overrides."""
MENDERS: dict[str, Literal["architect", "mend_tests"]] = {
    "architect": "architect",
    "tester": "mend_tests",
    "mend_tests": "mend_tests",
}
"""Route → node; every other route is the coder's."""
RERUN_SEEDS = (1, 2, 3)
"""Hash seeds of the reruns that look for a flaky test."""


@timed
def debugger(state: TodoState) -> dict[str, Any]:
    """Find the class of the failure and open the next attempt, if one is left."""
    task = Task(state)
    failure = failing(state)
    found = diagnose(task, failure)
    branch = next_attempt(task, found.failure_class)
    if found.failure_class == "tampering":
        return stopped(task, branch, found)
    if branch["status"] == "exhausted":
        return {"branch": branch, "failure": {**failure, "failure_class": found.failure_class}}
    record = task.store.commit(diagnosis_change(task, branch, found))
    task.emit("workflow.branch.created", "debugger", branch_id=branch["id"], **_facts(branch))
    return {
        "branch": branch,
        "diagnosis": record,
        "attempt": task.attempt + 1,
        "failure": {**failure, "failure_class": found.failure_class},
    }


def _facts(branch: BranchTodo) -> dict[str, Any]:
    return {"failure_class": branch["failure_class"], "route": branch["route"], "attempts": branch["attempts"]}


@dataclass(frozen=True)
class Diagnosis:
    """What is known about a failure."""

    failure_class: FailureClass
    explanation: str
    instructions: str


def stopped(task: Task, branch: BranchTodo, found: Diagnosis) -> dict[str, Any]:
    """Nobody mends tampering: the evidence is kept, and the todo ends, with the workflow."""
    record = task.store.commit(diagnosis_change(task, branch, found))
    task.emit("workflow.branch.created", "debugger", branch_id=branch["id"], **_facts(branch))
    failure = {**failing(task.state), "failure_class": found.failure_class}
    branch["status"] = "exhausted"
    return {"branch": branch, "diagnosis": record, "verdict": "stopped", "failure": failure}


def diagnose(task: Task, failure: Failure) -> Diagnosis:
    """By rules and measurements; the model is asked only where they leave doubt."""
    if failure["role"] == "gates":
        findings = task.record("build_report.json")["findings"]
        lines = [f"{found['path']}:{found['line']}: {found['rule']}: {found['message']}" for found in findings]
        return _by_rule(failure["failure_class"], "The static gates found:\n" + "\n".join(lines))
    if failure["role"] == "red" and failure["failure_class"] != "infrastructure":
        problems = task.record("red.json")["problems"]
        return _by_rule(failure["failure_class"], "The sealed tests cannot be used:\n" + "\n".join(problems))
    if failure["role"] != "tester" or failure["failure_class"] == "infrastructure":
        return _by_rule(failure["failure_class"], failure["summary"])
    report = TestReport.model_validate(task.record("test_report.json"))
    settled = triage.certain(report)
    if settled:
        survivors = task.record("survivors.json") if settled == "weak_tests" else []
        return _by_rule(settled, "\n\n".join([triage.evidence(report), *(survivors or [])]))
    if triage.only_held_back(report):
        return held_back(task, report)
    disagreeing = reruns(task, report)
    found = triage.classify(report, task.store.files(task.state["head"]), disagreeing)
    if found is None:
        return by_model(task, report)
    note = f"Reruns of the same code disagree on: {', '.join(disagreeing)}\n\n" if disagreeing else ""
    return _by_rule(found, note + triage.evidence(report))


def _by_rule(failure_class: FailureClass | None, explanation: str) -> Diagnosis:
    return Diagnosis(failure_class or "implementation_bug", explanation, "Mend what the evidence shows.")


def reruns(task: Task, report: TestReport) -> list[str]:
    """Tests whose result changes when the same tree runs again with other hash seeds."""
    try:
        later = judged(task, suite_of(task), lambda judgement: again(judgement, RERUN_SEEDS))
    except (SetupError, SandboxError):
        return []
    first = {test.test_name: test.status for test in report.test_results}
    return sorted({test.test_name for test in later if first.get(test.test_name, test.status) != test.status})


def held_back(task: Task, report: TestReport) -> Diagnosis:
    """All that the coder sees passes. Twice the same: the architect looks whether the cases are right."""
    before = task.state.get("branch")
    again = before is not None and before["attempts"] > 0
    note = "The sealed tests pass, but cases that are kept back do not: the code is not right for other inputs.\n\n"
    return _by_rule("spec_mismatch" if again else "implementation_bug", note + triage.evidence(report))


def by_model(task: Task, report: TestReport) -> Diagnosis:
    """The debugger model's classification; without a usable answer, the coder looks at it."""
    text = render(
        "debugger",
        todo=as_json(task.item).decode(),
        contract=as_json(task.contract).decode() if task.contract else "",
        tests=files_text(task.texts(list(task.seal))),
        files=files_text(task.texts(task.own_files)),
        failure=triage.evidence(report) + "\n\n" + task.read(task.folder("log.txt"))[-6000:],
    )
    try:
        answer = task.ask("debugger", DiagnosisAnswer, text, lambda answer: None)
    except MODEL_FAILURES:
        return _by_rule("implementation_bug", triage.evidence(report))
    return Diagnosis(answer.failure_class, answer.explanation, answer.instructions)


def next_attempt(task: Task, failure_class: FailureClass) -> BranchTodo:
    """The branch todo with one attempt more, or `exhausted` when none is left or none would help."""
    before = task.state.get("branch")
    number = len(task.state["branch_todos"]) + 1
    used = before["attempts"] if before else 0
    return {
        "id": f"{task.id}_branch_{number:02d}",
        "failure_class": failure_class,
        "route": route(task, failure_class),
        "attempts": used + 1 if attempts_left(task, used, failure_class) else used,
        "status": "open" if attempts_left(task, used, failure_class) else "exhausted",
    }


def route(task: Task, failure_class: FailureClass) -> str:
    """The role that mends this class; where nothing has to be mended, the role that is to try again."""
    again = failing(task.state)["role"]
    return task.item.failure_routing.get(failure_class) or ROUTES.get(failure_class) or again


def attempts_left(task: Task, used: int, failure_class: FailureClass) -> bool:
    """Whether the limits allow one more; a person who says how to go on overrules them for one branch todo."""
    if task.state.get("hint"):
        return used < task.item.max_debug_attempts
    retries = task.item.max_retries if task.item.max_retries is not None else settings().max_retries
    in_time = task.state.get("spent_seconds", 0.0) < task.item.timeout_seconds
    return used < min(task.item.max_debug_attempts, retries) and in_time and failure_class in ROUTES


def diagnosis_change(task: Task, branch: BranchTodo, found: Diagnosis) -> Change:
    """The branch todo and its diagnosis, on a git branch of its own that grows from the failed attempt."""
    name = branch_name(task.workflow_id, branch["id"])
    folder = f".aidev/{branch['id']}"
    last = task.store.resolve(name) if branch["attempts"] > 1 else None
    record = {**branch, "explanation": found.explanation, "instructions": found.instructions}
    files = {
        f"{folder}/todo.json": as_json(branch_item(task, branch, found)),
        f"{folder}/diagnosis.json": as_json(record),
    }
    change = task.change("debugger", [task.state["tip"] or task.state["head"]], files, f"{branch['id']}: diagnosis")
    return replace(change, branch=name, expected=last)


def branch_item(task: Task, branch: BranchTodo, found: Diagnosis) -> dict[str, Any]:
    """The branch todo as the todo schema says; it inherits the rest from its parent."""
    reasons = {"implementation_bug", "spec_mismatch", "timeout", "missing_dependency", "flaky_test"}
    return {
        "id": branch["id"],
        "parent_id": task.id,
        "title": f"Mend {task.item.title}"[:200],
        "agent_role": branch["route"],
        "branch_reason": branch["failure_class"] if branch["failure_class"] in reasons else "test_failure",
        "debug_instructions": json.dumps(found.explanation)[1:-1][:2000],
        "is_temporary": True,
        "max_debug_attempts": task.item.max_debug_attempts,
    }


def mender(state: TodoState) -> Literal["coder", "architect", "mend_tests", "red", "gates", "escalate", "__end__"]:
    """Who gets the branch todo."""
    branch, failure = opened(state), failing(state)
    if state.get("verdict") == "stopped":
        return "__end__"
    if branch["status"] == "exhausted":
        return "escalate"
    if failure["failure_class"] == "infrastructure" and failure["role"] in ("tester", "red"):
        return "gates" if failure["role"] == "tester" else "red"
    return MENDERS.get(branch["route"], "coder")
