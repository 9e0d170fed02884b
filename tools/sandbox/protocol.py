"""What is said to the runner in the container, and what is believed of its answers."""

import base64
import io
import json
import secrets
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from schemas.errors import SandboxError, UnsafePath
from schemas.ports import Command, CommandResult, Job
from tools.sandbox.limits import FILE_BYTES, TREE_BYTES

_SLACK = 1 << 20
"""Bytes for all that has no limit of its own: names, numbers, JSON."""


def check_tree(tree: bytes) -> None:
    """Raises UnsafePath for anything but plain files and folders below the root, SandboxError if they do not fit."""
    try:
        with tarfile.open(fileobj=io.BytesIO(tree), mode="r:") as archive:
            members = archive.getmembers()
    except tarfile.TarError as error:
        raise SandboxError(f"The files for the sandbox cannot be read: {error}") from error
    for member in members:
        _check_member(member)
    size = sum(member.size for member in members)
    if size > TREE_BYTES:
        raise SandboxError(f"{size} bytes of files do not fit into the sandbox, which takes {TREE_BYTES}.")


def _check_member(member: tarfile.TarInfo) -> None:
    if not (member.isfile() or member.isdir()):
        raise UnsafePath(f"{member.name!r} is neither a file nor a folder: it does not go into the sandbox.")
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise UnsafePath(f"{member.name!r} leads out of the tree.")


@dataclass
class Conversation:
    """One job told to the runner, and what the runner has told back."""

    job: Job
    output_bytes: int
    nonce: str = field(default_factory=lambda: secrets.token_hex(16))
    """Whoever does not know it is not the runner."""
    python_version: str = ""
    os: str = ""
    results: list[CommandResult] = field(default_factory=list)
    oom_kills: int = 0
    finished: bool = False

    def request(self) -> bytes:
        """The length of the header in 8 bytes, the header in JSON, the tree."""
        header = {
            "nonce": self.nonce,
            "commands": [_plain(command) for command in self.job.commands],
            "tree_bytes": len(self.job.tree),
            "output_bytes": self.output_bytes,
        }
        encoded = json.dumps(header).encode()
        return len(encoded).to_bytes(8) + encoded + self.job.tree

    @property
    def answer_bytes(self) -> int:
        """The most that an honest runner sends."""
        return sum(self._most(command.collect) for command in self.job.commands) + _SLACK

    def _most(self, collect: Sequence[str]) -> int:
        escaped_twice = 2 * 6 * self.output_bytes
        return escaped_twice + 2 * FILE_BYTES * len(collect) + _SLACK

    def hear(self, message: bytes) -> None:
        """Take in one message. Raises SandboxError when the runner refuses the tree."""
        facts: dict[str, Any] = json.loads(message)
        if facts.pop("nonce") != self.nonce:
            return
        match facts.pop("kind"):
            case "started":
                self.python_version, self.os = facts["python_version"], facts["os"]
            case "refused":
                raise SandboxError(f"The files could not be unpacked in the sandbox: {facts['reason']}")
            case "result":
                self.oom_kills += facts.pop("oom_kills")
                self.results.append(_result(**facts))
            case "finished":
                self.finished = True


def _plain(command: Command) -> dict[str, Any]:
    stdin = base64.b64encode(command.stdin).decode()
    return {**vars(command), "env": dict(command.env), "collect": list(command.collect), "stdin": stdin}


def _result(*, exit_code: int | None, files: dict[str, str], **facts: Any) -> CommandResult:
    contents = {path: base64.b64decode(content) for path, content in files.items()}
    return CommandResult(exit_code=exit_code, timed_out=exit_code is None, files=contents, **facts)
