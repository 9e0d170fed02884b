"""Mutants: small faults put into the new code, by mutmut's operators. Tests that are worth something notice them."""

import difflib
import json
import random
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import Any

import libcst as cst
from libcst.metadata import MetadataWrapper, ParentNodeProvider, PositionProvider
from mutmut.mutation import mutators

from schemas.ports import Command, Outcome

OPERATORS: Sequence[tuple[type[cst.CSTNode], Callable[[Any], Iterable[Any]]]] = (
    (cst.BaseNumber, mutators.operator_number),
    (cst.Name, mutators.operator_name),
    (cst.UnaryOperation, mutators.operator_remove_unary_ops),
    (cst.Call, mutators.operator_symmetric_string_methods_swap),
    (cst.CSTNode, mutators.operator_keywords),
    (cst.CSTNode, mutators.operator_swap_op),
    (cst.IfExp, mutators.operator_if_exp),
)
"""Those whose mutants seldom mean the same as the original: no texts, no left-out arguments."""
_UNTOUCHED = (cst.Annotation, cst.Decorator, cst.Raise, cst.Assert, cst.Param, cst.ImportFrom, cst.Import)
"""Nothing inside these is changed: types, decorators, defaults, texts of errors."""


@dataclass(frozen=True)
class Mutant:
    """One file with one small fault."""

    path: str
    text: str
    function: str
    difference: str
    """The changed lines, as a diff shows them."""


@dataclass(frozen=True)
class Spot:
    """A place in a file and what to put there."""

    path: str
    module: cst.Module
    function: str
    line: int
    """Where its statement begins."""
    node: cst.CSTNode
    changed: Any

    def mutant(self) -> Mutant:
        """The file with it."""
        mutated = cst.ensure_type(self.module.deep_replace(self.node, self.changed), cst.Module)
        return Mutant(self.path, mutated.code, self.function, difference(self.module.code, mutated.code))


def sample(
    sources: Mapping[str, str], count: int, reached: Mapping[str, Collection[int]] | None = None
) -> list[Mutant]:
    """So many mutants at most, from all functions in turn; the same for the same sources.

    With `reached` (path → lines), of those lines alone: what tests never run is for the bar of coverage to tell.
    """
    chosen = random.Random("\n".join(f"{path}\n{text}" for path, text in sorted(sources.items())))  # noqa: S311  # nosec B311
    functions: dict[str, list[Spot]] = {}
    for spot in chain.from_iterable(spots(path, text) for path, text in sorted(sources.items())):
        if reached is not None and spot.line not in reached.get(spot.path, ()):
            continue
        functions.setdefault(f"{spot.path}:{spot.function}", []).append(spot)
    for group in functions.values():
        chosen.shuffle(group)
    turns = chain.from_iterable(zip_longest(*functions.values()))
    return [spot.mutant() for spot in list(filter(None, turns))[:count]]


def spots(path: str, text: str) -> Iterator[Spot]:
    """All places in the functions of a file where an operator applies; none where it is nested too deep to be read."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
        parents: Any = wrapper.resolve(ParentNodeProvider)
        places: Any = wrapper.resolve(PositionProvider)
    except (cst.ParserSyntaxError, RecursionError):
        return
    for node in parents:
        if function := function_around(node, parents):
            line = places[statement_of(node, parents)].start.line
            for changed in changes(node):
                yield Spot(path, wrapper.module, function, line, node, changed)


def function_around(node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> str:
    """The function whose body holds the node; empty outside of functions and in what is left alone."""
    while node in parents:
        if isinstance(node, _UNTOUCHED):
            return ""
        if isinstance(node, cst.FunctionDef):
            return node.name.value
        node = parents[node]
    return ""


def statement_of(node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> cst.CSTNode:
    """The statement that a node is part of."""
    while not isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement):
        node = parents[node]
    return node


def changes(node: cst.CSTNode) -> Iterator[Any]:
    """What the operators make of one node."""
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            yield from operator(node)


def difference(before: str, after: str) -> str:
    """Only the lines that differ."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++")))


@dataclass(frozen=True)
class MutantRun:
    """The tests against a sample of mutants, in one container."""

    mutants: Sequence[Mutant]
    paths: Sequence[str]
    each: float
    """Seconds for one mutant."""
    seconds: float
    answers: str = field(default_factory=lambda: f".run/{secrets.token_hex(8)}")

    def command(self) -> Command:
        """For the sandbox."""
        flags = ["-x", "-q", "--rootdir=.", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:cov"]
        told = {
            "mutants": [{"path": each.path, "text": each.text} for each in self.mutants],
            "arguments": [*flags, *self.paths],
            "each": self.each,
            "seconds": self.seconds,
            "answers": self.answers,
        }
        stdin = json.dumps(told).encode()
        limit = self.seconds + self.each + 5
        return Command("mutants", "", limit, collect=(self.answers,), module="aidev_mutants", stdin=stdin)

    def survivors(self, outcome: Outcome) -> tuple[list[Mutant], int]:
        """Mutants that no test noticed, and how many were tried."""
        ran = outcome.results[0] if outcome.results else None
        try:
            ends = json.loads(ran.files[self.answers]) if ran else []
        except (KeyError, ValueError, RecursionError):
            ends = []
        tried = list(zip(self.mutants, ends if isinstance(ends, list) else [], strict=False))
        return [mutant for mutant, end in tried if end == "survived"], len(tried)
