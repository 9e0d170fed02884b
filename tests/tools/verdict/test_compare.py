"""Equality by value, that nothing a container sends can fool or break."""

import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.verdict.samples import JSON, VALUES
from tools.verdict.compare import same
from tools.verdict.values import literal, plain


@given(VALUES)
def test_a_value_is_the_same_as_itself(value: Any) -> None:
    assert same(plain(value), plain(value))
    assert same(plain(value), plain(value), 1e-9)


@given(VALUES, JSON)
def test_nothing_that_is_sent_raises(value: Any, told: Any) -> None:
    assert same(plain(value), told) in (True, False)


@given(st.lists(st.integers(), min_size=1), st.data())
def test_a_changed_number_is_noticed(values: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(values) - 1))
    changed = [*values[:place], values[place] + 1, *values[place + 1 :]]
    for made in (list, tuple):
        assert not same(plain(made(values)), plain(made(changed)))


@pytest.mark.parametrize(
    ("expected", "actual", "is_same"),
    [
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        (0, None, False),
        (1, "1", False),
        ("a", "a", True),
        ("a", b"a", False),
        ([1], [1], True),
        ([1], (1,), False),
        ((1,), [1], False),
        ([1, 2], [2, 1], False),
        ([1], [1, 1], False),
        ({1, 2}, {2, 1}, True),
        ({1, 2}, [1, 2], False),
        ({1: "a", 2: "b"}, {2: "b", 1: "a"}, True),
        ({1: "a"}, {1: "b"}, False),
        ({1: "a"}, {2: "a"}, False),
        ({}, [], False),
        (math.nan, math.nan, True),
        (math.nan, 1.0, False),
        (1.0, math.nan, False),
        (math.inf, math.inf, True),
        (math.inf, -math.inf, False),
        (0.1 + 0.2, 0.3, True),
        (1.0, 1.00001, False),
        (0.0, -0.0, True),
        (10**400, 10**400, True),
        (10**400, 10**400 + 1, False),
        (10**400, math.inf, False),
        (1.0, 10**400, False),
        (Decimal("1.10"), Decimal("1.1"), True),
        (Decimal("1.10"), Decimal("1.1000000000001"), False),
        (Decimal("0.1"), 0.1, False),
        (Decimal("0.5"), 0.5, True),
        (Decimal("NaN"), Decimal("NaN"), True),
        (Decimal("sNaN"), Decimal("sNaN"), False),
        (1 + 2j, 1 + 2j, True),
        (1 + 2j, 1 - 2j, False),
        (date(2024, 1, 1), datetime(2024, 1, 1), True),
        (date(2024, 1, 1), datetime(2024, 1, 1, 1), False),
    ],
)
def test_values(expected: Any, actual: Any, is_same: bool) -> None:
    assert same(plain(expected), plain(actual)) is is_same


@pytest.mark.parametrize(
    ("expected", "actual", "tolerance", "is_same"),
    [
        (100.0, 100.5, 0.01, True),
        (100.0, 102.0, 0.01, False),
        (100, 101, 0.01, True),
        (100, 103, 0.01, False),
        (10**400, 10**400, 0.01, True),
        (0.0, 0.005, 0.01, True),
        ([1.0, [2.0]], [1.001, [1.999]], 0.01, True),
        ({"a": 1.0}, {"a": 1.001}, 0.01, True),
        ({1.0}, {1.001}, 0.01, True),
        (Decimal("1.00"), Decimal("1.005"), 0.01, True),
        ("a", "b", 10.0, False),
        (True, False, 10.0, False),
    ],
)
def test_tolerance(expected: Any, actual: Any, tolerance: float, is_same: bool) -> None:
    assert same(plain(expected), plain(actual), tolerance) is is_same


SERIES = {"series": [{"int": "0x1"}], "index": [{"int": "0x0"}]}
FRAME = {"frame": [[{"str": "a"}, {"list": [{"int": "0x1"}]}]], "index": [{"int": "0x0"}]}
POINT = {"object": "Point", "fields": [["x", {"int": "0x1"}], ["y", {"int": "0x2"}]]}


@pytest.mark.parametrize(
    ("expected", "actual", "is_same"),
    [
        ("Series([1])", SERIES, True),
        ("Series([1], index=[0])", SERIES, True),
        ("Series([1], index=[5])", SERIES, False),
        ("[1]", SERIES, True),
        ("(1,)", SERIES, False),
        ("array([1])", {"array": {"list": [{"int": "0x1"}]}}, True),
        ("[1]", {"array": {"list": [{"int": "0x1"}]}}, True),
        ("array([[1]])", {"array": {"list": [{"list": [{"int": "0x1"}]}]}}, True),
        ("DataFrame({'a': [1]})", FRAME, True),
        ("DataFrame({'b': [1]})", FRAME, False),
        ("DataFrame({'a': [1], 'b': [1]})", FRAME, False),
        ("{'a': [1]}", FRAME, False),
        ("Point(x=1, y=2)", POINT, True),
        ("Point(y=2)", POINT, True),
        ("Point(x=2)", POINT, False),
        ("Point(z=1)", POINT, False),
        ("Other(x=1)", POINT, False),
        ("(1, 2)", POINT, False),
        ("(1, 2)", {**POINT, "tuple": True}, True),
        ("Point(x=1)", {**POINT, "tuple": True}, True),
        ("Color.RED", {"enum": "Color.RED"}, True),
        ("Color.RED", {"enum": "Color.BLUE"}, False),
        ("Color.RED", {"str": "Color.RED"}, False),
    ],
)
def test_containers_and_objects(expected: str, actual: Any, is_same: bool) -> None:
    assert same(literal(expected), actual) is is_same


LITERALS = ["1", "1.5", "'a'", "[1]", "(1,)", "{1}", "{1: 2}", "Point(x=1)", "Color.RED", "1j"]


@pytest.mark.parametrize(
    "told",
    [
        {},
        [],
        "a",
        1,
        1.5,
        {"other": "Anything"},
        {"int": 1},
        {"int": "zz"},
        {"float": "x"},
        {"float": "0x1p99999"},
        {"decimal": "x"},
        {"list": 3},
        {"list": [{}]},
        {"set": 3},
        {"dict": [1]},
        {"dict": [[1]]},
        {"object": "Point", "fields": 3},
        {"object": "Point", "fields": [3]},
        {"object": "Point"},
        {"complex": [1, 2]},
        {"complex": ["x"]},
        {"time": 3},
        {"enum": 3},
    ],
)
def test_data_of_no_shape_is_the_same_as_nothing(told: Any) -> None:
    assert [text for text in LITERALS if same(literal(text), told)] == []


def test_depth_is_no_way_out() -> None:
    told: Any = {"int": "0x1"}
    for _ in range(5_000):
        told = {"list": [told]}
    assert not same(told, told) and not same(plain([1]), told)


@pytest.mark.parametrize(
    "told", [{"time": 3}, {"time": None}, {"series": [1], "index": 3}, {"frame": [[1, 2]], "index": 3}]
)
def test_data_of_no_shape_is_not_even_itself_or_quietly_so(told: Any) -> None:
    assert same(told, told) in (True, False)
    assert not same(literal("Timestamp('2024-01-01')"), told)
