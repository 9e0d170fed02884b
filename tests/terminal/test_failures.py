"""Failures as a person sees them: short, whole lines, and nothing in them acts on the terminal."""

import copy
from typing import Any

import pytest
from rich.cells import cell_len

from schemas.report import TestReport
from terminal.failures import LONGEST_INPUT, MOST_CHECKS, diagnostics_view, failure_report_view
from tests.terminal.test_evidence import CONTROLS, HOSTILE, seen, with_text
from tests.tools.evidence.sampled import sampled
from tools.diagnostics import diagnostics


def facts(name: str, **more: Any) -> dict[str, Any]:
    """Diagnostics of a real verdict, as they are kept."""
    told = sampled(name)
    found = diagnostics(
        TestReport.model_validate(told["report"]), [], told["runs"], "", {}, told["log"], "tester"
    ).model_dump(mode="json")
    return {**found, **more}


def failed_tests(count: int) -> dict[str, Any]:
    """Diagnostics of real failed tests."""
    results = sampled("tests")[3 : 3 + count]
    told = sampled("loop")["report"]
    summary = {**told["summary"], "total": count, "passed": 0, "failed": count, "errors": 0}
    report = TestReport.model_validate({**told, "status": "failed", "test_results": results, "summary": summary})
    return diagnostics(report, [], [], "", {}, "", "tester").model_dump(mode="json")


REPORT: dict[str, Any] = {
    "todo": "t2_double",
    "title": "Double a number",
    "stop_reason": "no_progress",
    "failure_class": "implementation_bug",
    "summary": "tests/test_shop.py::test_where: assert 3 == 4",
    "diagnostics": failed_tests(1),
    "tried": [
        {
            "number": 1,
            "failure_class": "implementation_bug",
            "route": "coder",
            "failing": 3,
            "rank": 3,
            "changed": ["shop.py +42 −0", "tests/unit/test_shop.py +12 −0"],
            "commit": "a" * 40,
            "summary": "assert 6 == 10",
        },
        {
            "number": 2,
            "failure_class": "spec_mismatch",
            "route": "",
            "failing": 1,
            "rank": 3,
            "changed": ["shop.py +4 −2"],
            "commit": "b" * 40,
            "summary": "assert 3 == 4",
        },
    ],
    "suggestions": ["Say what the code gets wrong."],
    "best": {"number": 2, "failing": 1, "branch": "ai/generated/w/t2", "commit": "b" * 40, "summary": "assert 3 == 4"},
}


def test_a_failed_test_is_seen_with_statement_inputs_and_place() -> None:
    assert seen(diagnostics_view(failed_tests(1))) == [
        "Failed at tester: 1 of 1 checks",
        "  tests/test_shop.py::test_where failed",
        "    assert double(2) == 4",
        "    assert 3 == 4",
        "    with 3 = double(2)",
        "    at   tests/test_shop.py:14: test_where: assert double(2) == 4",
    ]


def test_some_failures_are_seen_and_the_rest_is_counted() -> None:
    lines = seen(diagnostics_view(failed_tests(12)))
    assert sum("test_shop.py::" in line for line in lines) == MOST_CHECKS and f"  and {12 - MOST_CHECKS} more" in lines


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("loop", ["at shop.py:6: spin", "ended by a limit", "of 1024 MiB, in pytest"]),
        ("memory", ["out of memory", "128 of 128 MiB"]),
        ("command", ["exit code 1, expected 0; AssertionError: 2"]),
        ("held", ["0 of 2 held-back cases agree"]),
    ],
)
def test_how_it_ended_is_seen(name: str, words: list[str]) -> None:
    text = "\n".join(seen(diagnostics_view(facts(name))))
    assert all(word in text for word in words)


def test_findings_reruns_and_changed_files_are_seen() -> None:
    more = {
        "findings": ["a.py:3: F821: undefined name"],
        "reruns": {"tests/t.py::test_a": ["passed", "failed"]},
        "diff": "diff --git a/shop.py b/shop.py\n+x",
    }
    lines = seen(diagnostics_view(facts("held", failing=[], **more)))
    assert lines[0] == "Failed at tester: 1 findings" and lines[1] == "  a.py:3: F821: undefined name"
    assert "  tests/t.py::test_a: passed, failed when run again" in lines
    assert "  changed since the last run: shop.py" in lines


def test_without_checks_and_findings_the_log_is_seen_and_long_inputs_are_cut() -> None:
    lines = seen(diagnostics_view(facts("held", failing=[], stage="red", log="cannot be used\nby anybody")))
    assert lines[1:3] == ["  cannot be used", "  by anybody"]
    found = failed_tests(1)
    found["failing"][0]["inputs"] = ["x" * 999]
    assert sum(line.count("x") for line in seen(diagnostics_view(found))) == LONGEST_INPUT


def test_both_sides_are_seen_where_the_message_has_them_not() -> None:
    found = failed_tests(12)
    check = next(each for each in found["failing"] if each["name"].endswith("test_dict_message"))
    lines = [line.strip() for line in seen(diagnostics_view({**found, "failing": [check]}))]
    assert "left  {'a': 1, 'b': [1, 2, 3]}" in lines and "right {'a': 2, 'b': [1, 2]}" in lines


def test_a_failure_report_shows_failure_attempts_best_state_and_ways_out() -> None:
    lines = [line.strip("│ ") for line in seen(failure_report_view(REPORT))]
    assert "t2_double: not mended" in lines[0]
    assert "best       attempt 2, 1 failing: assert 3 == 4" in lines
    assert "branch     ai/generated/w/t2 at bbbbbbbbbbbb" in lines
    for words in ("1 implementation_bug → coder", "2 spec_mismatch", "→ Say what the code gets wrong.", "Evidence"):
        assert any(" ".join(line.split()).startswith(words) for line in lines), words
    assert lines.index("Evidence") < lines.index("Tried") < lines.index("What you could do")


def test_a_failure_report_without_evidence_and_attempts_is_whole() -> None:
    lines = seen(failure_report_view({**REPORT, "diagnostics": None, "tried": [], "suggestions": []}))
    assert not any("Evidence" in line or "What you could do" in line for line in lines)


@pytest.mark.parametrize("width", [100, 40])
@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_neither_acts_nor_spoils_a_failure_report(text: str, width: int) -> None:
    report = with_text(copy.deepcopy(REPORT), text)
    check = report["diagnostics"]["failing"][0]
    check.update({"assertion": text, "inputs": [text], "name": text, "left": text, "values": ""})
    report.update({"summary": text, "suggestions": [text], "todo": text, "failure_class": text})
    report["tried"][0]["changed"] = [text]
    lines = seen(failure_report_view(report), width)
    assert all(cell_len(line) <= width for line in lines)
    assert not any(control in line for line in lines for control in CONTROLS)
