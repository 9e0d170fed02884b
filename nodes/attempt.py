"""One try of a todo as the debugger keeps it: how far it came, and what tells it from the others."""

import hashlib
from dataclasses import dataclass

from nodes.suite import RECORDS
from nodes.task import Task
from schemas.answers import FailureClass
from schemas.report import TestReport
from state.developer import Attempt
from state.todo import failing
from tools import triage
from tools.diagnostics import fingerprint_text


@dataclass(frozen=True)
class Judged:
    """What the judgement of an attempt came to."""

    rank: int
    failing: int
    text: str
    """The failures, without what differs from run to run."""


def attempt_of(task: Task, failure_class: FailureClass, route: str) -> Attempt:
    """The attempt that has just failed; its diagnosis is written down later."""
    state, found = task.state, judged(task)
    parts = (failure_class, found.text, change_digest(task))
    return {
        "number": task.attempt,
        "failure_class": failure_class,
        "route": route,
        "fingerprint": hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16],
        "rank": found.rank,
        "failing": found.failing,
        "role": failing(state)["role"],
        "summary": failing(state)["summary"],
        "head": state["head"],
        "tip": state.get("tip") or state["head"],
        "sealed": state.get("sealed", ""),
        "red": state.get("red", ""),
        "diagnosis": "",
    }


def judged(task: Task) -> Judged:
    """Read from the evidence of the role that failed."""
    failure = failing(task.state)
    if failure["role"] == "gates":
        found = task.record("build_report.json")["findings"]
        lines = [f"{one['path']}: {one['rule']}: {one['message']}" for one in found]
        return Judged(1, len(lines), "\n".join(sorted(lines)))
    if failure["role"] == "red":
        problems = task.record("red.json")["problems"]
        return Judged(0, len(problems), "\n".join(sorted(problems)))
    report = task.record("test_report.json") if failure["role"] == "tester" else None
    if report is None:
        return Judged(0, 1, failure["summary"])
    return by_report(TestReport.model_validate(report))


def by_report(report: TestReport) -> Judged:
    """Tests count more than held-back cases, and those more than mutants: each is run after the one before."""
    bad = sum(test.status != "passed" for test in report.test_results)
    rank = 2 if report.status in ("timeout", "error") else 3
    if rank == 3 and triage.certain(report) == "weak_tests":
        rank = 5
    elif rank == 3 and triage.only_held_back(report):
        rank = 4
    return Judged(rank, bad, fingerprint_text(report))


def change_digest(task: Task) -> str:
    """The product change so far, records left out."""
    head = task.state["head"]
    paths = [path for path in task.store.changed(task.state["base"], head) if not path.startswith(RECORDS)]
    digest = hashlib.sha256()
    for path in paths:
        digest.update(f"{path}\0".encode("utf-8", "surrogateescape"))
        digest.update(hashlib.sha256(task.store.read(head, path) or b"").digest())
    return digest.hexdigest()
