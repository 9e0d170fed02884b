"""The evidence of a todo, sorted into what a person looks for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

GROUPS = {
    "held-back: ": "Held-back cases",
    "metric: ": "Measured",
    "trap: ": "Traps",
    "command: ": "Acceptance commands",
    "sandbox: ": "Sandbox",
}
"""Begin of a result's name → what it is; everything else is a test."""
TESTS = "Tests"
PICTURES = (".png",)


@dataclass(frozen=True)
class Result:
    """One thing that was judged."""

    name: str
    status: str
    seconds: float
    said: str
    details: dict[str, str]
    """Traceback and output, where there are some."""


def grouped(report: Mapping[str, Any]) -> dict[str, list[Result]]:
    """Results by kind, tests first, those that did not pass before the others."""
    found: dict[str, list[Result]] = {name: [] for name in (TESTS, *GROUPS.values())}
    for one in sorted(report["test_results"], key=lambda one: one["status"] == "passed"):
        prefix = next((prefix for prefix in GROUPS if one["test_name"].startswith(prefix)), "")
        found[GROUPS.get(prefix, TESTS)].append(result(one, one["test_name"].removeprefix(prefix)))
    return {name: results for name, results in found.items() if results}


def result(one: Mapping[str, Any], name: str) -> Result:
    """One result."""
    details = {key: one[key] for key in ("traceback", "stdout", "stderr") if one.get(key)}
    return Result(name, one["status"], one["duration_seconds"], one.get("message") or "", details)


def branch_todos(todo: Mapping[str, Any], found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each branch todo with its diagnosis, diagnostics and failure report, where there are some."""
    records = {"diagnosis": "diagnoses", "diagnostics": "diagnostics", "report": "failure_reports"}
    places = {name: place for place, name in enumerate(found.get("branch_todos", []))}
    return [
        {**entry, **{name: of(found, key, places.get(entry["id"])) for name, key in records.items()}}
        for entry in todo["branch_todos"]
    ]


def of(found: Mapping[str, Any], key: str, place: int | None) -> Any:
    """One record; None where there is none."""
    return None if place is None else found[key][place]


def pictures(artifacts: Sequence[Mapping[str, Any]]) -> list[str]:
    """The paths of those that a browser shows."""
    return [str(one["path"]) for one in artifacts if str(one["path"]).lower().endswith(PICTURES)]
