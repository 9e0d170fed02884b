"""Coverage is taken over all runs, and what cannot be read is no coverage."""

import json
from typing import Any

import pytest
from hypothesis import given

from schemas.ports import CommandResult
from tests.tools.verdict.samples import JSON, result
from tools.verdict.coverage import measured
from tools.verdict.pytest_run import COVERAGE


def ran(files: Any) -> CommandResult:
    """A run that measured these files."""
    return result(0, {COVERAGE: json.dumps({"files": files}).encode()})


def lines(executed: Any, missing: Any, taken: Any = (), left: Any = ()) -> dict[str, Any]:
    """What is told of one file."""
    return {
        "executed_lines": executed,
        "missing_lines": missing,
        "executed_branches": taken,
        "missing_branches": left,
    }


def test_lines_and_branches() -> None:
    found = measured(["a.py"], [ran({"a.py": lines([1, 2, 3], [4], [[1, 2]], [[1, 3]]), "b.py": lines([], [1])})])
    assert found is not None
    assert (found.line_rate, found.branch_rate, found.lines_covered, found.lines_total) == (0.75, 0.5, 3, 4)


def test_a_line_counts_that_any_run_reached() -> None:
    found = measured(["a.py"], [ran({"a.py": lines([1, 2], [3, 4])}), ran({"a.py": lines([1, 3], [2, 4])})])
    assert found is not None and (found.lines_covered, found.lines_total, found.branch_rate) == (3, 4, 1.0)


def test_files_are_summed() -> None:
    found = measured(["a.py", "b.py"], [ran({"a.py": lines([1], []), "b.py": lines([], [1, 2, 3])})])
    assert found is not None and found.line_rate == 0.25


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"b.py": lines([1], [])},
        {"a.py": lines([], [])},
        {"a.py": {}},
        {"a.py": None},
        {"a.py": []},
        {"a.py": lines(None, [])},
        {"a.py": lines([[]], [])},
        {"a.py": lines([1], [2], [3])},
        {"a.py": lines([1], [2], None)},
        [],
        None,
        3,
    ],
)
def test_what_was_not_measured_is_none(files: Any) -> None:
    assert measured(["a.py"], [ran(files)]) is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"3", b"null", b"\xff", b"[" * 100_000, b"9" * 10_000])
def test_what_is_no_report_is_none(content: bytes) -> None:
    assert measured(["a.py"], [result(0, {COVERAGE: content})]) is None


def test_no_runs_or_no_files_are_none() -> None:
    assert measured(["a.py"], []) is None
    assert measured(["a.py"], [result()]) is None
    assert measured([], [ran({"a.py": lines([1], [])})]) is None


@given(JSON)
def test_nothing_that_is_told_raises(told: Any) -> None:
    for files in (told, {"a.py": told}, {"a.py": lines(told, [1])}, {"a.py": lines([1], [], told)}):
        found = measured(["a.py"], [ran(files)])
        assert found is None or 0 <= found.line_rate <= 1
