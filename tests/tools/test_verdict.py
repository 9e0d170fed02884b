"""A verdict is `passed` only on positive evidence."""

import json
from dataclasses import replace
from typing import Any

import pytest

from schemas.ports import CommandResult, Outcome
from schemas.todo import Metrics, TestCommand, ValidationRule
from tools import verdict
from tools.verdict import Suite, judge

SEALED = {"tests/test_a.py": "def test_one(): ...\nclass TestB:\n    def test_two(self): ...\ndef helper(): ...\n"}
SUITE = Suite("t", ["tests/test_a.py"], SEALED, ["a.py"], [TestCommand(cmd="python -m a")])
PASSED = {"tests/test_a.py::test_one": "passed", "tests/test_a.py::TestB::test_two": "passed"}


def pytest_run(tests: dict[str, str], code: int | None = 0, covered: int = 9, **more: Any) -> CommandResult:
    """How the run of pytest ended."""
    entries = [{"name": name, "status": status, "duration": 2} for name, status in tests.items()]
    summary = {"num_statements": 10, "covered_lines": covered, "num_branches": 2, "covered_branches": 1}
    files = {
        verdict.REPORT: json.dumps({"results": {"tests": entries}}).encode(),
        verdict.COVERAGE: json.dumps({"files": {"a.py": {"summary": summary}}}).encode(),
    }
    facts: dict[str, Any] = {"exit_code": code, "timed_out": False, "duration_seconds": 1.0, "files": files, **more}
    return CommandResult("pytest", stdout="", stderr="", **facts)


def command(code: int | None = 0, timed_out: bool = False) -> CommandResult:
    return CommandResult("command: python -m a", code, timed_out, 0.1, "out", "err")


def outcome(*results: CommandResult, ended: Any = "finished") -> Outcome:
    return Outcome(ended, results, "c0ffee", 1.5, "3.11.2", "Debian 12")


def status(suite: Suite, *results: CommandResult, ended: Any = "finished") -> str:
    return judge(suite, outcome(*results, ended=ended), "report_x").status


def test_everything_held() -> None:
    report = judge(SUITE, outcome(pytest_run(PASSED), command()), "report_x")
    assert report.status == "passed"
    assert report.summary.total == report.summary.passed == 3
    assert report.coverage is not None
    assert (report.coverage.line_rate, report.coverage.branch_rate) == (0.9, 0.5)


@pytest.mark.parametrize(
    "tests",
    [
        {},
        {"tests/test_a.py::test_one": "passed"},
        {**PASSED, "tests/test_a.py::test_one": "failed"},
        {**PASSED, "tests/test_a.py::test_one": "skipped"},
        {**PASSED, "tests/test_a.py::test_one": "other"},
        {"tests/test_b.py::test_one": "passed"},
    ],
)
def test_a_test_that_did_not_pass_is_not_passed(tests: dict[str, str]) -> None:
    assert status(SUITE, pytest_run(tests), command()) != "passed"


def test_a_parameter_stands_for_its_test() -> None:
    tests = {"tests/test_a.py::test_one[1]": "passed", "tests/test_a.py::TestB::test_two": "passed"}
    assert status(SUITE, pytest_run(tests), command()) == "passed"


@pytest.mark.parametrize("code", [1, 2, 5, 137, None])
def test_the_exit_code_of_pytest_counts(code: int | None) -> None:
    assert status(SUITE, pytest_run(PASSED, code), command()) != "passed"


def test_commands_count() -> None:
    assert status(SUITE, pytest_run(PASSED), command(3)) == "failed"
    assert status(SUITE, pytest_run(PASSED)) == "failed"
    assert status(SUITE, pytest_run(PASSED), command(None, timed_out=True)) == "timeout"
    other = replace(SUITE, commands=[TestCommand(cmd="python -m a", expected_exit_code=3)])
    assert status(other, pytest_run(PASSED), command(3)) == "passed"
    assert status(other, pytest_run(PASSED), command(0)) == "failed"


@pytest.mark.parametrize("ended", ["timeout", "out_of_memory", "killed"])
def test_a_container_that_did_not_finish_is_not_passed(ended: str) -> None:
    assert status(SUITE, pytest_run(PASSED), command(), ended=ended) != "passed"


def test_an_unreadable_report_is_not_passed() -> None:
    for content in (b"", b"{", b"[]", b'{"results": {"tests": 3}}', b'{"results": {"tests": [{"name": "x"}]}}'):
        run = pytest_run(PASSED, files={verdict.REPORT: content})
        assert status(SUITE, run, command()) == "error"


@pytest.mark.parametrize(
    ("metrics", "held"),
    [
        (Metrics(min_test_coverage=90), True),
        (Metrics(min_test_coverage=91), False),
        (Metrics(max_execution_time_ms=1000), True),
        (Metrics(max_execution_time_ms=999), False),
    ],
)
def test_metrics_count(metrics: Metrics, held: bool) -> None:
    assert (status(replace(SUITE, metrics=metrics), pytest_run(PASSED), command()) == "passed") is held


def test_coverage_that_was_not_measured_is_none() -> None:
    suite = replace(SUITE, metrics=Metrics(min_test_coverage=1), own=["b.py"])
    assert status(suite, pytest_run(PASSED), command()) == "failed"


def test_rules_with_a_command_are_run() -> None:
    suite = replace(SUITE, rules=[ValidationRule(type="custom", command="true"), ValidationRule(type="lint")])
    assert [each.cmd for each in verdict.commands(suite)][1:] == ["python -m a", "true"]
    assert status(suite, pytest_run(PASSED), command(), command(1)) == "failed"
