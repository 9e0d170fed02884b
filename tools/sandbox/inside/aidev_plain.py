"""Values as plain data and back, in the process that holds them. `tools/verdict/values.py` describes the plain data."""

import dataclasses
import enum
import importlib
import itertools
import sys
from collections import namedtuple
from datetime import date, datetime
from datetime import time as clock
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

DEEPEST, LARGEST = 60, 20_000
"""Levels and values of one result."""
SEQUENCES: dict[Any, str] = {list: "list", tuple: "tuple", set: "set", frozenset: "set"}


def of_library(kind: type, library: str, name: str) -> bool:
    """Whether it is a class, or a subclass, of a library that may not even be loaded."""
    module = sys.modules.get(library)
    return module is not None and issubclass(kind, getattr(module, name))


class Encoder:
    """Plain data of one value, by what it really is: classes that pretend are not believed."""

    def __init__(self) -> None:
        self.left = LARGEST

    def plain(self, value: Any, depth: int = 0) -> Any:
        """The value within the limits."""
        self.left -= 1
        if depth > DEEPEST or self.left < 0:
            return {"other": "too deep" if depth > DEEPEST else "too large"}
        kind = type(value)
        if value is None or kind is bool:
            return value
        if of_library(kind, "numpy", "generic"):
            return self.plain(sys.modules["numpy"].generic.item(value), depth + 1)
        if kind.__module__.startswith("pandas.") and kind.__name__ in ("NAType", "NaTType"):
            return {"float": "nan"}
        if issubclass(kind, enum.Enum):
            return {"enum": f"{kind.__name__}.{value.name}"}
        return self.scalar(kind, value) or self.container(kind, value, depth + 1)

    def scalar(self, kind: type, value: Any) -> Any:
        """Numbers, texts, moments; None for anything else."""
        if issubclass(kind, int):
            return {"int": hex(int.__int__(value))}
        if issubclass(kind, float):
            return {"float": float.__float__(value).hex()}
        if issubclass(kind, complex):
            number = complex(value)
            return {"complex": [number.real.hex(), number.imag.hex()]}
        if issubclass(kind, str):
            return {"str": "".join(str.__iter__(value))}
        if issubclass(kind, bytes | bytearray):
            return {"bytes": bytes(value).hex()}
        if issubclass(kind, Decimal):
            return {"decimal": str(value)}
        if issubclass(kind, date | clock):
            return {"time": value.isoformat()}
        return None

    def container(self, kind: type, value: Any, depth: int) -> Any:
        """Everything that holds other values."""
        if of_library(kind, "numpy", "ndarray"):
            return {"array": self.plain(value.tolist(), depth)}
        if of_library(kind, "pandas", "Series"):
            return {"series": self.items(value.tolist(), depth), "index": self.items(value.index.tolist(), depth)}
        if of_library(kind, "pandas", "DataFrame"):
            columns = [self.items(value.iloc[:, place].tolist(), depth) for place in range(len(value.columns))]
            frame = zip(self.items(value.columns.tolist(), depth), columns, strict=True)
            index = self.items(value.index.tolist(), depth)
            return {"frame": [[name, {"list": column}] for name, column in frame], "index": index}
        if of_library(kind, "pandas", "Index"):
            return {"list": self.items(value.tolist(), depth)}
        if issubclass(kind, tuple) and hasattr(kind, "_fields"):
            return self.fields(kind, dict(zip(kind._fields, tuple.__iter__(value), strict=True)), depth, tuple=True)
        for base, name in SEQUENCES.items():
            if issubclass(kind, base):
                return {name: self.items(base.__iter__(value), depth)}
        if issubclass(kind, dict):
            return {"dict": [[self.plain(key, depth), self.plain(each, depth)] for key, each in dict.items(value)]}
        if dataclasses.is_dataclass(kind):
            return self.fields(kind, {each.name: getattr(value, each.name) for each in dataclasses.fields(kind)}, depth)
        return {"other": kind.__name__}

    def items(self, values: Any, depth: int) -> list[Any]:
        """Each as plain data."""
        return [self.plain(each, depth) for each in itertools.islice(values, LARGEST)]

    def fields(self, kind: type, values: dict[str, Any], depth: int, **more: Any) -> Any:
        """A record."""
        return {
            "object": kind.__name__,
            "fields": [[name, self.plain(each, depth)] for name, each in values.items()],
        } | more


class Record(SimpleNamespace):
    """Stands for an object, in sets too."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(self))


def made(value: Any) -> Any:
    """The value that plain data stands for; an object becomes a record."""
    if not isinstance(value, dict):
        return value
    match value:
        case {"object": name, "fields": fields, "tuple": True}:
            return namedtuple(name, [field for field, _ in fields])(*(made(each) for _, each in fields))
        case {"int": text}:
            return int(text, 16)
        case {"float": text}:
            return float.fromhex(text)
        case {"complex": [real, imaginary]}:
            return complex(float.fromhex(real), float.fromhex(imaginary))
        case {"str": text}:
            return text
        case {"bytes": text}:
            return bytes.fromhex(text)
        case {"decimal": text}:
            return Decimal(text)
        case {"time": text}:
            return moment(text)
        case {"enum": text}:
            return Record(name=text.rpartition(".")[2])
        case {"list": items}:
            return [made(each) for each in items]
        case {"tuple": items}:
            return tuple(made(each) for each in items)
        case {"set": items}:
            return {frozen(made(each)) for each in items}
        case {"dict": pairs}:
            return {frozen(made(key)): made(each) for key, each in pairs}
        case {"array": items}:
            return importlib.import_module("numpy").array(made(items))
        case {"series": items}:
            index = [made(each) for each in value["index"]]
            return importlib.import_module("pandas").Series([made(each) for each in items], index=index)
        case {"frame": columns}:
            data = {made(name): made(each) for name, each in columns}
            index = [made(each) for each in value["index"]]
            return importlib.import_module("pandas").DataFrame(data, index=index)
        case {"object": _, "fields": fields}:
            return Record(**{name: made(each) for name, each in fields})
    raise ValueError(f"no value: {value}")


def moment(text: str) -> date | clock:
    """A day, a time of the day, or both."""
    if ":" not in text:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text) if "T" in text else clock.fromisoformat(text)


def frozen(value: Any) -> Any:
    """A set as it may stand in a set, or as a key."""
    return frozenset(value) if isinstance(value, set) else value
