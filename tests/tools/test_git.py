"""Git as a program that other things may end."""

import os
from pathlib import Path

import pytest

from schemas.errors import ArtifactError
from tools.git import Git


def test_a_git_that_was_killed_says_nothing_about_the_repository(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="ended by signal 9"):
        Git(tmp_path).run("-c", "alias.die=!kill -9 $PPID", "die")


def test_what_ends_this_group_of_processes_does_not_end_a_git(tmp_path: Path) -> None:
    session = Git(tmp_path)("-c", "alias.session=!cut -d' ' -f6 /proc/$$/stat", "session")
    assert int(session) != os.getsid(0)
