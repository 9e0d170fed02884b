"""Whole workflows: a real engine and image, a real database, real git; only the model is local."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

import cli
from settings import settings
from tests.conftest import Configure
from tools.sandbox.owner import is_dead

ROOT = Path(__file__).parents[2]
REQUEST = json.loads((ROOT / "examples/sample_todo_list.json").read_text())["metadata"]["user_request"]
IDS = ["t1_data_integration", "t2_indicators", "t3_entry_conditions", "t4_exit_conditions"]
"""Its todos."""


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> dict[str, Any]:
        """The object that `--json` printed."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Aidev = Callable[..., Ended]


@pytest.fixture(autouse=True)
def _sandbox(sandbox_image: str) -> None:
    """Every test here needs the engine and the image."""


@pytest.fixture
def quick(configure: Configure) -> None:
    """Without mutants and pauses, where a test is about neither."""
    configure(MUTATION_SAMPLE=0, BACKOFF=0)


@pytest.fixture
def aidev(home: Path, monkeypatch: pytest.MonkeyPatch) -> Aidev:
    """The command line, in this process: nothing is imported anew."""
    monkeypatch.chdir(ROOT)

    def run(*arguments: str) -> Ended:
        out, err = StringIO(), StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
            patch.setattr(sys, "argv", ["aidev", *arguments])
            patch.setattr(sys, "__stderr__", err)
            code = exit_code(cli.main)
        return Ended(code, out.getvalue(), err.getvalue())

    return run


def exit_code(main: Callable[[], None]) -> int:
    """What the process would end with."""
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@pytest.fixture
def process(home: Path) -> Aidev:
    """The command line, as a process of its own."""

    def run(*arguments: str, env: dict[str, str] | None = None) -> Ended:
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *arguments],
            cwd=ROOT,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


def git(repo: Path | str, *arguments: str) -> str:
    """The output of git in a repository."""
    return subprocess.run(["git", "-C", str(repo), *arguments], check=True, capture_output=True, text=True).stdout


def checked_out(repo: Path | str, branch: str, folder: Path) -> Path:
    """A working copy of a branch."""
    subprocess.run(["git", "clone", "-q", "--branch", branch, str(repo), str(folder)], check=True)
    return folder


def suite_passes(folder: Path) -> bool:
    """What a person sees who runs the tests by hand."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=folder, capture_output=True
    )
    return done.returncode == 0


def containers() -> list[str]:
    """Containers that processes of this home have left behind."""
    import docker

    with closing(docker.from_env()) as client:
        ours = client.api.containers(all=True, filters={"label": f"aidev.home={settings().aidev_home}"})
        return [found["Id"] for found in ours if is_dead(found["Labels"]["aidev.owner"], found["Created"])]
