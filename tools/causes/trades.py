"""A strategy that never trades: all that fails asserts that there are trades, whichever, and finds none."""

import ast
import re
from collections.abc import Iterator

from tools.causes.facts import Facts
from tools.causes.raised import Raised, statements_at

_TRADES = {
    *("trade", "trades", "entry", "entries", "enter", "enters", "exit", "exits", "signal", "signals"),
    *("position", "positions", "buy", "buys", "sell", "sells", "orders"),
}
_PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_ZERO = re.compile(r"^(?:np\.\w+\()?-?0+(?:\.0*)?\)?$")
_NOTHING = re.compile(r"where False = any\(|where (?:np\.)?False_? = .*\bany\b|where True = .*\.empty$", re.DOTALL)
_EMPTY = ("[]", "{}", "()", "set()", "''", "False", "np.False_", "not True", "0", "0.0", "None")
_EXISTENCE = (" > ", " >= ", " != ")


def no_trades(facts: Facts) -> str:
    """The tests that found none; "" where anything else that is sealed fails."""
    ends = facts.ends()
    if not ends or len(ends) != len(facts.tests):
        return ""
    if not all(found_none(raised) and is_about_trades(raised, facts) for _, raised in ends):
        return ""
    return "No trade, entry, signal or position was found by " + ", ".join(test.test_name for test, _ in ends)


def found_none(raised: Raised) -> bool:
    """Whether an assertion that something exists found nothing; one of certain values is another matter."""
    if raised.error != "AssertionError":
        return False
    shown = next((line.partition("assert ")[2].strip() for line in raised.lines if "assert " in line), "")
    if raised.left:
        return bool(_ZERO.match(raised.left) or raised.left in _EMPTY) and any(
            shown.startswith(f"{raised.left}{sign}") for sign in _EXISTENCE
        )
    return shown in _EMPTY or any(_NOTHING.search(line) for line in raised.lines)


def is_about_trades(raised: Raised, facts: Facts) -> bool:
    """Whether the statement that failed, or what gave its names their values, speaks of trades."""
    around = statements_at(facts.files.get(raised.path, ""), raised.line)
    if not around:
        return False
    used = set(names(around[-1]))
    given = [
        node
        for outer in around
        for node in ast.walk(outer)
        if isinstance(node, ast.Assign) and node.lineno < raised.line and used & set(names(*node.targets))
    ]
    words = {part.lower() for name in names(around[-1], *given) for part in _PART.findall(name)}
    return bool(words & _TRADES)


def names(*nodes: ast.AST) -> Iterator[str]:
    """Names, attributes and texts in statements."""
    for node in (node for outer in nodes for node in ast.walk(outer)):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Constant(value=str(name)):
                yield name
