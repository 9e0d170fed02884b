"""Rules that name the class of a failed test run from its report alone; None where they leave doubt."""

import re
import sys
from collections.abc import Collection, Sequence

from schemas.answers import FailureClass
from schemas.report import TestReport, TestResult

IN_THE_IMAGE = {"numpy", "pandas", "pytest", "hypothesis", "dateutil", "tzdata", "coverage", "_pytest"}
"""Packages that the sandbox image offers beside the standard library."""
_MISSING = re.compile(r"No module named '([\w.]+)'")
_CALL_MISMATCH = re.compile(
    r"TypeError: .*(unexpected keyword argument|positional arguments? but|missing \d+ required|takes no arguments)"
    r"|ImportError: cannot import name|AttributeError: module .* has no attribute"
)


def classify(report: TestReport, files: Collection[str], disagreeing: Sequence[str]) -> FailureClass | None:
    """The class, by evidence in this order: limits, reruns, imports, calls, assertions.

    `files` are the paths of the tree; `disagreeing` names tests whose reruns gave another result.
    """
    if report.status == "timeout":
        return "timeout"
    if disagreeing:
        return "flaky_test"
    bad = [test for test in report.test_results if test.status != "passed"]
    text = "\n".join(f"{test.message or ''}\n{test.traceback or ''}" for test in bad)
    if any(_foreign(name, files) for name in _MISSING.findall(text)):
        return "missing_dependency"
    if any(_mismatch_in_test(test) for test in bad):
        return "spec_mismatch"
    if any(test.status == "failed" for test in bad):
        return "implementation_bug"
    return None


def _foreign(module: str, files: Collection[str]) -> bool:
    top = module.split(".", 1)[0]
    own = any(path in (f"{top}.py", f"{top}/__init__.py") or path.startswith(f"{top}/") for path in files)
    return not own and top not in sys.stdlib_module_names and top not in IN_THE_IMAGE


def _mismatch_in_test(test: TestResult) -> bool:
    """The test itself made a call that the code does not offer."""
    trace = test.traceback or test.message or ""
    last = trace.strip().rsplit("\n", 1)[-1]
    in_the_test = last.startswith(test.test_name.split("::", 1)[0]) or "tests/" in last
    return bool(_CALL_MISMATCH.search(trace)) and in_the_test


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
