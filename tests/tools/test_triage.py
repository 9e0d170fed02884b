"""Failures are named by what was measured."""

from datetime import UTC, datetime

import pytest

from schemas.report import Summary, TestReport, TestResult
from tools.triage import call_mismatch, certain, evidence, only_held_back


def report(ended: str = "failed", **facts: str) -> TestReport:
    """A report of one failure."""
    found = {"test_name": "tests/test_a.py::test_one", "status": "failed", "duration_seconds": 0, **facts}
    return TestReport(
        report_id="report_x",
        task_id="t",
        timestamp=datetime.now(UTC),
        status=ended,  # type: ignore[arg-type]
        summary=Summary(total=1, passed=0, failed=1, errors=0, duration_seconds=1),
        test_results=[TestResult.model_validate(found)],
    )


def test_evidence_is_cut_to_what_matters() -> None:
    text = evidence(report(traceback="x" * 10_000 + "the end"))
    assert text.startswith("tests/test_a.py::test_one: failed")
    assert text.endswith("the end")
    assert len(text) < 3_000


def results(*pairs: tuple[str, str], ended: str = "failed") -> TestReport:
    """A report of these results."""
    found = [TestResult.model_validate({"test_name": n, "status": s, "duration_seconds": 0}) for n, s in pairs]
    return report(ended).model_copy(update={"test_results": found})


ONE, PASSES = ("tests/test_a.py::test_one", "failed"), ("tests/test_a.py::test_two", "passed")
CASES, BAR, SPRUNG = ("held-back: f", "failed"), ("metric: mutation_score", "failed"), ("trap: must-fail", "failed")


@pytest.mark.parametrize(
    ("found", "ended", "expected"),
    [
        ([ONE], "failed", None),
        ([PASSES, SPRUNG], "failed", "tampering"),
        ([ONE, SPRUNG], "timeout", "tampering"),
        ([PASSES, ("trap: none sprang", "passed"), ONE], "failed", None),
        ([ONE], "timeout", "timeout"),
        ([PASSES, BAR], "failed", "weak_tests"),
        ([ONE, BAR], "failed", None),
        ([PASSES, ("metric: min_test_coverage", "failed")], "failed", None),
        ([PASSES], "passed", None),
    ],
)
def test_what_one_report_settles(found: list[tuple[str, str]], ended: str, expected: str | None) -> None:
    assert certain(results(*found, ended=ended)) == expected


@pytest.mark.parametrize(
    ("found", "only"),
    [
        ([PASSES, CASES], True),
        ([PASSES, CASES, ("held-back: g", "error")], True),
        ([ONE, CASES], False),
        ([CASES, BAR], False),
        ([PASSES, ("held-back: f", "passed")], False),
        ([], False),
    ],
)
def test_only_what_is_held_back(found: list[tuple[str, str]], only: bool) -> None:
    assert only_held_back(results(*found)) is only


@pytest.mark.parametrize(
    ("trace", "mismatch"),
    [
        ("E   TypeError: f() missing 1 required positional argument: 'x'\n\ntests/test_a.py:3: TypeError", True),
        ("E   TypeError: A() takes no arguments\n\ntests/test_a.py:3: TypeError", True),
        ("E   AttributeError: module 'a' has no attribute 'g'\n\ntests/test_a.py:3: AttributeError", True),
        ("tests/test_a.py:1: in <module>\n    from a import g\nE   ImportError: cannot import name 'g' from 'a'", True),
        ("E   ImportError: cannot import name 'g' from 'b'\n\na.py:3: ImportError", False),
        ("E   TypeError: f() takes no arguments\n\na.py:3: TypeError", False),
        ("E   assert 1 == 2\n\ntests/test_a.py:3: AssertionError", False),
        ("", False),
    ],
)
def test_a_call_that_the_code_does_not_offer(trace: str, mismatch: bool) -> None:
    found = {"test_name": ONE[0], "status": "failed", "duration_seconds": 0, "traceback": trace}
    assert call_mismatch(TestResult.model_validate(found)) is mismatch
