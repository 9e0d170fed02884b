"""A report is believed when it is signed and has the shape that the plugin gives it; nothing in it raises."""

import json
from typing import Any

import pytest
from hypothesis import given

from tests.tools.verdict.samples import JSON, ONE, PATH, TWO, entry, report, result, signed
from tools.verdict import pytest_run
from tools.verdict.pytest_run import COVERAGE, PytestRun, printable

RUN = PytestRun([PATH], 60)


def test_a_signed_report_is_authentic() -> None:
    told = report(
        entry(ONE), entry(TWO, state="failed", message="assert 1 == 2"), collected=[ONE, TWO], replaced=["m.f"]
    )
    reading = RUN.read(signed(RUN, told))
    assert reading.state == "authentic"
    assert [(test.test_name, test.status) for test in reading.tests] == [(ONE, "passed"), (TWO, "failed")]
    assert (list(reading.collected), list(reading.replaced)) == ([ONE, TWO], ["m.f"])


def test_no_report_is_missing() -> None:
    assert RUN.read(None).state == "missing"
    assert RUN.read(result(0, {COVERAGE: b"{}"})).state == "missing"


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\n",
        json.dumps(report(entry(ONE))).encode(),
        json.dumps(report(entry(ONE))).encode() + b"\n" + b"0" * 64,
        json.dumps(report(entry(ONE))).encode() + b"\n\xff\xfe",
    ],
)
def test_what_is_not_signed_is_forged(written: bytes) -> None:
    assert RUN.read(result(0, {RUN.report: written})).state == "forged"


def test_the_secret_of_another_run_does_not_do() -> None:
    other = PytestRun([PATH], 60, report=RUN.report)
    assert RUN.read(signed(other, report(entry(ONE)))).state == "forged"


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        3,
        report(3),
        report({}),
        report(entry(ONE), tests=None),
        report(entry(ONE), collected=3),
        report(collected=[[]]),
        report(replaced={"a": 1}, collected=None),
        report(entry(3)),  # type: ignore[arg-type]
        report(entry(ONE, when=[])),  # type: ignore[arg-type]
        report(entry(ONE, seconds="1")),
        report(entry(ONE, message=None)),
        report(entry(ONE, traceback=[])),
        b"not json",
        b"\xff\xfe\xff",
        b"[" * 100_000,
        b"9" * 100_000,
    ],
)
def test_a_signed_report_of_another_shape_is_no_report(told: Any) -> None:
    assert RUN.read(signed(RUN, told)).state == "forged"


@given(JSON)
def test_nothing_that_is_signed_raises(told: Any) -> None:
    for each in (
        told,
        report(told),
        {**report(), "tests": told},
        report(entry(ONE, seconds=told)),
        report(replaced=told),
    ):
        reading = RUN.read(signed(RUN, each))
        assert reading.state in ("authentic", "forged")
        assert all(0 <= test.duration_seconds <= 1e6 for test in reading.tests)


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1.0, 1e300])
def test_durations_can_be_stored(seconds: float) -> None:
    (found,), _ = pytest_run.tests([entry(ONE, seconds=seconds)])
    assert json.loads(found.model_dump_json())["duration_seconds"] == found.duration_seconds


@pytest.mark.parametrize(
    ("phases", "status"),
    [
        ([("call", "passed")], "passed"),
        ([("call", "passed"), ("teardown", "failed")], "error"),
        ([("call", "failed")], "failed"),
        ([("setup", "failed")], "error"),
        ([("setup", "skipped")], "skipped"),
        ([("call", "xfail")], "skipped"),
        ([("call", "skipped")], "skipped"),
        ([("call", "something")], "skipped"),
        ([("collect", "failed")], "error"),
    ],
)
def test_the_worst_phase_counts(phases: list[tuple[str, str]], status: str) -> None:
    (found,), twice = pytest_run.tests([entry(ONE, when, state) for when, state in phases])
    assert found.status == status and not twice


def test_what_is_reported_twice_is_told() -> None:
    found, twice = pytest_run.tests([entry(ONE), entry(TWO), entry(ONE)])
    assert twice == {ONE} and len(found) == 2


def test_the_command_tells_no_secret_to_the_tests() -> None:
    run = PytestRun([PATH], 50, ["test_a"], hash_seed=7)
    command = run.command()
    assert run.key.hex() not in command.cmd and run.key.hex() not in repr(run)
    assert command.env == {"PYTHONHASHSEED": "7"} and command.module == "pytest"
    assert json.loads(command.stdin) == {"key": run.key.hex(), "report": run.report, "order": ["test_a"]}
    assert "--cov=." in command.cmd and "--cov" not in PytestRun([PATH], 50, coverage=False).command().cmd


def test_each_run_has_its_own_secret_and_place() -> None:
    first, second = PytestRun([PATH], 1), PytestRun([PATH], 1)
    assert first.key != second.key and first.report != second.report


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\tb\nc", "a\tb\nc"),
        ("\x1b[31m", "\\x1b[31m"),
        ("\x00", "\\x00"),
        ("\ud800", "\\ud800"),
        ("é", "é"),
        ("\u202e", "\\x202e"),
    ],
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
