"""Two runs of the same files read the same, and nothing else does."""

from hypothesis import given
from hypothesis import strategies as st

from tools.evidence.noise import quiet

HEX = st.integers(1 << 32, (1 << 48) - 1).map(hex)
PARTS = st.integers(10, 59).map(str)
MOMENT = st.builds("2026-0{}-1{} 1{}:{}:{}.{}".format, *[st.integers(1, 9)] * 2, st.integers(0, 9), PARTS, PARTS, PARTS)
PATH = st.text("abcdefgh0123_", min_size=1, max_size=9).map("/tmp/pytest-of-sandbox/pytest-{}/x.csv".format)
NOISE = st.tuples(
    HEX, st.uuids().map(str), MOMENT, PATH, st.integers(1024, 65535), st.floats(0, 99).map("{:.3f}".format),
    st.integers(1, 9999), st.integers(1_600_000_000, 1_799_999_999).map("{}.25".format),
)  # fmt: skip
LINE = (
    "<A at {}> {} {} No such file: '{}' http://127.0.0.1:{}/x took {} s File \"/somewhere/shop.py\", line {}, at {}, {}"
)


@given(NOISE, NOISE, st.integers())
def test_noise_makes_no_difference(one: tuple[object, ...], other: tuple[object, ...], value: int) -> None:
    assert quiet(LINE.format(*one, value)) == quiet(LINE.format(*other, value))


@given(st.tuples(st.integers() | st.floats(allow_nan=False), st.integers() | st.floats(allow_nan=False)))
def test_another_value_makes_a_difference(values: tuple[float, float]) -> None:
    one, other = (f"assert {value!r} == [1, 2.5, '0x1f', '3 s', 'é'] at 2020-01-31 00:00:00" for value in values)
    assert (quiet(one) == quiet(other)) is (repr(values[0]) == repr(values[1]))
    assert quiet(one) == one
