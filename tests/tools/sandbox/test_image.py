"""The name of the image and the scripts that make engine and image."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tools.sandbox import image

ROOT = Path(__file__).parents[3]


def test_the_name_follows_every_ingredient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "tools/sandbox", tmp_path, dirs_exist_ok=True)
    monkeypatch.setattr(image, "HERE", tmp_path)
    names = [image.image_name()]
    assert names[0] == image.image_name()
    for file in ("inside/runner.py", "image/Dockerfile", "image/requirements.txt"):
        (tmp_path / file).write_text((tmp_path / file).read_text() + "\n")
        names.append(image.image_name())

    assert len(set(names)) == 4
    assert all(name.startswith("aidev-sandbox:") for name in names)


def script(name: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHON": sys.executable, **env}
    return subprocess.run([ROOT / "scripts" / name], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["engine.sh", "image.sh"])
def test_what_is_there_is_not_made_again(sandbox_image: str, name: str) -> None:
    start = time.monotonic()
    ended = script(name)

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
    assert time.monotonic() - start < 3


def test_an_engine_elsewhere_that_is_away_is_named() -> None:
    ended = script("engine.sh", DOCKER_HOST="unix:///nowhere.sock")

    assert ended.returncode == 2
    assert "DOCKER_HOST=unix:///nowhere.sock" in ended.stderr


def test_the_image_holds_the_versions_of_this_environment() -> None:
    def pinned(file: str) -> dict[str, str]:
        lines = (ROOT / file).read_text().splitlines()
        return dict(line.split()[0].split("==") for line in lines if "==" in line and not line.startswith(" "))

    here, there = pinned("requirements-dev.txt"), pinned("tools/sandbox/image/requirements.txt")
    assert {"numpy", "pandas", "pytest", "hypothesis"} <= there.keys()
    assert {name: version for name, version in there.items() if here.get(name, version) != version} == {}
