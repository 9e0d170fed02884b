"""On a person's own repository: their checkout, index and HEAD stay exactly as they are."""

import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Aidev, checked_out, git, suite_passes
from tests.e2e.scripted import LIBRARY, WORDS, given, plan, script

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A repository with a dirty checkout, a hook that must not run, and one test that fails already."""
    folder = tmp_path / "mine"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    (folder / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    (folder / "tests").mkdir()
    (folder / "tests/test_mine.py").write_text("def test_fine():\n    assert 1 + 1 == 2\n")
    (folder / "tests/test_broken.py").write_text("import not_installed_anywhere\n")
    hook = folder / ".git/hooks/post-commit"
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
    hook.chmod(0o755)
    git(folder, "add", ".")
    git(
        folder,
        "-c",
        "user.name=me",
        "-c",
        "user.email=me@example.org",
        "-c",
        "core.hooksPath=/dev/null",
        "commit",
        "-qm",
        "mine",
    )
    (folder / "tests/test_mine.py").write_text("def test_fine():\n    assert 2 + 2 == 4\n")
    (folder / "staged.txt").write_text("staged")
    git(folder, "add", "staged.txt")
    (folder / "loose.txt").write_text("loose")
    return folder


def looks(folder: Path) -> dict[str, str]:
    """All that a person sees of their checkout."""
    files = {
        str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*.*") if ".git" not in path.parts
    }
    state = ("status --porcelain=v1", "diff", "diff --cached", "symbolic-ref HEAD", "rev-parse HEAD", "stash list")
    return files | {words: git(folder, *words.split()) for words in state}


def test_a_dirty_checkout_stays_as_it_is(aidev: Aidev, repo: Path, tmp_path: Path) -> None:
    before = looks(repo)
    model = script(tmp_path, [plan("counts"), given("architect"), given("coder")])
    ended = aidev("run", WORDS, "--repo", str(repo), "--model", model, "--yes", "--json")
    assert ended.code == 0, ended.err
    assert looks(repo) == before
    assert not (tmp_path / "hook-ran").exists()
    assert ended.result["repo"] == str(repo)
    folder = checked_out(repo, ended.result["release_branch"], tmp_path / "release")
    (folder / "tests/test_broken.py").unlink()
    assert suite_passes(folder)
    assert "pyproject.toml" in git(repo, "ls-tree", "--name-only", ended.result["release_branch"])


@pytest.mark.parametrize("kind", ["missing", "plain", "bare", "empty"])
def test_what_is_no_repository_is_refused(aidev: Aidev, tmp_path: Path, kind: str) -> None:
    folder = tmp_path / kind
    if kind != "missing":
        folder.mkdir()
    if kind in ("bare", "empty"):
        subprocess.run(["git", "init", "-q", *(["--bare"] if kind == "bare" else []), str(folder)], check=True)
    ended = aidev("run", WORDS, "--repo", str(folder), "--model", f"script:{LIBRARY}", "--yes")
    assert ended.code == 2
    assert str(folder) in ended.err
    assert "Traceback" not in ended.err
