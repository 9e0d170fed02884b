"""Measures, prints the table, and writes it into `docs/benchmarks.md`."""

import os
import platform
import sys
from datetime import date
from pathlib import Path

from benchmarks import checkpoints, server, startup, verdicts, workflow

PAGE = Path(__file__).parents[1] / "docs/benchmarks.md"
HEAD = """# Benchmarks

`make bench` on {day}: {machine}. Absolute times depend on the machine; the ratios are against something run in the
same minute. Each row is a median.

| what | figure | against | ratio |
|---|---|---|---|
"""


def main() -> None:
    """All benchmarks, one after the other."""
    rows = [row for part in (startup, verdicts, workflow, checkpoints, server) for row in part.rows()]
    table = "".join(f"| {row.what} | {row.figure} | {row.against} | {row.ratio} |\n" for row in rows)
    machine = f"Python {platform.python_version()}, {platform.system()}, {os.cpu_count()} cores"
    text = HEAD.format(day=date.today().isoformat(), machine=machine) + table
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(text)


if __name__ == "__main__":
    main()
