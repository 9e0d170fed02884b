"""Diagnostics: the evidence of one failure, cut to what matters; kept beside the reports, shown, given to the mender.

Nothing in it tells what held-back cases ask: only how many disagree, and how.
"""

from typing import Literal

from schemas.base import Document

Stage = Literal["red", "gates", "tester", "model", "prepare", "integrate"]
"""Where a todo failed; `model`: a role's model gave nothing usable."""
Kind = Literal["test", "unit test", "command", "rule", "metric", "held-back", "trap", "mutation"]


class CommandRun(Document):
    """How one command ended and what it used."""

    name: str
    exit_code: int | None = None
    """None when its limit ended it."""
    timed_out: bool
    seconds: float
    limit_seconds: float
    cpu_seconds: float
    memory_bytes: int
    """The most that its container had held by its end; 0: unknown."""


class ContainerRun(Document):
    """How one container ended, under which limits."""

    container: str
    """12 characters of its id."""
    ended: Literal["finished", "timeout", "out_of_memory", "killed"]
    seconds: float
    limit_seconds: float
    memory_limit_bytes: int
    cpus: float
    processes: int
    commands: list[CommandRun]
    unfinished: str = ""
    """The command during which the container ended."""


class Frame(Document):
    """One place of the project's own code in a traceback."""

    path: str
    line: int
    function: str = ""
    source: str = ""


class FailedCheck(Document):
    """One test, command, rule or bar that did not hold."""

    name: str
    kind: Kind
    status: Literal["failed", "error", "skipped"]
    error: str = ""
    """Class of the exception, e.g. AssertionError."""
    message: str = ""
    """One line."""
    assertion: str = ""
    """The project's own statement that failed."""
    values: str = ""
    """The assertion with its values, e.g. `3 == 4`."""
    left: str = ""
    right: str = ""
    """Both sides of it: what came, and what was wanted."""
    inputs: list[str] = []
    """Arguments, parameters, falsifying examples and intermediate values."""
    frames: list[Frame] = []
    """Innermost first."""
    traceback: str = ""
    stdout: str = ""
    stderr: str = ""


class Counts(Document):
    """Of everything that was judged."""

    total: int = 0
    passed: int = 0
    failed: int = 0


class Diagnostics(Document):
    """All evidence of one failure."""

    stage: Stage
    counts: Counts = Counts()
    failing: list[FailedCheck] = []
    """The most telling, and few of those that failed alike; `counts` says how many there are."""
    findings: list[str] = []
    """Of the static gates and of the run on the stub: `path:line: rule: message`."""
    diff: str = ""
    """Against what was judged before; "" at the first run."""
    reruns: dict[str, list[str]] = {}
    """Check → what became of it in each rerun of the same files."""
    containers: list[ContainerRun] = []
    log: str = ""
    """Its end."""
