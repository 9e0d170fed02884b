"""The evidence of real failures, put together within limits; held-back cases stay held back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.diagnostics import Diagnostics
from schemas.report import TestReport
from tests.tools.evidence.sampled import sampled
from tools.diagnostics import DIFF_LINES, MOST_ALIKE, MOST_CHECKS, MOST_FINDINGS, diagnostics, fingerprint_text, kind_of
from tools.evidence.limits import LINE
from tools.evidence.wording import text

RESULTS: list[dict[str, Any]] = sampled("tests")
SECRET = "AKIA" + "IOSFODNN7EXAMPLE"


def sample(name: str) -> dict[str, Any]:
    """A real verdict: `report`, `runs`, `log`."""
    found: dict[str, Any] = sampled(name)
    return found


def report(*results: dict[str, Any]) -> TestReport:
    """A report of these results."""
    facts = [{"duration_seconds": 0.1, **result} for result in results]
    bad = sum(fact["status"] != "passed" for fact in facts)
    summary = {"total": len(facts), "passed": len(facts) - bad, "failed": bad, "errors": 0, "duration_seconds": 1.0}
    document = {"report_id": "report_t", "task_id": "t", "timestamp": "2026-01-31T09:30:00Z", "status": "failed"}
    return TestReport.model_validate({**document, "summary": summary, "test_results": facts})


def found(results: TestReport | None = None, **facts: Any) -> Diagnostics:
    """Diagnostics of it."""
    given: dict[str, Any] = {"findings": [], "runs": [], "diff": "", "reruns": {}, "log": "", "stage": "tester"}
    return diagnostics(results, **{**given, **facts})


def of_sample(name: str, **facts: Any) -> Diagnostics:
    """Diagnostics of a real verdict."""
    told = sample(name)
    return found(TestReport.model_validate(told["report"]), runs=told["runs"], log=told["log"], **facts)


def test_a_failed_test_is_told_with_statement_values_inputs_and_places() -> None:
    known = next(result for result in RESULTS if "test_params" in result["test_name"])
    (check,) = found(report(known)).failing
    assert (check.kind, check.status, check.error) == ("test", "failed", "AssertionError")
    assert (check.assertion, check.message) == ("assert double(x) == wanted", "assert 6 == 10")
    assert (check.values, check.left, check.right) == ("6 == 10", "6", "10")
    assert "x = 5, wanted = 10" in check.inputs and check.frames[0].line == 19
    words = text(found(report(known))).splitlines()
    assert words[0] == "# Failed at tester: 1 of 1 checks"
    places = [
        words.index(line) for line in ("    assert double(x) == wanted", "assert 6 == 10", "input: 6 = double(5)")
    ]
    assert places == sorted(places) and words[places[-1] + 2].startswith("at tests/test_shop.py:19")


def test_a_loop_is_told_with_the_place_where_it_hangs() -> None:
    facts = of_sample("loop")
    first = facts.failing[0]
    assert (first.name, first.kind) == ("pytest", "command") and first.frames[0].function == "spin"
    assert [run.commands[0].timed_out for run in facts.containers] == [True, True]
    assert "ended by its limit" in text(facts).split("## pytest")[0] and "/opt/venv" not in text(facts)


def test_a_container_that_ran_out_of_memory_is_told_with_its_use() -> None:
    facts = of_sample("memory")
    assert {run.ended for run in facts.containers} == {"out_of_memory"}
    assert all(run.commands[0].memory_bytes >= run.memory_limit_bytes * 0.95 for run in facts.containers)
    assert text(facts).splitlines()[3].startswith("container ") and "out of memory" in text(facts).splitlines()[3]


def test_a_command_is_told_with_what_python_printed() -> None:
    (check,) = of_sample("command").failing
    assert check.kind == "command" and check.error == "AssertionError"
    assert check.message == "exit code 1, expected 0; AssertionError: 2" and check.stdout == "now"


def test_traps_among_the_tests_are_not_shown_in_the_log() -> None:
    assert "test_" in sample("command")["log"].partition("$ command")[0]
    assert of_sample("command").log.startswith("$ command: python -c")


def test_held_back_cases_are_counted_and_not_told() -> None:
    told = sample("held")
    assert "1234" in json.dumps(told["log"])
    facts = of_sample("held")
    assert [check.message for check in facts.failing] == ["0 of 2 held-back cases agree; the others: another value (2)"]
    assert "1234" not in facts.model_dump_json() and "asked" not in text(facts)


@pytest.mark.parametrize(
    "given",
    [
        {"findings": ["held_back: f(1234): gives a value\nf(1234)", "tests/a.py: passed"]},
        {"log": "tests/a.py: passed\nheld_back: f(1234): gives\na value: f(1234)"},
    ],
)
def test_what_the_run_on_the_stub_says_of_held_back_cases_is_left_out(given: dict[str, Any]) -> None:
    facts = found(stage="red", **given)
    assert "1234" not in facts.model_dump_json()
    assert "tests/a.py: passed" in text(facts) and "1 remarks on held-back cases" in text(facts)


DIFF = """diff --git a/.aidev/t/held_back.json b/.aidev/t/held_back.json
--- a/.aidev/t/held_back.json
+++ b/.aidev/t/held_back.json
+f(1234)
diff --git a/keys.py b/keys.py
+KEY = "{}"
diff --git a/shop.py b/shop.py
--- a/shop.py
+++ b/shop.py
@@ -1,2 +1,2 @@
-    return x + 1
+    return 2 * x
"""


def test_a_diff_shows_the_product_without_records_and_secrets() -> None:
    shown = found(diff=DIFF.format(SECRET)).diff
    assert "1234" not in shown and SECRET not in shown and "a secret stands in it" in shown
    assert shown.endswith("-    return x + 1\n+    return 2 * x\n")


def test_everything_is_cut_to_its_limit() -> None:
    many = [
        {"test_name": f"t.py::test_{number}" + "n" * 999, "status": "failed", "message": f"{number}" + "x" * 999}
        for number in range(99)
    ]
    facts = found(
        report(*many),
        findings=["f" * 9999] * 99,
        diff="+y\n" * 9999,
        log="z" * 9999 + "\nend",
        reruns={"a" * 999: ["passed"]},
    )
    assert (len(facts.failing), facts.counts.failed) == (MOST_CHECKS, 99)
    assert len(facts.findings) == MOST_FINDINGS and len(facts.diff.splitlines()) == DIFF_LINES + 1
    assert "9800 lines cut" in facts.diff and facts.log.endswith("\nend")
    lines = [*facts.diff.splitlines(), *facts.log.splitlines(), *(check.message for check in facts.failing)]
    assert max(map(len, [*lines, *facts.findings, *facts.reruns, *(check.name for check in facts.failing)])) <= LINE
    assert len(text(facts, 1_000)) == 1_000 and "characters cut" in text(facts, 1_000)


HOSTILE = "\x1b[2J\x00\u202e\ud800 {} \r"


def test_everything_is_printable() -> None:
    bad = {"test_name": f"t.py::test[{HOSTILE}]", "status": "failed", "message": HOSTILE, "traceback": f"E   {HOSTILE}"}
    facts = found(report(bad), findings=[HOSTILE], diff=HOSTILE, log=HOSTILE, reruns={HOSTILE: [HOSTILE]})
    plain = facts.model_dump_json() + text(facts)
    assert all(sign.isprintable() or sign == "\n" for sign in plain)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tests/test_a.py::test_b[command: x]", "test"),
        ("tests/test_a.py", "test"),
        ("tests/unit/test_a.py::test_b", "unit test"),
        ("command: make", "command"),
        ("pytest", "command"),
        ("pytest: unit tests", "command"),
        ("lint: ruff check .", "rule"),
        ("metric: min_test_coverage", "metric"),
        ("metric: mutation_score", "mutation"),
        ("held-back: f", "held-back"),
        ("trap: must-fail", "trap"),
    ],
)
def test_kinds(name: str, kind: str) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("node", "stage"), [("red", "red"), ("gates", "gates"), ("coder", "model"), ("architect", "model")]
)
def test_stages(node: str, stage: str) -> None:
    assert found(stage=node).stage == stage


def test_findings_of_gates_are_one_line_each() -> None:
    finding = {"gate": "ruff", "rule": "F821", "path": "a.py", "line": 3, "message": "undefined name"}
    facts = found(findings=[finding], stage="gates")
    assert facts.findings == ["a.py:3: F821: undefined name"] and facts.counts.failed == 1
    assert text(facts).splitlines()[0] == "# Failed at gates: 1 findings"


def test_reruns_are_told_by_check() -> None:
    assert "a: passed, failed" in text(found(reruns={"a": ("passed", "failed")}))


def test_the_order_is_what_shows_a_place_first() -> None:
    where = next(result for result in RESULTS if result["test_name"].endswith("test_where"))
    names = ["metric: m", "tests/t.py::test_lost", "trap: t"]
    lost = [{"test_name": name, "status": "error"} for name in names]
    order = [check.name for check in found(report(*lost, where)).failing]
    assert order == ["trap: t", where["test_name"], "tests/t.py::test_lost", "metric: m"]


TRACE = (
    "n = {value}, cart = <Cart object at {address}>\n\n    def f(n):\n>       assert n == 4, took {seconds:.2f} s\n"
    "E       AssertionError: after {seconds:.2f} s in /tmp/{folder}/x on localhost:{port}\n"
    "E       assert {value} == 4\n\nshop.py:{line}: AssertionError"
)
FACTS = st.fixed_dictionaries({
    "address": st.integers(1 << 40, 1 << 47).map(hex),
    "seconds": st.floats(0, 99),
    "folder": st.text("abc0123", min_size=1, max_size=8),
    "port": st.integers(1024, 65535),
    "line": st.integers(1, 9999),
})  # fmt: skip


def fingerprint(value: int, facts: dict[str, Any], name: str = "t.py::test_a", more: int = 0) -> str:
    """Of one failed test and others that always fail alike."""
    trace = TRACE.format(value=value, **facts)
    bad = [{"test_name": name, "status": "failed", "traceback": trace, "duration_seconds": facts["seconds"]}]
    others = [{"test_name": f"t.py::test_{number}", "status": "failed", "message": "m"} for number in range(more)]
    return fingerprint_text(report(*bad, *others))


@given(FACTS, FACTS, st.integers())
def test_noise_does_not_change_a_fingerprint(one: dict[str, Any], other: dict[str, Any], value: int) -> None:
    assert fingerprint(value, one) == fingerprint(value, other)


@given(FACTS, FACTS, st.integers(), st.integers(), st.integers(0, 3), st.integers(0, 3))
def test_another_value_or_failing_test_changes_a_fingerprint(
    one: dict[str, Any], other: dict[str, Any], value: int, another: int, more: int, fewer: int
) -> None:
    same = fingerprint(value, one, more=more) == fingerprint(another, other, more=fewer)
    assert same is (value == another and more == fewer)
    assert fingerprint(value, one) != fingerprint(value, one, "t.py::test_b")


def test_passed_tests_and_order_do_not_change_a_fingerprint() -> None:
    bad = [result for result in RESULTS if result["status"] != "passed"]
    good = {"test_name": "t.py::test_good", "status": "passed"}
    assert fingerprint_text(report(*bad)) == fingerprint_text(report(good, *reversed(bad)))
    assert "0x7f" not in fingerprint_text(report(*bad))


def test_of_those_that_failed_alike_few_are_shown() -> None:
    lost = [{"test_name": f"t.py::test_{number}", "status": "error", "message": "no result"} for number in range(9)]
    facts = found(report(*lost, {"test_name": "t.py::test_x", "status": "error", "message": "another"}))
    assert [check.message for check in facts.failing] == ["no result"] * MOST_ALIKE + ["another"]
    assert f"... and {10 - MOST_ALIKE - 1} more" in text(facts) and facts.counts.failed == 10


@pytest.mark.parametrize("name", ["loop", "memory", "command", "held"])
def test_what_is_kept_as_a_file_is_read_back(name: str) -> None:
    facts = of_sample(name)
    kept = json.dumps(facts.model_dump(mode="json", exclude_none=True))
    assert Diagnostics.model_validate(json.loads(kept)) == facts
