"""From what the sandbox gave back to the results of a test report.

A report says `passed` only on positive evidence: every expected test reported passed exactly once, every command ended
as it should, every metric held, no trap sprang, every held-back case agreed. Anything else is something else.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from docker.utils import parse_bytes

from schemas.diagnostics import CommandRun, ContainerRun
from schemas.ports import CommandResult, Job, Outcome
from schemas.report import Coverage, Environment, ReportStatus, Summary, TestReport, TestResult
from settings import Settings
from tools.verdict.pytest_run import Reading, printable
from tools.verdict.suite import Suite, test_names
from tools.verdict.traps import Woven

TEXT_LIMIT = 4_000
"""Characters kept of a traceback or an output in the report."""
NAME_LIMIT = 300
"""Of the name of a command in the record of a container."""
_STATES = ("passed", "failed", "error", "skipped")


def report_of(
    suite: Suite,
    report_id: str,
    outcomes: Sequence[Outcome],
    results: Sequence[TestResult],
    coverage: Coverage | None,
) -> TestReport:
    """The whole report; the first outcome is that of the sealed tests."""
    first = outcomes[0]
    return TestReport(
        report_id=report_id,
        task_id=suite.task_id,
        timestamp=datetime.now(UTC),
        status=status(outcomes, results),
        summary=summary(results, sum(outcome.duration_seconds for outcome in outcomes)),
        test_results=list(results),
        coverage=coverage,
        environment=Environment(python_version=first.python_version, os=first.os, container_id=first.container_id),
    )


def status(outcomes: Sequence[Outcome], results: Sequence[TestResult]) -> ReportStatus:
    """`passed` needs finished runs, at least one result, and nothing that did not pass."""
    late = any(result.timed_out for outcome in outcomes for result in outcome.results)
    if late or any(outcome.ended == "timeout" for outcome in outcomes):
        return "timeout"
    if not results or any(outcome.ended != "finished" for outcome in outcomes):
        return "error"
    return "passed" if all(result.status == "passed" for result in results) else "failed"


def summary(results: Sequence[TestResult], seconds: float) -> Summary:
    """Counts over everything that was judged."""
    counts = {state: sum(result.status == state for result in results) for state in _STATES}
    return Summary(
        total=len(results),
        passed=counts["passed"],
        failed=counts["failed"],
        errors=counts["error"],
        skipped=counts["skipped"],
        duration_seconds=seconds,
    )


def sealed_results(suite: Suite, woven: Woven, reading: Reading) -> list[TestResult]:
    """Each expected test, and whatever else was reported under names as they were sealed."""
    told = [named(woven, test) for test in reading.tests if not woven.canary(test.test_name)]
    twice = {woven.sealed_name(name) for name in reading.twice}
    results = [_once(test, twice, suite) for test in told]
    return results + [_missing(name) for name in absent(suite, {test.test_name for test in told})]


def named(woven: Woven, test: TestResult) -> TestResult:
    """A result with the names as they were sealed, and without lines that name a canary."""
    fields = ("message", "traceback", "stdout", "stderr")
    texts = {field: _as_sealed(woven, getattr(test, field) or "") or None for field in fields}
    return test.model_copy(update={"test_name": woven.sealed_name(test.test_name), **texts})


def _as_sealed(woven: Woven, text: str) -> str:
    canaries = woven.must_fail | woven.must_pass
    return "\n".join(woven.sealed_name(line) for line in text.split("\n") if not any(name in line for name in canaries))


def _once(test: TestResult, twice: set[str], suite: Suite) -> TestResult:
    said = "this test was reported more than once" if test.test_name in twice else ""
    if suite.expected and test.status == "passed" and test.test_name not in suite.expected:
        said = "this test was not among those that failed on the stub"
    return test.model_copy(update={"status": "error", "message": said}) if said else test


def absent(suite: Suite, seen: set[str]) -> list[str]:
    """Expected tests that no report speaks of."""
    if suite.expected:
        return [name for name in suite.expected if name not in seen]
    defined = [name for path, text in suite.sealed.items() for name in test_names(path, text)]
    bare = {name.split("[", 1)[0] for name in seen}
    return [name for name in defined if name not in bare]


def _missing(name: str) -> TestResult:
    said = "this sealed test did not report a result"
    return TestResult(test_name=name, status="error", duration_seconds=0, message=said)


def ended(name: str, wanted: int, result: CommandResult | None, outcome: Outcome, seconds: float) -> TestResult:
    """How a command ended, against how it should."""
    if result is None:
        said = f"did not end: the container's end was {outcome.ended}"
        return TestResult(test_name=name, status="error", duration_seconds=0, message=said)
    message = None
    if result.timed_out:
        message = f"not finished after {seconds:g} s"
    elif result.exit_code != wanted:
        message = f"exit code {result.exit_code}, expected {wanted}"
    return TestResult(
        test_name=name,
        status="failed" if message else "passed",
        duration_seconds=result.duration_seconds,
        message=message,
        stdout=cut(result.stdout),
        stderr=cut(result.stderr),
    )


def metric(name: str, held: bool, figures: str) -> TestResult:
    """One bar and whether it was reached."""
    state = "passed" if held else "failed"
    return TestResult.model_validate(
        {"test_name": f"metric: {name}", "status": state, "duration_seconds": 0, "message": figures}
    )


def cut(text: str) -> str | None:
    """The end of a long text, printable; None for none."""
    return printable(text[-TEXT_LIMIT:]) or None


def container_run(job: Job, outcome: Outcome, settings: Settings) -> ContainerRun:
    """How a container ended, what it used, and what it might have used."""
    commands = [
        CommandRun(
            name=printable(result.name)[:NAME_LIMIT],
            exit_code=result.exit_code,
            timed_out=result.timed_out,
            seconds=round(result.duration_seconds, 3),
            limit_seconds=command.timeout_seconds,
            cpu_seconds=round(result.cpu_seconds, 3),
            memory_bytes=result.memory_bytes,
        )
        for command, result in zip(job.commands, outcome.results, strict=False)
    ]
    return ContainerRun(
        container=outcome.container_id[:12],
        ended=outcome.ended,
        seconds=round(outcome.duration_seconds, 3),
        limit_seconds=job.timeout_seconds,
        memory_limit_bytes=int(parse_bytes(settings.sandbox_memory)),
        cpus=settings.sandbox_cpus,
        processes=settings.sandbox_pids,
        commands=commands,
        unfinished=next((printable(each.name)[:NAME_LIMIT] for each in job.commands[len(commands) :]), ""),
    )


def log(outcome: Outcome) -> str:
    """What every command printed."""
    parts = [f"container {outcome.container_id[:12]} ended: {outcome.ended} after {outcome.duration_seconds:.2f} s\n"]
    for result in outcome.results:
        end = "killed at its limit" if result.timed_out else f"exit code {result.exit_code}"
        said = printable(f"{result.stdout}{result.stderr}")
        parts.append(f"$ {result.name}\n{said}\n[{end}, {result.duration_seconds:.2f} s]\n")
    return "\n".join(parts)
