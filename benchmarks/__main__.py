"""Measures, prints the table, and writes it into `docs/benchmarks.md`; parts that are named are only printed."""

import os
import platform
import sys
from datetime import date
from pathlib import Path

from benchmarks import checkpoints, server, startup, verdicts, workflow

PARTS = {
    "startup": startup.rows,
    "verdicts": verdicts.rows,
    "workflow": workflow.rows,
    "checkpoints": checkpoints.rows,
    "server": server.rows,
}
PAGE = Path(__file__).parents[1] / "docs/benchmarks.md"
HEAD = """# Benchmarks

`make bench` on {day}: {machine}. Absolute times depend on the machine; the ratios are against something run in the
same minute. Each row is a median.

| what | figure | against | ratio |
|---|---|---|---|
"""


def main(*names: str) -> None:
    """All benchmarks, or those that are named, one after the other."""
    rows = [row for name in names or PARTS for row in PARTS[name]()]
    table = "".join(f"| {row.what} | {row.figure} | {row.against} | {row.ratio} |\n" for row in rows)
    machine = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    text = HEAD.format(day=date.today().isoformat(), machine=machine) + table
    if not names:
        PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
