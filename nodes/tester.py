"""The tester: runs the sealed tests and every acceptance command in the sandbox, and reports."""

import time
from typing import Any

from nodes.task import Task, as_json, timed
from schemas.answers import FailureClass
from schemas.errors import SandboxError, SetupError
from schemas.ports import Command, Job, Outcome
from schemas.report import TestReport
from schemas.todo import Metrics
from settings import settings
from state.todo import Failure, TodoState
from tools import verdict
from tools.sandbox.docker import DockerSandbox


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
    """Run the suite; the files of the evidence commit."""
    suite = suite_of(task)
    outcome = run(task, verdict.commands(suite))
    report = verdict.judge(suite, outcome, f"report_{task.id}_{task.attempt}")
    build = task.record("build_report.json")
    files = {task.folder("test_report.json"): as_json(report), task.folder("log.txt"): verdict.log(outcome).encode()}
    return files | ({task.folder("build_report.json"): as_json(build)} if build else {})


def suite_of(task: Task) -> verdict.Suite:
    """Sealed tests and the coder's unit tests, with everything that the todo asks for."""
    criteria = task.criteria
    sealed = {path: task.read(path, task.state["sealed"]) for path in task.seal if is_test_file(path)}
    own = [path for path in task.own_files if path.endswith(".py")]
    units = [path for path in own if is_test_file(path)]
    return verdict.Suite(
        task_id=task.id,
        paths=[*sealed, *units],
        sealed=sealed,
        own=[path for path in own if path not in units],
        commands=criteria.tests,
        rules=criteria.validation_rules,
        metrics=criteria.metrics or Metrics(),
        timeout_seconds=task.state.get("timeout_seconds"),
    )


def is_test_file(path: str) -> bool:
    """Whether pytest would collect it."""
    name = path.rsplit("/", 1)[-1]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))


def run(task: Task, commands: list[Command]) -> Outcome:
    """One run in the sandbox; failures of the surroundings are retried and cost no attempt."""
    left = task.item.timeout_seconds - task.state.get("spent_seconds", 0.0)
    limit = max(1.0, min(settings().sandbox_timeout, left))
    job = Job(task.store.archive(task.state["head"]), commands, task.workflow_id, task.id, limit)
    tries = settings().infrastructure_tries
    for number in range(1, tries):
        try:
            return DockerSandbox(settings()).run(job)
        except (SetupError, SandboxError):
            task.emit("task.retrying", f"sandbox{number}", stage="tester")
            time.sleep(number)
    return DockerSandbox(settings()).run(job)


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
    bad = next((test for test in report.test_results if test.status != "passed"), None)
    line = f"{bad.test_name}: {(bad.message or bad.status).splitlines()[0]}" if bad else report.status
    cause: FailureClass | None = "timeout" if report.status == "timeout" else None
    return {"failure_class": cause, "role": "tester", "summary": line[:300]}
