"""Runs of sealed tests as the sandbox would give them back, and values of every plain kind."""

import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from schemas.ports import CommandResult, Outcome
from schemas.report import TestResult
from tools.verdict.pytest_run import PytestRun
from tools.verdict.suite import Suite
from tools.verdict.traps import Woven

PATH = "tests/test_a.py"
SEALED = {
    PATH: "from a import f\n\n\ndef test_one():\n    assert f(1) == 2\n\n\nclass TestB:\n    def test_two(self): ...\n"
}
ONE, TWO = f"{PATH}::test_one", f"{PATH}::TestB::test_two"
SUITE = Suite("t", "w", {}, SEALED)


def outcome(*results: CommandResult, ended: Any = "finished") -> Outcome:
    """How a container ended."""
    return Outcome(ended, results, "c0ffee", 1.5, "3.11.2", "Debian 12")


def result(code: int | None = 0, files: Mapping[str, bytes] | None = None, **more: Any) -> CommandResult:
    """How a command ended."""
    facts: dict[str, Any] = {"timed_out": False, "duration_seconds": 0.5, "stdout": "", "stderr": "", **more}
    return CommandResult("command", code, files=files or {}, **facts)


def entry(name: str, when: str = "call", state: str = "passed", **more: Any) -> dict[str, Any]:
    """One phase of one test as the plugin writes it."""
    return {"id": name, "when": when, "outcome": state, "seconds": 0.1, "message": "", "traceback": "", **more}


def report(*tests: Any, **more: Any) -> dict[str, Any]:
    """A report as the plugin writes it."""
    return {"collected": [], "tests": list(tests), "replaced": [], **more}


def signed(run: PytestRun, told: object) -> CommandResult:
    """What comes back of a run whose plugin wrote this."""
    text = told if isinstance(told, bytes) else json.dumps(told).encode()
    return result(1, {run.report: text + b"\n" + hmac.digest(run.key, text, "sha256").hex().encode()})


def honest(woven: Woven, **states: str) -> list[dict[str, Any]]:
    """Every test of a run as it should end; `test_one="failed"` makes one end otherwise, by its sealed name."""
    entries = []
    for name in woven.order:
        function = name.rsplit("::", 1)[-1]
        usual = "failed" if function in woven.must_fail else "passed"
        entries.append(entry(name, state=states.get(woven.names.get(function, function), usual)))
    return entries


def one_result(name: str, status: Any = "passed", **more: Any) -> TestResult:
    """One result."""
    return TestResult(test_name=name, status=status, duration_seconds=0, **more)


def by_name(results: Sequence[TestResult]) -> dict[str, str]:
    """Name → status."""
    return {each.test_name: each.status for each in results}


HASHABLE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda moment: moment.replace(fold=0))
    | st.dates(min_value=date(1000, 1, 1))
)
VALUES = st.recursive(
    HASHABLE,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.sets(HASHABLE, max_size=4)
        | st.dictionaries(HASHABLE, inner, max_size=4)
    ),
    max_leaves=8,
)
"""Built-in values of every kind that a literal can stand for."""
KEYS = [
    "int",
    "float",
    "complex",
    "str",
    "bytes",
    "decimal",
    "time",
    "list",
    "tuple",
    "set",
    "dict",
    "array",
    "series",
    "frame",
    "index",
    "object",
    "fields",
    "enum",
    "value",
    "raised",
    "message",
    "ended",
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(KEYS) | st.text(max_size=4),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
"""What a hostile container may send instead."""
