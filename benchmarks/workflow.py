"""What the system itself costs per todo: everything but the time in the sandbox."""

import sys
import tempfile
from pathlib import Path

from benchmarks.example import Finished, finished
from benchmarks.row import Row, command_seconds
from schemas.report import TestReport

TOOLS = (["ruff", "check", "--isolated", "."], ["mypy", "--ignore-missing-imports", "."], ["bandit", "-q", "-r", "."])


def rows() -> list[Row]:
    """Against ruff, mypy and bandit run once by hand over the release."""
    done = finished()
    own = (done.seconds - sandbox_seconds(done)) / len(done.commits)
    by_hand = static_tools(done)
    against = f"ruff, mypy and bandit by hand over the result: {by_hand:.2f} s"
    what = "a todo without its tests (offline model; gates, red run and mutants included)"
    return [Row(what, f"{own:.2f} s", against, f"{own / by_hand:.2f}")]


def sandbox_seconds(done: Finished) -> float:
    """Time in containers, as the reports say."""
    reports = [(commit, f".aidev/{name}/test_report.json") for name, commit in done.evidence.items()]
    reports.append((done.release_evidence, ".aidev/release/test_report.json"))
    found = [TestReport.model_validate_json(done.store.read(commit, path) or b"") for commit, path in reports]
    return sum(report.summary.duration_seconds for report in found)


def static_tools(done: Finished) -> float:
    """The three tools, one after the other, on the last todo's tree; findings do not matter here."""
    commit = list(done.commits.values())[-1]
    with tempfile.TemporaryDirectory() as folder:
        for path in done.store.files(commit):
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(done.store.read(commit, path) or b"")
        script = " ; ".join(" ".join([sys.executable, "-m", *words]) for words in TOOLS)
        return command_seconds(["sh", "-c", f"{script} ; true"], times=3, cwd=folder)
