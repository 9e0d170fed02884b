"""What a report of a failed run settles by itself, and its failures cut to what matters."""

import re

from schemas.answers import FailureClass
from schemas.report import TestReport, TestResult

TRAP, HELD_BACK, MUTATION = "trap: ", "held-back: ", "metric: mutation_score"
"""Begin the names of these results in a report."""
IN_THE_IMAGE = {"numpy", "pandas", "pytest", "hypothesis", "dateutil", "tzdata", "coverage", "_pytest"}
"""Packages that the sandbox image offers beside the standard library."""
_PLACE = re.compile(r"^(\S+):\d+: ", re.MULTILINE)
"""Where pytest says that a frame stands."""
CALL_MISMATCH = re.compile(
    r"TypeError: .*(unexpected keyword argument|positional arguments? but|missing \d+ required|takes no arguments)"
    r"|ImportError: cannot import name|AttributeError: module .* has no attribute"
)


def certain(report: TestReport) -> FailureClass | None:
    """The class that one report settles by itself: a trap that sprang, a limit, tests that miss mutants."""
    bad = [test.test_name for test in report.test_results if test.status != "passed"]
    if any(name.startswith(TRAP) for name in bad):
        return "tampering"
    if report.status == "timeout":
        return "timeout"
    return "weak_tests" if bad == [MUTATION] else None


def only_held_back(report: TestReport) -> bool:
    """Whether everything that the coder can see passes, and what is kept back does not."""
    bad = [test.test_name for test in report.test_results if test.status != "passed"]
    return bool(bad) and all(name.startswith(HELD_BACK) for name in bad)


def call_mismatch(test: TestResult) -> bool:
    """The test itself made a call that the code does not offer."""
    trace = test.traceback or test.message or ""
    last = (_PLACE.findall(trace) or [""])[-1]
    in_the_test = last == test.test_name.split("::", 1)[0] or "tests/" in last
    return bool(CALL_MISMATCH.search(trace)) and in_the_test


def evidence(report: TestReport, limit: int = 5) -> str:
    """The failures cut to what matters, for whoever mends them."""
    bad = [test for test in report.test_results if test.status != "passed"]
    parts = [f"{test.test_name}: {test.status}\n{_end(test)}" for test in bad[:limit]]
    more = [f"… and {len(bad) - limit} more"] if len(bad) > limit else []
    return "\n\n".join([*parts, *more])


def _end(test: TestResult) -> str:
    text = test.traceback or test.message or ""
    output = f"\n{test.stderr[-1500:]}" if test.stderr else ""
    return text[-2000:] + output
