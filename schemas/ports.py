"""Ports: values first, then a few verbs. Implementations live in `tools`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol


@dataclass(frozen=True)
class Command:
    """One shell command inside the sandbox."""

    name: str
    cmd: str
    timeout_seconds: float
    cwd: str = "."
    """Relative to the root of the tree."""
    env: Mapping[str, str] = field(default_factory=dict)
    collect: Sequence[str] = ()
    """Files (relative to the root of the tree) to bring back afterwards; a missing one is left out."""
    module: str = ""
    """Run this Python module with the words of `cmd`, in the interpreter that stands ready, instead of a shell."""
    stdin: bytes = b""


@dataclass(frozen=True)
class CommandResult:
    """How one command ended."""

    name: str
    exit_code: int | None
    """None when it was killed by the limit."""
    timed_out: bool
    duration_seconds: float
    stdout: str
    stderr: str
    """Each capped: head and tail are kept, with a line that says how much was cut."""
    files: Mapping[str, bytes] = field(default_factory=dict)
    memory_bytes: int = 0
    """The most that its container had held by its end, as the kernel counts; 0: unknown. Not what the command says."""
    cpu_seconds: float = 0.0
    """Of the command and all that it started."""


@dataclass(frozen=True)
class Job:
    """What is run in one container: a tree, then commands in order."""

    tree: bytes
    """A tar archive of the files."""
    commands: Sequence[Command]
    workflow_id: str
    task_id: str
    timeout_seconds: float
    """Wall clock for the whole job, enforced from outside."""


@dataclass(frozen=True)
class Outcome:
    """How a container ended."""

    ended: Literal["finished", "timeout", "out_of_memory", "killed"]
    """`killed`: the program under test ended the runner, or the output ended early."""
    results: Sequence[CommandResult]
    """Those of the commands that ended; fewer than were asked for unless `finished`."""
    container_id: str
    duration_seconds: float
    python_version: str
    os: str


class Sandbox(Protocol):
    """Runs jobs. Nothing generated runs anywhere else."""

    def run(self, job: Job) -> Outcome:
        """Run a job in a fresh container and remove it.

        Raises EngineUnavailable, ImageMissing or SandboxGone: failures of the surroundings, not of the code.
        """
        ...


@dataclass(frozen=True)
class Change:
    """A commit to be made."""

    branch: str
    """Short name, e.g. `ai/generated/<workflow_id>/<task_id>`."""
    parents: Sequence[str]
    """The tree starts as the first parent's; a second one makes a merge commit."""
    expected: str | None
    """Where the branch must stand now; None: it must not exist."""
    files: Mapping[str, bytes | None]
    """Path → content; None deletes."""
    step: str
    """Names this step of the workflow; written as a trailer, so that the step is never done twice."""
    message: str
    date: str
    """RFC 3339; from the state, never the clock."""
    trailers: Mapping[str, str] = field(default_factory=dict)


class ArtifactStore(Protocol):
    """A git repository written by plumbing alone: no checkout, index or HEAD of a person is touched."""

    def base(self) -> str:
        """The commit that work starts from: HEAD."""
        ...

    def made(self, change: Change) -> str | None:
        """The commit, if this very step has been done before (the branch stands on it)."""
        ...

    def commit(self, change: Change) -> str:
        """Make the commit and move the branch by compare-and-swap; met again, return the same commit.

        Raises UnsafePath, ArtifactConflict.
        """
        ...

    def merge(self, ours: str, theirs: str, step: str, message: str, date: str, trailers: Mapping[str, str]) -> str:
        """A merge commit of two commits, on no branch; the same each time. Raises MergeConflict."""
        ...

    def point(self, branch: str, commit: str | None) -> None:
        """Make a branch stand at a commit, wherever it stood; None removes it."""
        ...

    def resolve(self, name: str) -> str | None:
        """The commit that a branch or commit name stands for; None when there is none."""
        ...

    def branches(self, workflow_id: str) -> dict[str, str]:
        """Short branch name → commit, for one workflow."""
        ...

    def read(self, commit: str, path: str) -> bytes | None:
        """A file of a commit; None when there is none."""
        ...

    def files(self, commit: str, prefix: str = "") -> list[str]:
        """Paths of the regular files of a commit."""
        ...

    def changed(self, old: str, new: str) -> list[str]:
        """Paths that differ between two commits."""
        ...

    def contents(self, commit: str) -> dict[str, bytes]:
        """Path → content of all regular files of a commit; links and submodules are left out."""
        ...

    def archive(self, commit: str) -> bytes:
        """All regular files of a commit as a tar archive; links and submodules are left out."""
        ...

    def diff(self, old: str, new: str) -> str:
        """A unified diff."""
        ...

    def stat(self, old: str, new: str) -> list[tuple[str, str, str]]:
        """Path, lines added and lines removed of what differs; "-" for what is no text."""
        ...

    def patched(self, commit: str, patch: str) -> dict[str, bytes | None]:
        """What a unified diff makes of the files it names; None: it deletes. Raises BadInput if it does not apply."""
        ...
