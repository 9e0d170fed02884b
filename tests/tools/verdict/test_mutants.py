"""Mutants: small, of every function in turn, the same each time; answers of any shape are read."""

import ast
import json
from typing import Any

import pytest

from tests.tools.verdict.samples import outcome, result
from tools.verdict.mutants import Mutant, MutantRun, sample, spots

SOURCE = '''\
"""Text."""

import math as _m

LIMIT = 3


def add(a: int = 1, b: int = 2) -> int:
    """Add 1 and 2."""
    if a < b:
        raise ValueError("1 < 2")
    return a + b


class Box:
    """A box."""

    size = 5

    def full(self, count: int) -> bool:
        """Whether it is full."""
        return count >= self.size and not count == 100


def text() -> str:
    """Text."""
    return "fixed"
'''


def test_mutants_are_python_that_differs_in_a_function() -> None:
    for mutant in sample({"a.py": SOURCE}, 50):
        assert mutant.text != SOURCE and ast.dump(ast.parse(mutant.text)) != ast.dump(ast.parse(SOURCE))
        assert mutant.function in ("add", "full") and mutant.difference.startswith("@@")


def test_what_is_left_alone() -> None:
    everything = [spot.mutant().difference for spot in spots("a.py", SOURCE)]
    assert everything
    for line in ("LIMIT", "def add", "raise", "size = 5", "import", "class", '"""'):
        assert not any(f"-{line}" in text.replace(" ", "") or f"+    {line}" in text for text in everything)


def test_functions_take_turns() -> None:
    assert {mutant.function for mutant in sample({"a.py": SOURCE}, 2)} == {"add", "full"}


def test_the_same_for_the_same_sources() -> None:
    sources = {"a.py": SOURCE, "b.py": "def f(x):\n    return x + 1 > 2\n"}
    assert sample(sources, 4) == sample(dict(reversed(sources.items())), 4)
    assert len(sample(sources, 4)) == 4 and {mutant.path for mutant in sample(sources, 4)} == {"a.py", "b.py"}


@pytest.mark.parametrize("source", ["", "X = 1 + 2\n", "def f():\n    pass\n", "class A:\n    x = 1\n"])
def test_nothing_to_change(source: str) -> None:
    assert sample({"a.py": source}, 10) == []


@pytest.mark.parametrize(
    "source", ["def f(x):\n    return " + "-" * 3_000 + "x\n", "def f(:\n", "def f(x):\n    return x" + ".y" * 3_000]
)
def test_what_cannot_be_read_has_no_mutants(source: str) -> None:
    assert sample({"a.py": source}, 10) == []


MUTANTS = [Mutant("a.py", "x", "f", "d1"), Mutant("a.py", "y", "f", "d2"), Mutant("b.py", "z", "g", "d3")]
RUN = MutantRun(MUTANTS, ["tests/test_a.py"], 3.0, 30.0)


def survivors(told: Any) -> tuple[list[str], int]:
    content = told if isinstance(told, bytes) else json.dumps(told).encode()
    found, tried = RUN.survivors(outcome(result(0, {RUN.answers: content})))
    return [mutant.difference for mutant in found], tried


def test_the_command_tells_the_mutants_and_the_limits() -> None:
    command = RUN.command()
    told = json.loads(command.stdin)
    assert told["mutants"] == [{"path": each.path, "text": each.text} for each in MUTANTS]
    assert (told["each"], told["seconds"], told["answers"]) == (3.0, 30.0, RUN.answers)
    assert "tests/test_a.py" in told["arguments"] and "-x" in told["arguments"]
    assert command.timeout_seconds > 33


@pytest.mark.parametrize(
    ("told", "found"),
    [
        (["killed", "survived", "timeout"], (["d2"], 3)),
        (["survived"], (["d1"], 1)),
        (["killed"] * 9, ([], 3)),
        ([], ([], 0)),
        ({}, ([], 0)),
        ("survived", ([], 0)),
        ([None, [], {}], ([], 3)),
        (b"", ([], 0)),
        (b"[" * 100_000, ([], 0)),
    ],
)
def test_survivors(told: Any, found: tuple[list[str], int]) -> None:
    assert survivors(told) == found


def test_no_container_no_mutants() -> None:
    assert RUN.survivors(outcome(ended="killed")) == ([], 0)
