"""Values leave the process that holds them as what they really are; whatever they do, nothing else happens."""

import dataclasses
import enum
import json
import math
from collections import Counter, OrderedDict, defaultdict, namedtuple
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from aidev_plain import DEEPEST, LARGEST, Encoder, made
from hypothesis import given

from tests.tools.verdict.samples import JSON, VALUES
from tools.verdict.compare import same
from tools.verdict.evaluation import LEVELS, _within
from tools.verdict.values import literal, plain


def encoded(value: Any) -> Any:
    """What comes out of the sandbox."""
    return json.loads(json.dumps(Encoder().plain(value)))


@given(VALUES)
def test_both_sides_write_the_same(value: Any) -> None:
    assert same(plain(value), encoded(value))
    assert same(literal(repr(value)), encoded(value))


@given(VALUES)
def test_what_is_written_can_be_made_again(value: Any) -> None:
    assert same(plain(made(encoded(value))), plain(value))
    assert same(plain(made(plain(value))), plain(value))


Pair = namedtuple("Pair", "a b")


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    LOW = 3


@dataclasses.dataclass(frozen=True)
class Point:
    x: float
    y: int = 2


class Text(str):
    pass


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (np.int64(3), "3"),
        (np.float32(0.5), "0.5"),
        (np.bool_(True), "True"),
        (np.str_("a"), "'a'"),
        (np.complex64(1 + 2j), "1 + 2j"),
        (np.array([[1, 2], [3, 4]]), "[[1, 2], [3, 4]]"),
        (np.array([0.1, math.nan]), "array([0.1, nan])"),
        (pd.Series([1.5, None], index=["a", "b"]), "Series([1.5, nan], index=['a', 'b'])"),
        (pd.Series([pd.Timestamp("2024-01-31"), pd.NaT]), "[Timestamp('2024-01-31'), nan]"),
        (pd.DataFrame({"a": [1], "b": ["x"]}), "DataFrame({'a': [1], 'b': ['x']})"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), None),
        (pd.Index([1, 2]), "[1, 2]"),
        (pd.Timestamp("2024-01-31"), "Timestamp('2024-01-31')"),
        (pd.NaT, "nan"),
        (pd.NA, "nan"),
        (Color.RED, "Color.RED"),
        (Level.LOW, "Level.LOW"),
        (Point(1.0), "Point(x=1.0, y=2)"),
        (Pair(1, [2]), "Pair(a=1, b=[2])"),
        (Pair(1, [2]), "(1, [2])"),
        (Text("a"), "'a'"),
        (bytearray(b"a"), "b'a'"),
        (Counter("aab"), "{'a': 2, 'b': 1}"),
        (OrderedDict(a=1), "{'a': 1}"),
        (defaultdict(list, a=[1]), "{'a': [1]}"),
        (frozenset({frozenset({1})}), "{frozenset({1})}"),
        ("\ud800", r"'\ud800'"),
        (10**4_000, "10**4000"),
        (-0.0, "0.0"),
    ],
)
def test_values_of_other_kinds(value: Any, text: str | None) -> None:
    wanted = literal(text) if text else {"frame": [[plain("a"), plain([1])], [plain("a"), plain([2])]]}
    assert same(wanted, encoded(value))


@pytest.mark.parametrize(
    ("value", "holds"),
    [
        (Pair(1, 2), lambda result: result[1] == result.b == 2 and result == (1, 2) and len(result) == 2),
        (Point(1.0), lambda result: result.x == 1.0 and len({result, result}) == 1),
        ({Point(1.0), Point(2.0)}, lambda result: len(result) == 2),
        ({frozenset({1}): 2}, lambda result: result[frozenset({1})] == 2),
        ({frozenset({1})}, lambda result: {1} in [set(each) for each in result]),
        (date(2024, 1, 31), lambda result: result == date(2024, 1, 31)),
        (time(12, 30), lambda result: result == time(12, 30)),
        (datetime(2024, 1, 31), lambda result: result == datetime(2024, 1, 31)),
        (Color.RED, lambda result: result.name == "RED"),
        (np.array([1, 2]), lambda result: result.sum() == 3),
        (pd.Series([1.0, 2.0], index=["a", "b"]), lambda result: result["b"] == 2),
        (pd.DataFrame({"a": [1]}), lambda result: list(result.columns) == ["a"]),
    ],
)
def test_what_a_property_sees(value: Any, holds: Any) -> None:
    assert holds(made(encoded(value)))


class Everything:
    """Equals everything, and says that it is an int."""

    __class__ = int  # type: ignore[assignment]
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True


class Lying(list[int]):
    def __iter__(self) -> Any:
        return iter([1, 2, 3])

    def __len__(self) -> int:
        return 3

    def __getitem__(self, key: Any) -> Any:
        return 1


class LyingNumber(int):
    def __int__(self) -> int:
        return 5

    __index__ = __int__

    def __repr__(self) -> str:
        return "5"


class LyingText(str):
    def __str__(self) -> str:
        return "right"

    def __iter__(self) -> Any:
        return iter("right")


class LyingDict(dict[str, int]):
    def items(self) -> Any:
        return {"a": 1}.items()


@pytest.mark.parametrize(
    ("value", "wanted", "really"),
    [
        (Everything(), 3, {"other": "Everything"}),
        ([Everything()], [3], {"list": [{"other": "Everything"}]}),
        (Lying(), [1, 2, 3], {"list": []}),
        (LyingNumber(4), 5, {"int": "0x4"}),
        (LyingText("wrong"), "right", {"str": "wrong"}),
        (LyingDict(), {"a": 1}, {"dict": []}),
        (object(), None, {"other": "object"}),
        (int, 0, {"other": "type"}),
        (True, 1, True),
    ],
    ids=["everything", "list of everything", "list", "number", "text", "dict", "object", "type", "bool"],
)
def test_what_pretends_is_not_believed(value: Any, wanted: Any, really: Any) -> None:
    assert encoded(value) == really
    assert not same(plain(wanted), encoded(value))


def _cyclic() -> list[Any]:
    cycle: list[Any] = []
    cycle += [cycle, cycle]
    return cycle


def _deep() -> list[Any]:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    return deep


@pytest.mark.parametrize("value", [_cyclic(), _deep(), [0] * 10**6, dict.fromkeys(range(10**5)), "x", np.zeros(10**5)])
def test_any_size_comes_to_an_end(value: Any) -> None:
    encoder = Encoder()
    told = encoder.plain(value)
    assert encoder.left >= -2 * 10**6 and _within(told, LEVELS)
    assert len(json.dumps(told)) < 20 * 10**6


def test_too_deep_and_too_large_are_the_same_as_nothing() -> None:
    assert not same(plain([0] * (LARGEST + 1)), encoded([0] * (LARGEST + 1)))
    assert not same(encoded(_deep()), plain([[]]))
    deepest: list[Any] = []
    for _ in range(DEEPEST):
        deepest = [deepest]
    assert same(plain(deepest), encoded(deepest))


@given(JSON)
def test_what_is_sent_is_made_or_refused(told: Any) -> None:
    try:
        value = made(told)
    except (ValueError, TypeError, ArithmeticError, LookupError, AttributeError):
        return
    assert _within(Encoder().plain(value), LEVELS)
