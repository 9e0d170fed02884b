"""What a person, and whoever mends it, gets to know of a failure."""

from collections.abc import Sequence
from typing import Any

from nodes.branch_todo import of_diagnosis
from nodes.diagnose import Diagnosis
from nodes.task import Task
from schemas.answers import FailureClass
from schemas.diagnostics import Diagnostics
from schemas.report import TestReport
from state.developer import Attempt, BranchTodo
from state.todo import failing
from tools.attempts import best
from tools.diagnostics import diagnostics

SUGGESTIONS: dict[FailureClass, str] = {
    "implementation_bug": "Say what the code gets wrong, or give a patch that puts it right.",
    "merge_conflict": "Give a patch with the conflicting places as they should be.",
    "spec_mismatch": "Mark the test wrong and say what is agreed, so that the architect writes it anew.",
    "missing_dependency": "Say how to do without the package, or put it into the sandbox image.",
    "weak_tests": "Say which behaviour the tests have to show.",
    "no_trades": "Check rules and data: say which bars should trade, or relax the rule.",
    "timeout": "Raise the todo's timeout_seconds, or say what to make faster.",
    "flaky_test": "Say what must not change from run to run: order, seed, clock.",
    "infrastructure": "See that engine, image, disk and model service are there (aidev doctor), then let it go on.",
    "model_output": "Let it ask again, or choose another model for a new run.",
    "tampering": "Read the change before anything else: it tried to fool its tests.",
}


def evidence(task: Task, found: Diagnosis) -> Diagnostics:
    """Everything that was measured of the last run."""
    state = task.state
    role, tries = failing(state)["role"], state.get("attempts", [])
    report = task.record("test_report.json") if role == "tester" else None
    return diagnostics(
        TestReport.model_validate(report) if report else None,
        findings=findings(task, role, found.failure_class),
        runs=(task.record("runs.json") or []) if report else [],
        diff=task.store.diff(tries[-1]["head"], state["head"]) if tries else "",
        reruns=found.reruns,
        log=task.read(task.folder("log.txt")) if report else "" if role in ("gates", "red") else found.explanation,
        stage=role,
    )


def findings(task: Task, role: str, failure_class: FailureClass) -> list[Any]:
    """What gates, the run on the stub, or mutants have found."""
    if role == "gates":
        return list(task.record("build_report.json")["findings"])
    if role == "red":
        return list(task.record("red.json")["problems"])
    return list(task.record("survivors.json") or []) if failure_class == "weak_tests" else []


def report(
    task: Task, branch: BranchTodo, tries: Sequence[Attempt], found: Diagnosis, facts: Diagnostics
) -> dict[str, Any]:
    """The failure report of a branch todo that has ended without mending."""
    champion = best(tries)
    shown = facts.model_dump(mode="json") if champion == tries[-1] else of_diagnosis(task, champion, "diagnostics.json")
    return {
        "todo": task.id,
        "title": task.item.title,
        "stop_reason": branch["stop_reason"],
        "failure_class": found.failure_class,
        "summary": failing(task.state)["summary"],
        "explanation": found.explanation,
        "diagnostics": shown,
        "tried": tried(task, tries),
        "suggestions": suggestions(found),
        "best": {
            "number": champion["number"],
            "failing": champion["failing"],
            "branch": task.branch,
            "commit": champion["tip"],
            "summary": champion["summary"],
        },
    }


def tried(task: Task, tries: Sequence[Attempt]) -> list[dict[str, Any]]:
    """Each attempt: what it changed against the one before, and what came of it."""
    before = [task.state["base"], *(one["head"] for one in tries)]
    return [
        {
            "number": one["number"],
            "failure_class": one["failure_class"],
            "route": one["route"],
            "failing": one["failing"],
            "rank": one["rank"],
            "summary": one["summary"],
            "commit": one["head"],
            "changed": changed(task, old, one["head"]),
        }
        for old, one in zip(before, tries, strict=False)
    ]


def changed(task: Task, old: str, new: str) -> list[str]:
    """`path +lines −lines`, records left out."""
    return [f"{path} +{added} −{gone}" for path, added, gone in task.store.stat(old, new) if path[:7] != ".aidev/"]


def suggestions(found: Diagnosis) -> list[str]:
    """What a person could do: by class, then as the diagnosis says."""
    usual = SUGGESTIONS.get(found.failure_class, "")
    return [text for text in (usual, found.instructions) if text]
