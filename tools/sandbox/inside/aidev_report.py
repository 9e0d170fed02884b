"""A pytest plugin: what became of each test, told under a secret of this run.

It reads its instructions from standard input before any code under test is loaded, keeps the order it is told, and
notices when functions that tests rely on are replaced. Nothing in here knows which tests are canaries.
"""

import hmac
import importlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest

WATCHED = {
    "builtins",
    "datetime",
    "decimal",
    "functools",
    "hashlib",
    "hmac",
    "io",
    "json",
    "json.decoder",
    "json.encoder",
    "math",
    "numpy",
    "numpy.testing",
    "operator",
    "os",
    "pandas",
    "pandas.testing",
    "pytest",
    "random",
    "time",
    "traceback",
    "unittest.case",
}
"""Modules whose functions and classes stay what they are; pytest's own besides."""
REPLACED_BY_PLUGINS = {"Config._getini_unknown_type", "FixtureFunctionMarker.__call__"}
"""At every start, by pytest's own `legacypath` and by hypothesis."""
LONG, SHORT, SHOWN = 4_000, 200, 40
"""Characters kept of a traceback: of the first failures, and of all others."""


def pytest_addoption(pluginmanager: Any) -> None:
    """The first moment, before any conftest is read."""
    pluginmanager.register(Report(json.load(sys.stdin)))


def functions() -> dict[tuple[str, str], object]:
    """What is watched: (module, name) → function or class; the methods of pytest's and unittest's classes too."""
    found: dict[tuple[str, str], object] = {}
    for each, module in list(sys.modules.items()):
        if each in WATCHED or each.startswith(("_pytest.", "pluggy.")):
            for name, value in list(vars(module).items()):
                if callable(value):
                    found[each, name] = value
                    found.update(_methods(each, name, value))
    return found


def _methods(module: str, name: str, value: object) -> Iterator[tuple[tuple[str, str], object]]:
    if isinstance(value, type) and value.__module__.partition(".")[0] in ("_pytest", "unittest", "pandas"):
        for method, body in list(vars(value).items()):
            called = callable(body) or isinstance(body, classmethod | staticmethod)
            if called and f"{name}.{method}" not in REPLACED_BY_PLUGINS:
                yield (module, f"{name}.{method}"), body


class Report:
    """Written once, when the session ends: one JSON text, then its HMAC-SHA256 in hex on a line of its own."""

    def __init__(self, told: dict[str, Any]) -> None:
        self._mac = hmac.new(bytes.fromhex(told.pop("key")), digestmod="sha256")
        self._path = os.path.abspath(told["report"])  # a test may leave the folder
        self._order = {name: place for place, name in enumerate(told["order"])}
        self._collected: list[str] = []
        self._tests: list[dict[str, Any]] = []
        for name in WATCHED if self._order else ():
            importlib.import_module(name)  # what is loaded later is not watched
        self._watched = functions()
        self._replaced: set[str] = set()
        self._cut = 0

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """File by file, in the order that was told."""
        files = {item.nodeid.split("::", 1)[0]: None for item in items}
        places = {path: number for number, path in enumerate(files)}
        items.sort(key=lambda item: (places[item.nodeid.split("::", 1)[0]], self._place(item)))

    def _place(self, item: pytest.Item) -> int:
        return self._order.get(item.nodeid.partition("[")[0], len(self._order))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The ids that will run."""
        self._collected = [item.nodeid for item in session.items]

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that could not be read or imported."""
        if report.failed:
            self._keep(report.nodeid, "collect", "failed", 0.0, report)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test."""
        outcome = "xfail" if hasattr(report, "wasxfail") else report.outcome
        if report.when == "call" or outcome != "passed":
            self._keep(report.nodeid, str(report.when), outcome, report.duration, report)

    def _keep(self, node_id: str, when: str, outcome: str, seconds: float, report: Any) -> None:
        text, message = "", ""
        if outcome != "passed":
            self._cut += 1
            room = LONG if self._cut <= SHOWN else SHORT
            text = str(report.longrepr or "")[-room:]
            crash = getattr(report.longrepr, "reprcrash", None)
            message = str(getattr(crash, "message", ""))[:room] or text[-room:]
        entry = {"id": node_id, "when": when, "outcome": outcome, "seconds": seconds}
        self._tests.append({**entry, "message": message, "traceback": text})

    def pytest_runtest_logfinish(self) -> None:
        """After each test, when its own patches are undone."""
        self._look()

    def _look(self) -> None:
        for (each, name), value in self._watched.items():
            found: Any = sys.modules.get(each)
            for part in name.split("."):
                found = getattr(found, "__dict__", {}).get(part)
            if found is not value:
                self._replaced.add(f"{each}.{name}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Write it down."""
        self._look()
        told = {"collected": self._collected, "tests": self._tests, "replaced": sorted(self._replaced)}
        text = json.dumps(told).encode()
        self._mac.update(text)
        os.makedirs(os.path.dirname(self._path), exist_ok=True)
        try:
            with open(self._path, "wb") as file:
                file.write(text + b"\n" + self._mac.hexdigest().encode())
        except OSError:  # half a report would look like a forged one
            os.unlink(self._path)
            raise
