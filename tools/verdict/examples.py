"""Values of a type, made up by hypothesis: small and odd ones, the same each time."""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas.cases import Given
from schemas.errors import BadInput
from tools.verdict.values import plain

Strategy = st.SearchStrategy[Any]
_LETTERS = "abcXYZ 019.,-'_äß€\n\t"
_HASHED = {"set", "frozenset", "dict", "Mapping"}
_UNHASHABLE = {"list", "Sequence", "set", "dict", "Mapping"}
_SIMPLE: Mapping[str, Callable[[], Strategy]] = {
    "int": lambda: st.integers(-1_000, 1_000),
    "float": lambda: st.floats(-1e6, 1e6, allow_nan=False, width=32),
    "bool": st.booleans,
    "str": lambda: st.text(st.sampled_from(_LETTERS), max_size=20),
    "bytes": lambda: st.binary(max_size=20),
    "None": st.none,
}


def examples(wanted: Sequence[Given], count: int) -> list[dict[str, Any]]:
    """So many assignments of a value to each name. Raises BadInput for a type that nothing can be made of."""
    strategies = {each.name: strategy(each.type) for each in wanted}
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.fixed_dictionaries(strategies))
    def collect(values: dict[str, Any]) -> None:
        found.append(values)

    collect()
    return found


def strategy(text: str) -> Strategy:
    """The values of a type as it is written. Raises BadInput."""
    try:
        return _strategy(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, LookupError, RecursionError, MemoryError) as error:
        raise BadInput(
            f"No values can be made up for the type {text!r}.", "Use int, str, list[…] and the like."
        ) from error


def _strategy(node: ast.expr) -> Strategy:
    match node:
        case ast.Constant(value=None):
            return st.none()
        case ast.Name(id=name) if name in _SIMPLE:
            return _SIMPLE[name]()
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return st.one_of(_strategy(left), _strategy(right))
        case ast.Subscript(value=ast.Name(id=name), slice=inner):
            return _generic(name, inner.elts if isinstance(inner, ast.Tuple) else [inner])
    raise ValueError(ast.unparse(node))


def _generic(name: str, inner: Sequence[ast.expr]) -> Strategy:
    if name == "Literal":
        values = [ast.literal_eval(each) for each in inner]
        plain(values)
        return st.sampled_from(values)
    if name in _HASHED and _UNHASHABLE & {node.id for node in ast.walk(inner[0]) if isinstance(node, ast.Name)}:
        raise ValueError(f"{name} of what cannot be hashed")
    last = inner[-1]
    open_ended = isinstance(last, ast.Constant) and last.value is ...
    parts = [_strategy(each) for each in (inner[:-1] if open_ended else inner)]
    if name == "tuple" and not open_ended:
        return st.tuples(*parts)
    makers: Mapping[str, Callable[..., Strategy]] = {
        "list": lambda item: st.lists(item, max_size=8),
        "Sequence": lambda item: st.lists(item, max_size=8),
        "tuple": lambda item: st.lists(item, max_size=8).map(tuple),
        "set": lambda item: st.sets(item, max_size=8),
        "frozenset": lambda item: st.frozensets(item, max_size=8),
        "dict": lambda key, value: st.dictionaries(key, value, max_size=6),
        "Mapping": lambda key, value: st.dictionaries(key, value, max_size=6),
        "Optional": lambda item: st.none() | item,
        "Union": lambda *items: st.one_of(*items),
    }
    if name not in makers:
        raise ValueError(name)
    return makers[name](*parts)
