"""`make demo` hands the person's words over unread, and `.env.example` knows every setting."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from settings import Settings

ROOT = Path(__file__).parents[1]
PRINTS_ITS_ARGUMENTS = '#!/bin/sh\nfor argument in "$@"; do printf "%s\\0" "$argument"; done\n'


def demo(folder: Path, *variables: str, **environment: str) -> list[str]:
    """What `aidev` is called with."""
    program = folder / "aidev"
    program.write_text(PRINTS_ITS_ARGUMENTS)
    program.chmod(0o755)
    done = [argument for target in ("setup", "engine", "image") for argument in ("-o", target)]
    command = ["make", "--no-print-directory", "demo", *done, f"BIN={folder}", *variables]
    result = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True, check=True)
    return result.stdout.split("\0")[:-1]


@pytest.mark.parametrize(
    "request_text",
    [
        "say \"hi\"; 'bye'",
        "costs $5, $HOME, $(HOME), ${HOME}, $$",
        "$(shell touch HERE/run) $$(touch HERE/run) `touch HERE/run` && false # no comment",
        "--yes",
        "two\nlines \\ and a backslash",
        "",
    ],
)
def test_the_request_arrives_as_typed(tmp_path: Path, request_text: str) -> None:
    request_text = request_text.replace("HERE", str(tmp_path))
    expected = ["run", "--model", "offline", "--yes", "--", request_text]
    assert demo(tmp_path, f"REQUEST={request_text}") == expected
    assert demo(tmp_path, REQUEST=request_text) == expected
    assert not (tmp_path / "run").exists()


def test_without_a_request_it_shows_a_strategy(tmp_path: Path) -> None:
    *_, request_text = demo(tmp_path, "MODEL=offline:faulty")
    assert request_text.startswith("Buy when RSI(14) crosses above 30 or a bullish engulfing forms")
    assert request_text.endswith("a 15% take profit and at most 30 bars")


def test_help_names_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    named = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE):
        assert re.search(rf"^{target} ", named, re.MULTILINE)


def test_the_example_knows_every_setting() -> None:
    named = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(named) == sorted(name.upper() for name in Settings.model_fields)
