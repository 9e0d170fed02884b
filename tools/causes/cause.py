"""The cause of a failed run by its rules, one after the other."""

import ast
import re
from typing import NamedTuple

from schemas.answers import FailureClass
from schemas.report import TestResult
from tools.causes.calls import strange
from tools.causes.facts import MEASURES, Facts
from tools.causes.raised import Raised, statements_at
from tools.causes.shapes import other_shape
from tools.causes.trades import no_trades

_NOT_THERE = re.compile(r"can't open file|: not found|No such file or directory|python: No module named ")
_ON_VALUES = ("AssertionError", "Failed")
"""What a test raises that got an answer and wanted another; the second is pytest's own."""

_LOOK_AT = {"approx", "raises", "list", "dict", "set", "tuple", "sorted", "len", "sum", "min", "max", "abs", "round"}


class Cause(NamedTuple):
    """A class and what shows it."""

    failure_class: FailureClass
    reason: str


def cause(facts: Facts) -> Cause | None:
    """By trades, calls and kinds of values; None where these find nothing."""
    if said := no_trades(facts):
        return Cause("no_trades", said)
    if found := strange(facts) or other_shape(facts):
        return Cause("spec_mismatch", f"{found.test}: {found.what}")
    return None


def of_the_code(facts: Facts) -> str:
    """What the code does that fails; "" where only commands fail that name what is not there."""
    for test in facts.bad:
        if not names_nothing(test):
            return f"{test.test_name}: {(test.message or test.status).splitlines()[0]}"
    return ""


def names_nothing(test: TestResult) -> bool:
    """Whether a command failed because it runs what nobody has."""
    said = test.stderr or ""
    return test.test_name.startswith("command: ") and "Traceback" not in said and bool(_NOT_THERE.search(said))


def on_answers(facts: Facts) -> list[set[str]]:
    """What each failed test asks of the code, if all got an answer, or an agreed exception, and wanted another one.

    Then it is open who is wrong; empty where anything else failed. How long an answer took is another matter.
    """
    found = [asks for test, raised in facts.ends() if (asks := _asks(test, raised, facts))]
    return found if len(found) == len(facts.tests) else []


def _asks(test: TestResult, raised: Raised, facts: Facts) -> set[str]:
    path = test.test_name.split("::", 1)[0]
    around = statements_at(facts.files.get(path, ""), raised.line_in(path))
    answered = (raised.error in _ON_VALUES and raised.path == path) or raised.error in facts.promised
    if not around or not answered or MEASURES.search(ast.unparse(around[0])):
        return set()
    classes = {each.name for each in facts.contract.interfaces if each.type == "class"}
    offered = {each.name for each in facts.contract.interfaces}
    asks = calls(around[-1])
    return asks if asks & offered and asks - classes and not compares_answers(around[-1], offered) else set()


def calls(node: ast.AST) -> set[str]:
    """Names of all functions and methods that are called, but those that only look at a value."""
    found = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return {str(getattr(func, "attr", getattr(func, "id", ""))) for func in found} - _LOOK_AT


def compares_answers(statement: ast.stmt, offered: set[str]) -> bool:
    """Whether an answer is compared with another one, so that the test wants no value of its own."""
    pairs = [node for node in ast.walk(statement) if isinstance(node, ast.Compare)]
    return any(calls(node.left) & offered and calls(node.comparators[0]) & offered for node in pairs)
