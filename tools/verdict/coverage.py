"""Line and branch coverage of the coder's files, over all runs of pytest together."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.ports import CommandResult
from schemas.report import Coverage
from tools.verdict.pytest_run import COVERAGE


def measured(own: Sequence[str], runs: Sequence[CommandResult]) -> Coverage | None:
    """None when no run measured any of the files, or none can be read. A line counts that any run reached."""
    files = [_files(run) for run in runs]
    try:
        parts = [_union([found[path] for found in files if path in found]) for path in own]
    except (KeyError, TypeError, AttributeError):
        return None
    lines, covered, branches, taken = (sum(part[place] for part in parts) for place in range(4))
    if not lines:
        return None
    return Coverage(
        line_rate=covered / lines,
        branch_rate=taken / branches if branches else 1.0,
        lines_covered=covered,
        lines_total=lines,
    )


def reached(run: CommandResult) -> dict[str, set[int]] | None:
    """Path → lines that one run executed; None when it cannot be read or there are none."""
    try:
        found = {path: set(report["executed_lines"]) for path, report in _files(run).items()}
    except (KeyError, TypeError):
        return None
    return found if any(found.values()) else None


def _files(run: CommandResult) -> Mapping[str, Any]:
    try:
        report = json.loads(run.files[COVERAGE])
    except (KeyError, ValueError, RecursionError):
        return {}
    found = report.get("files") if isinstance(report, dict) else None
    return found if isinstance(found, dict) else {}


def _union(reports: Sequence[Mapping[str, Any]]) -> tuple[int, int, int, int]:
    """Lines, covered lines, branches, taken branches of one file."""
    executed = {line for report in reports for line in report["executed_lines"]}
    missing = {line for report in reports for line in report["missing_lines"]}
    taken = {tuple(branch) for report in reports for branch in report.get("executed_branches", [])}
    left = {tuple(branch) for report in reports for branch in report.get("missing_branches", [])}
    return len(executed | missing), len(executed), len(taken | left), len(taken)
