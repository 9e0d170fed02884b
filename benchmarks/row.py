"""One line of the table, and how it is timed."""

import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A figure beside what it is measured against."""

    what: str
    figure: str
    against: str
    ratio: str


def seconds(work: Callable[[], object], times: int = 5, before: Callable[[], object] = lambda: None) -> float:
    """Median wall time; what is done before each time does not count."""
    taken = []
    for _ in range(times):
        before()
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def command_seconds(command: Sequence[str], times: int = 5, cwd: str | None = None) -> float:
    """Median wall time of a process that must succeed."""
    return seconds(lambda: subprocess.run(command, check=True, capture_output=True, cwd=cwd), times)
