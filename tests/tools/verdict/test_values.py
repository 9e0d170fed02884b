"""Literals and values as plain data: what is written reads as what it is, and nothing is evaluated."""

import math
import time
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadInput
from tests.tools.verdict.samples import JSON, VALUES
from tools.verdict.compare import same
from tools.verdict.held_back import _text
from tools.verdict.values import is_nan, literal, number, plain, shown


@given(VALUES)
def test_a_literal_reads_as_its_value(value: Any) -> None:
    assert same(literal(repr(value)), plain(value))


@given(st.integers() | st.text() | st.binary() | st.booleans() | st.none() | st.floats(allow_nan=False))
def test_a_literal_of_a_scalar_is_the_same_data(value: Any) -> None:
    assert literal(repr(value)) == plain(value)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        (" 31\n", {"int": "0x1f"}),
        ("-0x10", {"int": "-0x10"}),
        ("2**10", {"int": "0x400"}),
        ("1 / 3", plain(1 / 3)),
        ("nan", {"float": "nan"}),
        ("-math.inf", {"float": "-inf"}),
        ("np.nan", {"float": "nan"}),
        ("float('inf')", {"float": "inf"}),
        ("1 + 2j", plain(1 + 2j)),
        ("set()", {"set": []}),
        ("frozenset({1})", {"set": [{"int": "0x1"}]}),
        ("Decimal('1.10')", {"decimal": "1.10"}),
        ("Color.RED", {"enum": "Color.RED"}),
        ("Point(x=1, y=None)", {"object": "Point", "fields": [["x", {"int": "0x1"}], ["y", None]]}),
        ("shapes.Point(x=1)", {"object": "Point", "fields": [["x", {"int": "0x1"}]]}),
        ("array([1])", {"array": {"list": [{"int": "0x1"}]}}),
        ("pd.Series([1], index=['a'])", {"series": [{"int": "0x1"}], "index": [{"str": "a"}]}),
        ("Series([True], name='x')", {"series": [True], "index": None}),
        ("DataFrame({'a': [1]})", {"frame": [[{"str": "a"}, {"list": [{"int": "0x1"}]}]], "index": None}),
        ("Timestamp('2024-01-31')", {"time": "2024-01-31T00:00:00"}),
        ("datetime.date(2024, 1, 31)", {"time": "2024-01-31T00:00:00"}),
        ("datetime(2024, 1, 31, 12)", {"time": "2024-01-31T12:00:00"}),
    ],
)
def test_literals(text: str, data: Any) -> None:
    assert literal(text) == data


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1 +",
        "x",
        "f(1)",
        "__import__('os').system('id')",
        "open('/etc/passwd').read()",
        "[x for x in y]",
        "lambda: 1",
        "1 if True else 2",
        "{**{}}",
        "f'{1}'",
        "math.pi",
        "Point(1, 2)",
        "Point(1, y=2)",
        "Point(**{'x': 1})",
        "timedelta(days=1)",
        "dict(a=1)",
        "list()",
        "Series()",
        "datetime(2024, 1, 31, tzinfo=UTC)",
        "datetime(2024, 1, 31, hour=5)",
        "datetime('x', 1)",
        "datetime(2024, 13, 1)",
        "date(None, 1, 1)",
        "Timestamp('soon')",
        "Decimal('x')",
        "float('x')",
        "Series([1], index=3)",
        "Series([1], index=(1,))",
        "Series([1], index=None)",
        "DataFrame([1])",
        "1 / 0",
        "-'a'",
        "1 + 'a'",
        "2.0 ** 100_000",
        "...",
        "'a' 'b",
        "\0",
        "(" * 1_000,
        "[" * 90 + "]" * 90 + "x",
        "-" * 50_000 + "1",
        "9" * 5_000,
    ],
)
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        literal(text)


@pytest.mark.parametrize("text", ["10**10**10", "((10**1000)**1000)**1000", "2**-10**9", "9**99999999"])
def test_no_literal_takes_long(text: str) -> None:
    start = time.monotonic()
    with pytest.raises(BadInput):
        literal(text)
    assert time.monotonic() - start < 1


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        literal(text)
    except BadInput:
        return
    assert text.strip()


@pytest.mark.parametrize("value", [object(), range(3), type, ..., bytearray(b"x"), [object()], {1: {2: range(1)}}])
def test_other_kinds_are_no_plain_values(value: Any) -> None:
    with pytest.raises(BadInput):
        plain(value)


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        ({"int": "-0x1f"}, -31),
        ({"float": "0x1.8p+1"}, 3.0),
        ({"decimal": "1.10"}, Decimal("1.10")),
        (True, None),
        (None, None),
        ({"str": "1"}, None),
        ({"int": 3}, None),
        (3, None),
    ],
)
def test_numbers(data: Any, wanted: Any) -> None:
    assert number(data) == wanted


def test_nan_is_a_float_that_is_none() -> None:
    assert is_nan(plain(math.nan)) and not is_nan(plain(1.0)) and not is_nan(plain("nan")) and not is_nan(None)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (31, "31"),
        (0.5, "0.5"),
        ("a", "'a'"),
        (None, "None"),
        (True, "True"),
        ([1, (2,)], "list(1, tuple(2))"),
        (list(range(9)), "list(0, 1, 2, 3, 4, 5, 6, 7, …)"),
        ({"a": 1}, "dict('a': 1)"),
        (Decimal("1.10"), "decimal 1.10"),
        (date(2024, 1, 31), "time 2024-01-31"),
        (datetime(2024, 1, 31, 1), "time 2024-01-31T01:00:00"),
    ],
)
def test_shown(value: Any, text: str) -> None:
    assert shown(plain(value)) == text


def test_shown_of_objects_and_huge_numbers() -> None:
    assert shown(literal("Point(x=1)")) == "Point(x=1)"
    assert len(shown(plain(1 << 100_000))) < 50


@given(JSON)
def test_showing_what_a_container_sent_never_raises(told: Any) -> None:
    assert len(_text(told)) < 5_000
