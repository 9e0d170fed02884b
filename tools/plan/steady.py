"""Whether a command ends the same way each time and everywhere: no clock, chance, network or place of one machine."""

import ast
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from tools.plan.exits import imported
from tools.plan.programs import Run
from tools.plan.shell import Simple

_UNSTEADY = {
    "date": "reads the clock",
    "mktemp": "draws a random name",
    "shuf": "is random",
    "sleep": "waits for a time that may not be enough",
    "uuidgen": "is random",
}
_NETWORK = re.compile(r"apt|apt-get|conda|curl|git|nc|npm|ping|pip3?|rsync|scp|ssh|uv|wget")
_VARIABLES = {"RANDOM", "SRANDOM", "SECONDS", "EPOCHSECONDS", "EPOCHREALTIME", "BASHPID", "PPID", "$"}
_CHANCE: dict[str, set[str]] = {"random": {"seed", "Random"}, "secrets": set(), "uuid": set()}
"""Modules that draw at random → what makes them steady."""
_NET_MODULES = {"socket", "urllib", "http", "requests", "httpx", "aiohttp", "ftplib", "smtplib", "pip"}
_CLOCK = {"now", "today", "utcnow"}
_PLACE = re.compile(r"(.*=)?/(bin|dev|etc|home|mnt|opt|proc|root|srv|sys|tmp|usr|var|work|Users)(/.*)?", re.DOTALL)
_DEVICE = re.compile(r"(.*=)?/dev/(null|std(in|out|err))")
_UPWARDS = re.compile(r"(.*[=/])?\.\.(/.*)?", re.DOTALL)
_NOT_RUNNING = re.compile(
    r"--(cache-show|co|collect-only|collectonly|fixtures|fixtures-per-test|funcargs|help|markers|setup-only|setup-plan"
    r"|version)|-V|-h"
)
"""Options with which pytest runs no test."""


def unsteady(part: Simple, run: Run) -> Iterator[str]:
    """Why it may end differently next time, or elsewhere."""
    yield from _chance(part, run)
    if run.kind == "code":
        yield from _code(run.name)
    skipped = [run.name] if run.kind in ("code", "shell") else []
    for word in [*part.words, *part.reads, *part.writes]:
        if word not in skipped and _PLACE.fullmatch(word) and not _DEVICE.fullmatch(word):
            yield f"{word} is a place of one machine: name files relative to the root of the tree"
        elif word not in skipped and _UPWARDS.fullmatch(word):
            yield f"{word} may leave the tree: name files relative to its root, without `..`"


def _chance(part: Simple, run: Run) -> Iterator[str]:
    if run.program in _UNSTEADY:
        yield f"`{run.program}` {_UNSTEADY[run.program]}: leave it out"
    if _NETWORK.fullmatch(run.program) or (run.kind == "module" and run.name in _NET_MODULES):
        yield f"`{run.name}` is for a network, which the sandbox has not: leave it out, and put data into fixtures/"
    for name in sorted(part.variables & _VARIABLES):
        yield f"${name} is another each time: write a fixed value"


def _code(code: str) -> Iterator[str]:
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:
        if "$" not in code and "`" not in code:
            yield f"python cannot read the code after -c: {error}"
        return
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    modules = {name.split(".")[0] for name in imported(tree)}
    if modules & _NET_MODULES:
        yield "its code uses a network, which the sandbox has not: read a file of fixtures/"
    if "time" in modules or (modules & {"datetime", "pandas"} and used & _CLOCK):
        yield "its code reads the clock or waits: use fixed values"
    for name in sorted(modules & _CHANCE.keys()):
        if not _CHANCE[name] & used:
            yield f"its code draws at random with {name}: seed it, or use fixed values"


def pytest_words(run: Run, env: Mapping[str, str]) -> list[str]:
    """What pytest is told, by its environment too. Raises ValueError for quotes that do not end."""
    return [*shlex.split(env.get("PYTEST_ADDOPTS", "")), *run.arguments]


def not_run(words: Sequence[str]) -> Iterator[str]:
    """Options that keep pytest from running the tests, or from running them in the same order."""
    for word in words:
        if _NOT_RUNNING.fullmatch(word):
            yield f"with {word} pytest runs no test: leave it out"
        if word.startswith("--randomly-seed=") and not word.partition("=")[2].isdecimal():
            yield f"{word} is another order each time: name a number, or leave it out"
