"""Run once while the image is built: what pytest makes of its plugins is kept for every later run."""

import hypothesis.extra.numpy
import hypothesis.extra.pandas
from hypothesis import given, strategies


@given(strategies.integers())
def test_hypothesis(number: int) -> None:
    """The parts of it that most tests need are imported now."""
    assert {hypothesis.extra.numpy, hypothesis.extra.pandas, number}  # noqa: S101
