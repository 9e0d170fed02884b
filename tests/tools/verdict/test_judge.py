"""A verdict is `passed` only on positive evidence."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.ports import Command, Job
from schemas.report import TestResult
from settings import Settings
from tests.tools.verdict.samples import (
    ONE,
    PATH,
    SEALED,
    SUITE,
    TWO,
    by_name,
    entry,
    honest,
    one_result,
    outcome,
    report,
    result,
    signed,
)
from tools.verdict import judge
from tools.verdict.pytest_run import PytestRun, Reading
from tools.verdict.suite import Suite
from tools.verdict.traps import Woven, weave

RUN = PytestRun([PATH], 60)
WOVEN = weave(SEALED)
PASSED = {ONE: "passed", TWO: "passed"}
EXPECTED = replace(SUITE, expected=[ONE, TWO])


def sealed(entries: list[dict[str, Any]], suite: Suite = EXPECTED, woven: Woven = WOVEN) -> list[TestResult]:
    """What becomes of such a report."""
    return judge.sealed_results(suite, woven, RUN.read(signed(RUN, report(*entries))))


@pytest.mark.parametrize("suite", [SUITE, EXPECTED])
def test_everything_held(suite: Suite) -> None:
    results = sealed(honest(WOVEN), suite)
    assert by_name(results) == PASSED
    assert judge.status([outcome(result(1))], results) == "passed"


@pytest.mark.parametrize("suite", [SUITE, EXPECTED])
@pytest.mark.parametrize("state", ["failed", "skipped", "xfail", "rerun", ""])
def test_a_test_that_did_not_pass_is_not_passed(state: str, suite: Suite) -> None:
    results = sealed(honest(WOVEN, test_two=state), suite)
    assert by_name(results)[ONE] == "passed" and by_name(results)[TWO] != "passed"
    assert judge.status([outcome()], results) == "failed"


@pytest.mark.parametrize("suite", [SUITE, EXPECTED])
def test_a_test_that_nothing_is_told_of_is_an_error(suite: Suite) -> None:
    entries = [each for each in honest(WOVEN) if "TestB" not in each["id"]]
    assert by_name(sealed(entries, suite)) == {ONE: "passed", TWO: "error"}


def test_no_report_makes_every_test_an_error() -> None:
    for reading in (Reading("missing"), Reading("forged")):
        results = judge.sealed_results(EXPECTED, WOVEN, reading)
        assert by_name(results) == {ONE: "error", TWO: "error"}


def test_a_test_that_is_reported_twice_is_an_error() -> None:
    entries = honest(WOVEN)
    again = next(each for each in entries if not WOVEN.canary(each["id"]))
    assert by_name(sealed([*entries, again]))[ONE] == "error"


def test_a_test_that_did_not_fail_on_the_stub_is_an_error() -> None:
    results = sealed([*honest(WOVEN), entry(f"{PATH}::test_more")])
    assert by_name(results) == {**PASSED, f"{PATH}::test_more": "error"}


def test_each_parameter_is_expected() -> None:
    suite = replace(SUITE, expected=[f"{ONE}[1]", f"{ONE}[2]", TWO])
    fresh = next(name for name in WOVEN.order if WOVEN.sealed_name(name) == ONE)
    others = [each for each in honest(WOVEN) if each["id"] != fresh]
    assert by_name(sealed([entry(f"{fresh}[1]"), *others], suite))[f"{ONE}[2]"] == "error"
    both = sealed([entry(f"{fresh}[1]"), entry(f"{fresh}[2]"), *others], suite)
    assert set(by_name(both).values()) == {"passed"}


def test_a_parameter_stands_for_its_test_where_nothing_was_collected() -> None:
    fresh = next(name for name in WOVEN.order if WOVEN.sealed_name(name) == ONE)
    others = [each for each in honest(WOVEN) if each["id"] != fresh]
    assert by_name(sealed([entry(f"{fresh}[1]"), *others], SUITE)) == {f"{ONE}[1]": "passed", TWO: "passed"}


def test_texts_speak_of_tests_as_they_are_sealed() -> None:
    fresh = next(name for name in WOVEN.order if WOVEN.sealed_name(name) == ONE)
    function = fresh.split("::")[-1]
    told = entry(fresh, state="failed", message=f"in {function}", traceback=f"def {function}():\nE assert")
    (found,) = [each for each in sealed([told]) if each.test_name == ONE]
    assert (found.message, found.traceback) == ("in test_one", "def test_one():\nE assert")


@pytest.mark.parametrize(
    ("ended", "late", "results", "status"),
    [
        ("finished", False, ["passed"], "passed"),
        ("finished", False, ["passed", "failed"], "failed"),
        ("finished", False, ["skipped"], "failed"),
        ("finished", False, ["error"], "failed"),
        ("finished", False, [], "error"),
        ("finished", True, ["passed"], "timeout"),
        ("timeout", False, ["passed"], "timeout"),
        ("out_of_memory", False, ["passed"], "error"),
        ("killed", False, ["passed"], "error"),
    ],
)
def test_status(ended: str, late: bool, results: list[str], status: str) -> None:
    found = [one_result(str(number), each) for number, each in enumerate(results)]
    assert judge.status([outcome(), outcome(result(timed_out=late), ended=ended)], found) == status


@pytest.mark.parametrize(
    ("wanted", "given", "status", "said"),
    [
        (0, result(0), "passed", None),
        (3, result(3), "passed", None),
        (3, result(0), "failed", "exit code 0, expected 3"),
        (0, result(137), "failed", "exit code 137, expected 0"),
        (0, result(None, timed_out=True), "failed", "not finished after 30 s"),
        (0, None, "error", "did not end: the container's end was killed"),
    ],
)
def test_how_a_command_ended(wanted: int, given: Any, status: str, said: str | None) -> None:
    found = judge.ended("command: x", wanted, given, outcome(ended="killed"), 30)
    assert (found.status, found.message) == (status, said)


def test_outputs_are_cut_and_printable() -> None:
    found = judge.ended("x", 0, result(stdout="a" * 9_000 + "\x1b[2J end", stderr=""), outcome(), 1)
    assert found.stdout is not None and found.stdout.endswith("\\x1b[2J end") and len(found.stdout) < 4_100
    assert found.stderr is None


def test_a_report_counts_and_sums() -> None:
    results = [one_result("a"), one_result("b", "failed"), one_result("c", "error"), one_result("d", "skipped")]
    made = judge.report_of(SUITE, "report_x", [outcome(), outcome()], results, None)
    summary = made.summary
    assert (summary.total, summary.passed, summary.failed, summary.errors, summary.skipped) == (4, 1, 1, 1, 1)
    assert summary.duration_seconds == 3.0 and made.status == "failed" and made.coverage is None


def test_a_bar_that_was_not_reached() -> None:
    assert judge.metric("x", False, "1 of 2").status == "failed"
    assert by_name([judge.metric("x", True, "2 of 2")]) == {"metric: x": "passed"}


def test_the_log_holds_what_every_command_printed() -> None:
    text = judge.log(outcome(result(0, stdout="out\x07", stderr="err"), result(None, timed_out=True), ended="timeout"))
    assert "ended: timeout" in text and "out\\x07err" in text and "killed at its limit" in text


def test_how_a_container_ended_and_what_it_used_is_kept() -> None:
    job = Job(b"", [Command("one", "x", 5), Command("two\x07", "y", 7), Command("three", "z", 7)], "w", "t", 60)
    ended = outcome(result(None, timed_out=True, memory_bytes=7, cpu_seconds=0.25), ended="killed")
    run = judge.container_run(job, ended, Settings(sandbox_memory="96m", sandbox_cpus=0.5, sandbox_pids=9))

    assert (run.container, run.ended, run.seconds, run.limit_seconds) == ("c0ffee", "killed", 1.5, 60)
    assert (run.memory_limit_bytes, run.cpus, run.processes) == (96 << 20, 0.5, 9)
    assert run.unfinished == "two\\x07"
    (command,) = run.commands
    assert (command.exit_code, command.timed_out, command.seconds, command.limit_seconds) == (None, True, 0.5, 5)
    assert (command.memory_bytes, command.cpu_seconds) == (7, 0.25)


def test_nothing_is_unfinished_in_a_container_that_ran_all_its_commands() -> None:
    job = Job(b"", [Command("one", "x", 5)], "w", "t", 60)
    assert judge.container_run(job, outcome(result(0)), Settings()).unfinished == ""


def test_what_a_run_printed_has_the_sealed_names_and_names_no_canary() -> None:
    fresh = next(new for new, old in WOVEN.names.items() if old == "test_one")
    canary = next(iter(WOVEN.must_fail))
    found = judge.named(WOVEN, one_result("pytest", "failed", stderr=f"in {fresh}\nin {canary}\nend"))
    assert found.stderr == "in test_one\nend"
