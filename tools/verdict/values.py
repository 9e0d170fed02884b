"""Plain data for values of any kind, so that they can be compared by a process that never loads the code.

A plain value is None, a bool, or an object with one key that names its kind:
`{"int": "0x1f"}`, `{"float": "0x1.8p+1"}`, `{"str": "…"}`, `{"list": […]}`, `{"dict": [[key, value], …]}`,
`{"object": "Point", "fields": [[name, value], …]}` and so on. `inside/aidev_cases.py` writes the same.
"""

import ast
import math
import operator
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from schemas.errors import BadInput

Plain = Any
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Pow: operator.pow,
}
_LARGEST = 100_000
"""Bits of a power in a literal."""
_LABELS = {"index", "dtype", "name"}
"""What may be given by name beside data; only the index counts."""


def plain(value: object) -> Plain:
    """A built-in value as plain data. Raises BadInput for other kinds."""
    if value is None or isinstance(value, bool):
        return value
    match value:
        case int():
            return {"int": hex(value)}
        case float():
            return {"float": value.hex()}
        case complex():
            return {"complex": [value.real.hex(), value.imag.hex()]}
        case str():
            return {"str": value}
        case bytes():
            return {"bytes": value.hex()}
        case Decimal():
            return {"decimal": str(value)}
        case date() | time():
            return {"time": value.isoformat()}
        case list() | tuple():
            return {type(value).__name__: [plain(each) for each in value]}
        case set() | frozenset():
            return {"set": [plain(each) for each in value]}
        case dict():
            return {"dict": [[plain(key), plain(each)] for key, each in value.items()]}
    raise BadInput(f"A {type(value).__name__} is no plain value.")


def literal(text: str) -> Plain:
    """The value that a literal stands for. Raises BadInput that says what cannot be read; nothing is evaluated."""
    try:
        return _read(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, LookupError, ArithmeticError, RecursionError, MemoryError) as error:
        raise BadInput(f"{text[:80]!r} is no literal: {error}") from error


def _read(node: ast.expr) -> Plain:
    match node:
        case ast.Constant(value=value):
            return plain(value)
        case ast.Name(id="nan" | "inf" as name) | ast.Attribute(attr="nan" | "inf" as name):
            return plain(float(name))
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return {"list" if isinstance(node, ast.List) else "tuple": [_read(each) for each in elements]}
        case ast.Set(elts=elements):
            return {"set": [_read(each) for each in elements]}
        case ast.Dict(keys=keys, values=values) if None not in keys:
            return {"dict": [[_read(key), _read(each)] for key, each in zip(keys, values, strict=True) if key]}
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return plain(-_number(inner))
        case ast.BinOp():
            return plain(_number(node))
        case ast.Attribute(value=ast.Name(id=owner), attr=name) if _is_class(owner):
            return {"enum": f"{owner}.{name}"}
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return _made(name, node)
    raise ValueError(f"{ast.unparse(node)[:60]!r} is not known here")


def _number(node: ast.expr) -> Any:
    match node:
        case ast.Constant(value=int() | float() | complex() as value):
            return value
        case ast.Name(id="nan" | "inf" as name) | ast.Attribute(attr="nan" | "inf" as name):
            return float(name)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -_number(inner)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            first, second = _number(left), _number(right)
            if isinstance(op, ast.Pow) and isinstance(first, int) and first.bit_length() * abs(second) > _LARGEST:
                raise ValueError("the power is too large")
            return _OPERATORS[type(op)](first, second)
    raise ValueError(f"{ast.unparse(node)[:60]!r} is no number")


def _made(name: str, call: ast.Call) -> Plain:
    """What a call stands for: containers of pandas and numpy, dates, or an object with the fields given."""
    given = [_read(each) for each in call.args]
    named = {each.arg or "**": _read(each.value) for each in call.keywords}
    if "**" in named or (given and not named.keys() <= _LABELS):
        raise ValueError(f"{name}: give either the fields by name, or plain values")
    match name, given:
        case ("set" | "frozenset", []):
            return {"set": []}
        case ("set" | "frozenset", [{"list": [*each]} | {"set": [*each]} | {"tuple": [*each]}]):
            return {"set": each}
        case "float", [{"str": text}]:
            return plain(float(text))
        case "Decimal", [{"str": text}]:
            return {"decimal": str(Decimal(text))}
        case ("Timestamp" | "datetime" | "date", [{"str": text}]):
            return {"time": datetime.fromisoformat(text).isoformat()}
        case ("datetime" | "date", [*parts]) if parts:
            numbers: list[Any] = [int(each["int"], 16) for each in parts]
            return {"time": datetime(*numbers).isoformat()}
        case "array", [{"list": _} as values]:
            return {"array": values}
        case "Series", [{"list": [*values]}]:
            return {"series": values, "index": named["index"]["list"] if "index" in named else None}
        case "DataFrame", [{"dict": [*columns]}]:
            return {"frame": columns, "index": named["index"]["list"] if "index" in named else None}
        case _, [] if _is_class(name) and name not in {"Series", "DataFrame", "Decimal", "Timestamp"}:
            return {"object": name, "fields": [[field, each] for field, each in named.items()]}
    raise ValueError(f"{name}(…) is not known here, or its fields are not given by name")


def _is_class(name: str) -> bool:
    return name.lstrip("_")[:1].isupper()


def shown(value: Plain) -> str:
    """Short text of a plain value, for people."""
    if not isinstance(value, dict) or not value:
        return repr(value)
    kind, inner = next(iter(value.items()))
    match kind:
        case "int":
            return str(int(inner, 16)) if len(inner) < 1_000 else f"{inner[:40]}…"
        case "float":
            return repr(float.fromhex(inner))
        case "str":
            return repr(inner)
        case "list" | "tuple" | "set" | "array" | "series":
            items = inner if isinstance(inner, list) else [inner]
            return f"{kind}({', '.join(map(shown, items[:8]))}{', …' if len(items) > 8 else ''})"
        case "dict" | "frame":
            pairs = [f"{shown(key)}: {shown(each)}" for key, each in inner[:8]]
            return f"{kind}({', '.join(pairs)}{', …' if len(inner) > 8 else ''})"
        case "object":
            return f"{inner}({', '.join(f'{name}={shown(each)}' for name, each in value['fields'])})"
    return f"{kind} {inner}"


def number(value: Plain) -> float | int | Decimal | None:
    """The number that plain data stands for; None when it is none."""
    match value:
        case {"int": str(text)}:
            return int(text, 16)
        case {"float": str(text)}:
            return float.fromhex(text)
        case {"decimal": str(text)}:
            return Decimal(text)
    return None


def is_nan(value: Plain) -> bool:
    """Whether it is a float that is no number."""
    found = number(value)
    return isinstance(found, float) and math.isnan(found)
