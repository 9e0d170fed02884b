"""Canaries: tests whose result is known beforehand, since it does not depend on what the code under test is."""

import ast
import re
import secrets
import textwrap
from collections.abc import Iterator
from random import SystemRandom

RANDOM = SystemRandom()
_COMPARING = {
    "assert_allclose",
    "assert_array_equal",
    "assert_almost_equal",
    "assert_equal",
    "assert_array_almost_equal",
}
_OF_PANDAS = {"assert_series_equal": "Series", "assert_frame_equal": "DataFrame", "assert_index_equal": "Index"}
_STRAIGHT = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Import, ast.ImportFrom, ast.Assert)


def must_pass() -> Iterator[str]:
    """Bodies of tests that hold whatever the code does."""
    word = secrets.token_hex(6)
    yield f"assert {word!r} + '' == {word!r}"
    yield f"import pytest\nwith pytest.raises(KeyError):\n    {{}}[{word!r}]"


def must_fail(text: str) -> Iterator[str]:
    """Bodies of tests that fail whatever the code does: one for each way of asserting that the file uses."""
    low, high = sorted(RANDOM.sample(range(1_000, 9_999), 2))
    yield f"assert {secrets.token_hex(6)!r} == {secrets.token_hex(6)!r}"
    if "raises" in text:
        yield f"import pytest\nwith pytest.raises(ZeroDivisionError):\n    assert {high} / {low}"
    if "approx" in text:
        yield f"import pytest\nassert {low}.5 == pytest.approx({high}.5)"
    if "isclose" in text:
        yield f"import math\nassert math.isclose({low}.5, {high}.5)"
    if "unittest" in text:
        yield f"import unittest\nunittest.TestCase().assertEqual({low}, {high})"
    used = set(re.findall(r"\bassert_\w+", text))
    for name in sorted(used & _COMPARING):
        yield f"from numpy import testing\ntesting.{name}([{low}.5], [{high}.5])"
    for name in sorted(used & _OF_PANDAS.keys()):
        kind = f"pandas.{_OF_PANDAS[name]}"
        data = "{{'a': [{}.5]}}" if name == "assert_frame_equal" else "[{}.5]"
        yield f"import pandas\npandas.testing.{name}({kind}({data.format(low)}), {kind}({data.format(high)}))"


def twin(test: ast.FunctionDef) -> str:
    """The body of a real test, with an end that fails."""
    ending = f"assert {secrets.token_hex(6)!r} == {secrets.token_hex(6)!r}"
    return f"try:\n{textwrap.indent(_source(test.body), '    ')}\nfinally:\n    {ending}"


def other_value(test: ast.FunctionDef) -> str | None:
    """The body of a real test up to its first `assert a == b`, with another b: only what equals everything passes it.

    None where it is not sure that this assert is reached.
    """
    for place, statement in enumerate(test.body):
        if not isinstance(statement, _STRAIGHT):
            return None
        check = statement.test if isinstance(statement, ast.Assert) else None
        if isinstance(check, ast.Compare) and len(check.ops) == 1 and isinstance(check.ops[0], ast.Eq):
            value = ast.unparse(check.comparators[0])
            changed = f"assert {ast.unparse(check.left)} == ({value}, {secrets.token_hex(6)!r})"
            return "\n".join(filter(None, [_source(test.body[:place]), changed]))
    return None


def _source(body: list[ast.stmt]) -> str:
    return "\n".join(ast.unparse(statement) for statement in body)


def plain_tests(tree: ast.Module) -> list[ast.FunctionDef]:
    """Tests that can be copied: functions of the module without decorators."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if node.name.startswith("test") and not node.decorator_list]
