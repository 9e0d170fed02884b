"""Git's plumbing, called as a program: no hooks, no configuration of the person or the system, no prompts."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import ArtifactError

_QUIET = {
    "core.hooksPath": "/dev/null",
    "core.fsync": "loose-object,reference",
    "core.quotePath": "false",
    "core.attributesFile": "/dev/null",
    "commit.gpgSign": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "diff.external": "",
    "merge.directoryRenames": "false",
    "merge.renames": "false",
    "merge.renormalize": "false",
    "log.showSignature": "false",
    "safe.bareRepository": "all",
}
_PERSON = {"NAME": "aidev", "EMAIL": "aidev@localhost"}


class Git:
    """Runs git in one repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, *arguments: str, given: bytes | None = None, env: Mapping[str, str] | None = None) -> str:
        """What git prints, without the last newline. Raises ArtifactError."""
        return self.raw(*arguments, given=given, env=env).decode("utf-8", "surrogateescape").rstrip("\n")

    def raw(self, *arguments: str, given: bytes | None = None, env: Mapping[str, str] | None = None) -> bytes:
        """What git prints. Raises ArtifactError."""
        done = self.run(*arguments, given=given, env=env)
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip()
            raise ArtifactError(f"git {arguments[0]} failed in {self.path}: {said}")
        return done.stdout

    def run(
        self, *arguments: str, given: bytes | None = None, env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        """A git that ended by itself, out of reach of the signals to this group. Raises ArtifactError for any other."""
        settings = [word for key, value in _QUIET.items() for word in ("-c", f"{key}={value}")]
        command = ["git", "-C", str(self.path), *settings, *arguments]
        try:
            done = subprocess.run(
                command,
                input=given or b"",
                capture_output=True,
                env={**_environment(), **(env or {})},
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise ArtifactError("There is no git.", "Install git 2.38 or newer.") from error
        if done.returncode < 0:
            raise ArtifactError(f"git {arguments[0]} was ended by signal {-done.returncode}.", "Let it go on.")
        return done


def _environment() -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1", "LC_ALL": "C"}
    return kept | own


def identity(date: str) -> dict[str, str]:
    """Author and committer at a date: the same commit each time."""
    people = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in _PERSON.items()}
    return people | {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
