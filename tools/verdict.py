"""From a suite to sandbox commands, and from what the sandbox gave back to a test report.

A report says `passed` only on positive evidence: every expected test reported passed, every command ended as it
should, every metric held. Missing, skipped, killed, timed out and unreadable are all something else.
"""

import ast
import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from schemas.ports import Command, CommandResult, Outcome
from schemas.report import Coverage, Environment, ReportStatus, Summary, TestReport, TestResult
from schemas.todo import Metrics, TestCommand, ValidationRule

REPORT, COVERAGE = ".run/tests.json", ".run/coverage.json"
TEXT_LIMIT = 4_000
"""Characters kept of a traceback or an output in the report."""


@dataclass(frozen=True)
class Suite:
    """What has to hold."""

    task_id: str
    paths: Sequence[str]
    """Test files that pytest runs; empty: all it finds."""
    sealed: Mapping[str, str]
    """Sealed test files and their text: each test in them must be reported passed."""
    own: Sequence[str]
    """Python files whose coverage counts."""
    commands: Sequence[TestCommand] = ()
    rules: Sequence[ValidationRule] = ()
    metrics: Metrics = field(default_factory=Metrics)
    timeout_seconds: int | None = None
    """Replaces the limits of the commands where it is longer."""

    @property
    def limit(self) -> int:
        """Seconds for the run of pytest."""
        return max([self.timeout_seconds or 0, *(command.timeout_seconds for command in self.commands)]) or 60


def pytest_command(suite: Suite, hash_seed: int = 0) -> Command:
    """The run whose report names each test; the same hash seed gives the same order of sets."""
    words = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", f"--ctrf={REPORT}"]
    words += ["--cov=.", "--cov-branch", f"--cov-report=json:{COVERAGE}", "--cov-config=/dev/null"]
    words += ["-o", f"faulthandler_timeout={max(1, suite.limit * 0.8):g}", *suite.paths]
    env = {"PYTHONHASHSEED": str(hash_seed)}
    return Command("pytest", shlex.join(words), suite.limit, env=env, collect=(REPORT, COVERAGE))


def commands(suite: Suite) -> list[Command]:
    """Everything that one verdict runs, in order."""
    named = [
        Command(
            f"command: {test.cmd}",
            test.cmd,
            max(test.timeout_seconds, suite.timeout_seconds or 0),
            cwd=test.working_dir or ".",
            env=test.env,
        )
        for test in suite.commands
    ]
    rules = [Command(f"{rule.type}: {rule.command}", rule.command, suite.limit) for rule in suite.rules if rule.command]
    return [pytest_command(suite), *named, *rules]


def judge(suite: Suite, outcome: Outcome, report_id: str) -> TestReport:
    """The verdict on a run of `commands(suite)`."""
    ran = outcome.results[0] if outcome.results else None
    tests = reported_tests(ran)
    results = [*tests, *missing_tests(suite, tests), *command_results(suite, outcome)]
    coverage = measured_coverage(suite, ran)
    results += metric_results(suite, ran, coverage)
    return TestReport(
        report_id=report_id,
        task_id=suite.task_id,
        timestamp=datetime.now(UTC),
        status=status(outcome, tests, results),
        summary=summary(results, outcome.duration_seconds),
        test_results=results,
        coverage=coverage,
        environment=Environment(
            python_version=outcome.python_version, os=outcome.os, container_id=outcome.container_id
        ),
    )


def status(outcome: Outcome, tests: Sequence[TestResult], results: Sequence[TestResult]) -> ReportStatus:
    """`passed` needs a finished run, at least one test, and nothing that did not pass."""
    if outcome.ended == "timeout" or any(result.timed_out for result in outcome.results):
        return "timeout"
    if outcome.ended != "finished" or not tests:
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


_STATES = ("passed", "failed", "error", "skipped")


def reported_tests(ran: CommandResult | None) -> list[TestResult]:
    """The tests that pytest's own report names; none when there is no readable report."""
    report = _json(ran, REPORT)
    try:
        return [_test(entry) for entry in report["results"]["tests"]]
    except (KeyError, TypeError, ValueError):
        return []


def _test(entry: Mapping[str, Any]) -> TestResult:
    failed_in_setup = str(entry.get("rawStatus", "")).startswith(("setup", "teardown", "collect"))
    state = {"passed": "passed", "failed": "error" if failed_in_setup else "failed"}.get(entry["status"], "skipped")
    return TestResult.model_validate(
        {
            "test_name": entry["name"],
            "status": state,
            "duration_seconds": max(0.0, entry.get("duration", 0) / 1000),
            "message": _cut(entry.get("message")),
            "traceback": _cut(entry.get("trace")),
        }
    )


