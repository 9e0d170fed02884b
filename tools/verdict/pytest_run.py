"""One run of pytest, and what is believed of its report."""

import hmac
import json
import secrets
import shlex
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from schemas.ports import Command, CommandResult
from schemas.report import TestResult

COVERAGE = ".run/coverage.json"
_STATUS: Mapping[tuple[str, str], Literal["passed", "failed", "error", "skipped"]] = {
    ("call", "passed"): "passed",
    ("call", "failed"): "failed",
    ("setup", "failed"): "error",
    ("teardown", "failed"): "error",
    ("collect", "failed"): "error",
}
"""Phase and outcome → status; every other pair is a test that was skipped, or was expected to fail."""
_WORST = ("passed", "skipped", "failed", "error")


@dataclass(frozen=True)
class Reading:
    """What one report says."""

    state: Literal["authentic", "missing", "forged"]
    collected: Sequence[str] = ()
    tests: Sequence[TestResult] = ()
    """One per test: its worst phase, under its id."""
    twice: frozenset[str] = frozenset()
    """Ids that were reported more than once."""
    replaced: Sequence[str] = ()
    """Functions that are not what they were before the tests ran."""


@dataclass(frozen=True)
class PytestRun:
    """A run whose report is bound to a secret of its own."""

    paths: Sequence[str]
    seconds: int
    order: Sequence[str] = ()
    hash_seed: int = 0
    coverage: bool = True
    key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    report: str = field(default_factory=lambda: f".run/{secrets.token_hex(8)}")

    def command(self) -> Command:
        """For the sandbox. The same hash seed gives the same order of sets."""
        words = ["-q", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "aidev_report"]
        if self.coverage:
            words += ["--cov=.", "--cov-branch", f"--cov-report=json:{COVERAGE}", "--cov-config=/dev/null"]
        words += ["-o", f"faulthandler_timeout={max(1, self.seconds * 0.8):g}", *self.paths]
        told = {"key": self.key.hex(), "report": self.report, "order": list(self.order)}
        return Command(
            "pytest",
            shlex.join(words),
            self.seconds,
            env={"PYTHONHASHSEED": str(self.hash_seed)},
            collect=(self.report, COVERAGE),
            module="pytest",
            stdin=json.dumps(told).encode(),
        )

    def read(self, ran: CommandResult | None) -> Reading:
        """The report, if it was written under this run's secret."""
        written = ran.files.get(self.report) if ran else None
        if written is None:
            return Reading("missing")
        text, _, signature = written.rpartition(b"\n")
        if not hmac.compare_digest(hmac.digest(self.key, text, "sha256").hex().encode(), signature):
            return Reading("forged")
        try:
            return authentic(json.loads(text))
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
            return Reading("forged")  # by code that found the plugin and put something into it


def authentic(told: Mapping[str, Any]) -> Reading:
    """The report as it is written; raises one of many errors for anything else."""
    collected, replaced = ([printable(each) for each in told[field]] for field in ("collected", "replaced"))
    return Reading("authentic", collected, *tests(told["tests"]), replaced)


def tests(entries: Sequence[Mapping[str, Any]]) -> tuple[list[TestResult], frozenset[str]]:
    """One result per id, and the ids whose call was reported more than once."""
    found: dict[str, TestResult] = {}
    calls: list[str] = []
    for entry in entries:
        result = result_of(entry)
        known = found.get(result.test_name)
        if known is None or _WORST.index(result.status) > _WORST.index(known.status):
            found[result.test_name] = result
        if entry["when"] == "call":
            calls.append(result.test_name)
    return list(found.values()), frozenset(name for name, count in Counter(calls).items() if count > 1)


def result_of(entry: Mapping[str, Any]) -> TestResult:
    """One phase as a test result."""
    return TestResult(
        test_name=printable(entry["id"]),
        status=_STATUS.get((entry["when"], entry["outcome"]), "skipped"),
        duration_seconds=min(max(0.0, entry["seconds"]), 1e6),
        message=printable(entry["message"]) or None,
        traceback=printable(entry["traceback"]) or None,
    )


def printable(text: str) -> str:
    """The text without what a terminal, a database or JSON would take for more than text."""
    kept = text.encode("utf-8", "backslashreplace").decode()
    return "".join(one if one.isprintable() or one in "\n\t" else f"\\x{ord(one):02x}" for one in kept)
