"""Calls against signatures of the contract."""

import ast

import pytest

from schemas.contract import Interface
from tools.causes.signatures import binds


@pytest.mark.parametrize(
    ("signature", "call", "fits"),
    [
        ("def f(a: int, b: int = 2) -> int", "f(1)", True),
        ("def f(a: int, b: int = 2) -> int:", "f(1, b=3)", True),
        ("def f(a: int, b: int = 2)", "f()", False),
        ("def f(a: int, b: int = 2)", "f(1, 2, 3)", False),
        ("def f(a: int, b: int = 2)", "f(1, c=3)", False),
        ("def f(a, /, b)", "f(a=1, b=2)", False),
        ("def f(a, *, b)", "f(1, 2)", False),
        ("def f(a, *, b=None)", "f(1)", True),
        ("def f(*all, **named)", "f(1, 2, c=3)", True),
        ("async def f(self, a)", "f(1)", True),
        ("def f(a)", "f(*values)", False),
        ("def f(a)", "f(**values)", False),
        ("def f(a, a)", "f(1)", False),
        ("class F", "F(1)", False),
        ("f(a) gives", "f(1)", False),
    ],
)
def test_a_call_fits_or_not(signature: str, call: str, fits: bool) -> None:
    interface = Interface(name="f", type="function", signature=signature)
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert binds(interface, node) is fits
