"""Failures are named by what was measured."""

from datetime import UTC, datetime

import pytest

from schemas.report import Summary, TestReport, TestResult
from tools.triage import classify, evidence

FILES = ["a.py", "pkg/__init__.py", "tests/test_a.py"]


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


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        ({"traceback": "E   assert 2 == 1\ntests/test_a.py:3: AssertionError"}, "implementation_bug"),
        ({"traceback": "a.py:3: in f\nE   TypeError: unsupported operand\na.py:3: TypeError"}, "implementation_bug"),
        ({"traceback": "a.py:7: in g\nE   TypeError: f() got an unexpected keyword argument 'k'\na.py:7: TypeError"},
         "implementation_bug"),
        ({"traceback": "E   TypeError: f() got an unexpected keyword argument 'k'\n\ntests/test_a.py:3: TypeError"},
         "spec_mismatch"),
        ({"traceback": "E   TypeError: f() takes 2 positional arguments but 3 were given\n\ntests/test_a.py:3: Type"},
         "spec_mismatch"),
        ({"message": "ModuleNotFoundError: No module named 'requests'", "status": "error"}, "missing_dependency"),
        ({"message": "ModuleNotFoundError: No module named 'numpy.nothing'", "status": "error"}, None),
        ({"message": "ModuleNotFoundError: No module named 'pkg.other'", "status": "error"}, None),
        ({"message": "ModuleNotFoundError: No module named 'json.nothing'", "status": "error"}, None),
        ({"message": "this sealed test did not report a result", "status": "error"}, None),
    ],
)  # fmt: skip
def test_by_the_traceback(failure: dict[str, str], expected: str | None) -> None:
    assert classify(report(**failure), FILES, []) == expected


def test_limits_and_reruns_come_first() -> None:
    assertion = {"traceback": "E   assert 2 == 1\ntests/test_a.py:3: AssertionError"}
    assert classify(report("timeout", **assertion), FILES, []) == "timeout"
    assert classify(report(**assertion), FILES, ["tests/test_a.py::test_one"]) == "flaky_test"


def test_evidence_is_cut_to_what_matters() -> None:
    text = evidence(report(traceback="x" * 10_000 + "the end"))
    assert text.startswith("tests/test_a.py::test_one: failed")
    assert text.endswith("the end")
    assert len(text) < 3_000