def missing_tests(suite: Suite, tests: Sequence[TestResult]) -> list[TestResult]:
    """Sealed tests that no report speaks of."""
    seen = {test.test_name.split("[", 1)[0] for test in tests}
    expected = [name for path, text in suite.sealed.items() for name in test_names(path, text)]
    return [
        TestResult(
            test_name=name, status="error", duration_seconds=0, message="this sealed test did not report a result"
        )
        for name in expected
        if name not in seen
    ]


def test_names(path: str, text: str) -> list[str]:
    """Ids, without parameters, of the tests that a file defines."""
    names = []
    for node in ast.parse(text).body:
        if _is_test(node):
            names.append(f"{path}::{node.name}")  # type: ignore[attr-defined]
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            names += [f"{path}::{node.name}::{part.name}" for part in node.body if _is_test(part)]  # type: ignore[attr-defined]
    return names


def _is_test(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")


def command_results(suite: Suite, outcome: Outcome) -> list[TestResult]:
    """One result per command: the run of pytest itself, acceptance commands, validation rules."""
    wanted = [0, *(test.expected_exit_code for test in suite.commands)]
    wanted += [rule.expected_exit_code for rule in suite.rules if rule.command]
    ended = list(outcome.results)
    results = []
    for number, (command, code) in enumerate(zip(commands(suite), wanted, strict=True)):
        result = ended[number] if number < len(ended) else None
        if number or result is None or result.exit_code != code:
            results.append(_command_result(command, code, result, outcome.ended))
    return results


def _command_result(command: Command, code: int, result: CommandResult | None, ended: str) -> TestResult:
    if result is None:
        return TestResult(
            test_name=command.name,
            status="error",
            duration_seconds=0,
            message=f"did not end: the container's end was {ended}",
        )
    message = None
    if result.timed_out:
        message = f"not finished after {command.timeout_seconds:g} s"
    elif result.exit_code != code:
        message = f"exit code {result.exit_code}, expected {code}"
    return TestResult(
        test_name=command.name,
        status="failed" if message else "passed",
        duration_seconds=result.duration_seconds,
        message=message,
        stdout=_cut(result.stdout),
        stderr=_cut(result.stderr),
    )


def measured_coverage(suite: Suite, ran: CommandResult | None) -> Coverage | None:
    """Coverage of the todo's own files; a file that was never imported counts as uncovered only if it is listed."""
    report = _json(ran, COVERAGE)
    files = report.get("files", {}) if isinstance(report, dict) else {}
    own = [files[path]["summary"] for path in suite.own if path in files]
    lines, branches = (sum(part.get(key, 0) for part in own) for key in ("num_statements", "num_branches"))
    covered = sum(part["covered_lines"] for part in own)
    if not lines:
        return None
    taken = sum(part.get("covered_branches", 0) for part in own)
    return Coverage(
        line_rate=covered / lines,
        branch_rate=taken / branches if branches else 1.0,
        lines_covered=covered,
        lines_total=lines,
    )


def metric_results(suite: Suite, ran: CommandResult | None, coverage: Coverage | None) -> list[TestResult]:
    """The metrics that a run can measure; complexity is a gate's."""
    results = []
    if (bar := suite.metrics.min_test_coverage) is not None:
        reached = coverage.line_rate * 100 if coverage else 0.0
        results.append(_metric("min_test_coverage", reached >= bar, f"{reached:.1f} % of at least {bar:g} %"))
    if (limit := suite.metrics.max_execution_time_ms) is not None:
        took = ran.duration_seconds * 1000 if ran else float("inf")
        results.append(_metric("max_execution_time_ms", took <= limit, f"{took:.0f} ms of at most {limit} ms"))
    return results


def _metric(name: str, held: bool, figures: str) -> TestResult:
    return TestResult(
        test_name=f"metric: {name}", status="passed" if held else "failed", duration_seconds=0, message=figures
    )


def log(outcome: Outcome) -> str:
    """What every command printed."""
    parts = [f"container {outcome.container_id[:12]} ended: {outcome.ended} after {outcome.duration_seconds:.2f} s\n"]
    for result in outcome.results:
        end = "killed at its limit" if result.timed_out else f"exit code {result.exit_code}"
        parts.append(f"$ {result.name}\n{result.stdout}{result.stderr}\n[{end}, {result.duration_seconds:.2f} s]\n")
    return "\n".join(parts)


def _json(ran: CommandResult | None, path: str) -> Any:
    try:
        return json.loads(ran.files[path]) if ran else {}
    except (KeyError, ValueError):
        return {}


def _cut(text: object) -> str | None:
    if not text:
        return None
    whole = str(text)
    return whole if len(whole) <= TEXT_LIMIT else f"…{whole[-TEXT_LIMIT:]}"
