"""What the sandbox costs: one verdict in a fresh container against plain pytest on the same files."""

import sys
import tempfile
from pathlib import Path

from benchmarks.example import finished
from benchmarks.row import Row, command_seconds, seconds
from schemas.ports import Job
from settings import settings
from tools import verdict
from tools.sandbox.docker import DockerSandbox

ALONE = ("env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1")
"""Without the plugins of this project's environment, which no person's pytest would load."""


def rows() -> list[Row]:
    """The suite of the indicators of the demo strategy."""
    store, commit = finished().store, finished().commits["t2_indicators"]
    suite = verdict.Suite("bench", ["tests/test_t2_indicators.py"], {}, [])
    job = Job(store.archive(commit), [verdict.pytest_command(suite)], "bench", "bench", 60)
    sandbox = seconds(lambda: DockerSandbox(settings()).run(job))
    with tempfile.TemporaryDirectory() as folder:
        for path in store.files(commit):
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(store.read(commit, path) or b"")
        plain = command_seconds([*ALONE, sys.executable, "-m", "pytest", "-q", *suite.paths], cwd=folder)
    against = f"plain pytest, the same files: {plain:.2f} s"
    return [Row("one verdict in a fresh container", f"{sandbox:.2f} s", against, f"{sandbox / plain:.2f}")]
