"""How long a person waits for `aidev --help`."""

import sys
from pathlib import Path

from benchmarks.row import Row, command_seconds

CLI = str(Path(__file__).parents[1] / "cli.py")


def rows() -> list[Row]:
    """Against a Python that does nothing."""
    help_ = command_seconds([sys.executable, CLI, "--help"])
    nothing = command_seconds([sys.executable, "-c", "pass"])
    return [Row("`aidev --help`", f"{help_:.2f} s", f"`python -c pass`: {nothing:.3f} s", f"{help_ / nothing:.1f}")]
