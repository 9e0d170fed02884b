"""What the sandbox costs: one verdict of a pandas test, in each way, against plain pytest on the same files."""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from benchmarks.example import finished
from benchmarks.row import Row, command_seconds, seconds
from schemas.ports import Command, Job
from settings import settings
from tools.sandbox.docker import DockerSandbox
from tools.sandbox.pool import ReadySandbox
from tools.verdict.pytest_run import PytestRun

ALONE = ("env", "PYTEST_DISABLE_PLUGIN_AUTOLOAD=1")
"""Without the plugins of this project's environment, which no person's pytest would load."""
TESTS = "tests/test_t2_indicators.py"
"""The indicators of the demo strategy, which work on pandas."""
QUIET = 3
"""Seconds for the interpreter in a container to have imported what it imports."""


def rows() -> list[Row]:
    """A verdict measures coverage and writes its report; plain pytest does neither."""
    plain = plain_seconds()
    against = f"plain pytest, the same files: {plain:.2f} s"
    return [Row(what, f"{taken:.2f} s", against, f"{taken / plain:.2f}") for what, taken in sandbox_seconds()]


def plain_seconds() -> float:
    """As a person would run it."""
    store, commit = finished().store, finished().commits["t2_indicators"]
    with tempfile.TemporaryDirectory() as folder:
        for path in store.files(commit):
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(store.read(commit, path) or b"")
        return command_seconds([*ALONE, sys.executable, "-m", "pytest", "-q", TESTS], cwd=folder)


def sandbox_seconds() -> Iterator[tuple[str, float]]:
    """What it is, and its time."""
    as_module = PytestRun([TESTS], 60).command()
    in_shell = replace(as_module, cmd=f"python -m pytest {as_module.cmd}", module="")
    yield "one verdict in a fresh container", seconds(lambda: DockerSandbox(settings()).run(job(in_shell)))
    with closing(ReadySandbox(settings())) as pool:

        def settled() -> None:
            pool.prepare()
            pool.wait()
            time.sleep(QUIET)

        for where, command in (("", in_shell), (", in the interpreter that stands ready", as_module)):
            taken = seconds(lambda command=command: pool.run(job(command)), before=settled)  # type: ignore[misc]
            yield f"one verdict in a container that stands ready{where}", taken


def job(command: Command) -> Job:
    """The tree of the todo and one command."""
    store, commit = finished().store, finished().commits["t2_indicators"]
    return Job(store.archive(commit), [command], "bench", "bench", 60)
