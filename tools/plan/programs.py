"""What a simple command comes to: pytest, a module, a script, code, a shell's text, or another program."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["pytest", "module", "script", "code", "shell", "nothing", "program"]
PYTHONS = {"python", "python3", "python3.11"}
SHELLS = {"sh", "bash", "dash"}
_TOOLS = (
    "awk base64 basename cat cmp comm cp cut diff dirname egrep env expr fgrep find grep head join ln ls md5sum "
    "mkdir mv nice od paste printenv readlink realpath rm rmdir sed seq sha256sum sort stat tail tar tee timeout touch "
    "tr uniq wc xargs"
)
_BUILT_IN = "[ : cd command echo exec exit export false printf pwd set test true umask unset"
PROGRAMS = {*PYTHONS, *SHELLS, *_TOOLS.split(), *_BUILT_IN.split(), "pytest", "py.test", "coverage"}
"""What a command may name; all of it is in the sandbox."""
_WRAPPERS = {"command", "exec", "nice"}


@dataclass(frozen=True)
class Run:
    """What is run, by which program, with what after it."""

    kind: Kind
    program: str
    name: str = ""
    """The module, script, code or shell text; else the program."""
    arguments: Sequence[str] = ()
    options: Sequence[str] = ()
    """A shell's own."""


def run_of(words: Sequence[str]) -> Run:
    """What these words run."""
    words = unwrapped(words)
    if not words:
        return Run("nothing", "")
    program, rest = words[0], list(words[1:])
    if program in PYTHONS:
        return _python(program, rest)
    if program in ("pytest", "py.test"):
        return Run("pytest", program, "pytest", rest)
    if program == "coverage" and rest[:1] == ["run"]:
        return _measured(rest[1:])
    if program in SHELLS:
        return _shell(program, rest)
    return Run("program", program, program, rest)


def unwrapped(words: Sequence[str]) -> list[str]:
    """The words without `env A=b`, `timeout 5` and their like."""
    left = list(words)
    while left:
        if left[0] == "env":
            left = _after(left[1:], r"-i|--ignore-environment|[A-Za-z_]\w*=.*")
        elif left[0] == "timeout":
            left = _after(left[1:], r"-\S*")[1:]
        elif left[0] in _WRAPPERS and left[1:2] != ["-v"]:
            left = _after(left[1:], r"-n|-?\d+")
        else:
            return left
    return left


def _after(words: list[str], pattern: str) -> list[str]:
    """What follows the words that fit."""
    for place, word in enumerate(words):
        if not re.fullmatch(pattern, word, re.DOTALL):
            return words[place:]
    return []


def _python(program: str, words: list[str]) -> Run:
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        if re.fullmatch(r"-[A-Za-z]*[cm]", word) and rest:
            return _module(program, rest) if word.endswith("m") else Run("code", program, rest[0], rest[1:])
        if not word.startswith("-") and words[place - 1 : place] not in (["-W"], ["-X"]):
            return Run("script", program, word, rest)
    return Run("nothing", program)


def _module(program: str, words: list[str]) -> Run:
    name, rest = words[0], words[1:]
    if name == "pytest":
        return Run("pytest", program, name, rest)
    if name == "coverage" and rest[:1] == ["run"]:
        return _measured(rest[1:])
    return Run("module", program, name, rest)


def _measured(words: list[str]) -> Run:
    """`coverage run` runs what Python would run."""
    return _python("python", _after(words, r"-[abLp]+|--\S+"))


def _shell(program: str, words: list[str]) -> Run:
    for place, word in enumerate(words):
        rest = words[place + 1 :]
        if re.fullmatch(r"-[a-z]*c[a-z]*", word) and rest:
            return Run("shell", program, rest[0], rest[1:], words[: place + 1])
        if not word.startswith(("-", "+")) and not re.fullmatch(r"[-+][a-z]*o", "".join(words[place - 1 : place])):
            return Run("script", program, word, rest, words[:place])
    return Run("nothing", program)
