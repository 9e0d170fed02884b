"""The tester: runs the sealed tests and every acceptance command in the sandbox, and reports."""

from typing import Any

from nodes.suite import judged, suite_of
from nodes.task import Task, as_json, timed
from schemas.answers import FailureClass
from schemas.errors import SandboxError, SetupError
from schemas.report import TestReport
from state.todo import Failure, TodoState
from tools import triage


@timed
def tester(state: TodoState) -> dict[str, Any]:
    """Reach a verdict; the report is committed beside the code it speaks of."""
    task = Task(state)
    tip = task.store.made(task.evidence("tester", {}))
    if tip is None:
        task.emit("test.started", "tester")
        try:
            tip = task.commit(task.evidence("tester", reports(task)))
        except (SetupError, SandboxError) as error:
            summary = str(error).splitlines()[0]
            return {"failure": {"failure_class": "infrastructure", "role": "tester", "summary": summary}}
    report = TestReport.model_validate(task.record("test_report.json", tip))
    announce(task, report)
    return {"tip": tip, "failure": failure(report)}


def reports(task: Task) -> dict[str, bytes]:
    """Reach the verdict; the files of the evidence commit."""
    verdict = judged(task, suite_of(task), lambda judgement: judgement.reach(f"report_{task.id}_{task.attempt}"))
    earlier = {"build_report.json": task.record("build_report.json"), "red.json": task.red}
    files = {
        "test_report.json": as_json(verdict.report),
        "log.txt": verdict.log.encode(),
        "disagreeing.json": as_json(list(verdict.held_back)),
        "survivors.json": as_json(list(verdict.survivors)),
        "runs.json": as_json([run.model_dump() for run in verdict.containers]),
        **{name: as_json(record) for name, record in earlier.items() if record},
    }
    return {task.folder(name): content for name, content in files.items()}


def announce(task: Task, report: TestReport) -> None:
    """Tell the verdict."""
    counts = report.summary
    task.emit(
        "test.passed" if report.status == "passed" else "test.failed",
        "tester",
        status=report.status,
        passed=counts.passed,
        failed=counts.failed + counts.errors + counts.skipped,
        total=counts.total,
        coverage=report.coverage.line_rate if report.coverage else None,
    )


def failure(report: TestReport) -> Failure | None:
    """None when the verdict is `passed`."""
    if report.status == "passed":
        return None
    bad = [test for test in report.test_results if test.status != "passed"]
    first = next((test for test in bad if test.test_name.startswith(triage.TRAP)), bad[0] if bad else None)
    line = f"{first.test_name}: {(first.message or first.status).splitlines()[0]}" if first else report.status
    cause: FailureClass | None = triage.certain(report)
    return {"failure_class": cause, "role": "tester", "summary": line[:300]}
