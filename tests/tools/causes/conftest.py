"""Failed runs to look at: pytest itself makes the tracebacks, with the plugin that reports from the sandbox."""

import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from schemas.contract import Contract
from schemas.ports import CommandResult
from schemas.report import TestResult
from tests.conftest import LIKE_THE_SANDBOX
from tools.causes.facts import Facts
from tools.verdict.pytest_run import PytestRun

INSIDE = Path(__file__).parents[3] / "tools/sandbox/inside"
Failed = Callable[[Mapping[str, str]], list[TestResult]]


@pytest.fixture(scope="module")
def failed(tmp_path_factory: pytest.TempPathFactory) -> Failed:
    """`failed(files)`: what a run of the tests among them reports."""

    def run(files: Mapping[str, str]) -> list[TestResult]:
        folder = tmp_path_factory.mktemp("tree")
        for path, text in files.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        asked = PytestRun([path for path in files if path.startswith("tests/")], 60, coverage=False)
        words = [sys.executable, "-m", "pytest", *shlex.split(asked.command().cmd)]
        env = {**os.environ, **LIKE_THE_SANDBOX, "PYTHONPATH": str(INSIDE)}
        ended = subprocess.run(words, cwd=folder, input=asked.command().stdin, env=env, capture_output=True)
        collected = {asked.report: Path(folder, asked.report).read_bytes()}
        told = CommandResult("pytest", ended.returncode, False, 1.0, "", "", collected)
        return list(asked.read(told).tests)

    return run


def facts(results: list[TestResult], files: Mapping[str, str], contract: Contract) -> Facts:
    """What the rules look at."""
    return Facts(results, files, [path for path in files if path.startswith("tests/")], contract)


def command(name: str, stderr: str) -> TestResult:
    """An acceptance command that failed."""
    return TestResult(
        test_name=f"command: {name}", status="failed", duration_seconds=0, message="exit code 1", stderr=stderr
    )
