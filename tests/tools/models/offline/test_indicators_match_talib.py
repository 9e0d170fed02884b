"""Generated indicators and patterns give TA-Lib's values, warm-up included."""

from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tools.models.offline.generated import loaded
from tests.tools.models.offline.writer_samples import CLOSE
from tools.market_data import daily_bars
from tools.models.offline.catalogue import INDICATORS, PATTERNS
from tools.models.offline.code import indicator_files
from tools.models.offline.reference import indicator_lines, pattern_hits
from tools.models.offline.spec import Comparison, Exits, Indicator, Line, Pattern, PatternHit, Rule, Some, StrategySpec

PERIODS = st.integers(2, 30).map(float)
PARAMETERS: dict[str, st.SearchStrategy[tuple[float, ...]]] = {
    "sma": st.tuples(PERIODS),
    "ema": st.tuples(PERIODS),
    "rsi": st.tuples(PERIODS),
    "atr": st.tuples(st.integers(1, 30).map(float)),
    "macd": st.tuples(PERIODS, PERIODS, st.integers(1, 20).map(float)).filter(lambda values: values[0] < values[1]),
    "bbands": st.tuples(PERIODS, st.sampled_from([0.5, 1.0, 2.0, 2.5])),
    "stoch": st.tuples(*[st.integers(1, 20).map(float)] * 3),
}


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    kinds = [Indicator(kind, tuple(map(float, facts.parameters.values()))) for kind, facts in INDICATORS.items()]
    compared: list[Rule] = [Comparison(CLOSE, ">", Line(kind, INDICATORS[kind.kind].lines[0])) for kind in kinds]
    rules = [*compared, *(PatternHit(name) for name in get_args(Pattern))]
    spec = StrategySpec("long", Some(tuple(rules)), Exits(max_bars=1))
    with loaded(indicator_files(spec), tmp_path_factory.mktemp("package")) as module:
        yield module


def walk(seed: int, length: int, tick: float | None = None) -> pd.DataFrame:
    """Random bars; with a tick, prices are multiples of it, so that equal prices are common."""
    random = np.random.default_rng(seed)
    close = 200 + np.cumsum(random.normal(0, 1, length))
    opens = np.where(random.random(length) < 0.5, np.roll(close, 1), close + random.normal(0, 1.2, length))
    shadows = np.abs(random.normal(0, 0.6, (2, length))) * (random.random((2, length)) < 0.6)
    high, low = np.maximum(opens, close) + shadows[0], np.minimum(opens, close) - shadows[1]
    bars = pd.DataFrame({"Open": opens, "High": high, "Low": low, "Close": close})
    return bars if tick is None else (bars / tick).round() * tick


def computed(indicator: Indicator, bars: pd.DataFrame) -> dict[str, Any]:
    facts = INDICATORS[indicator.kind]
    values = [
        value if isinstance(default, float) else int(value)
        for value, default in zip(indicator.params, facts.parameters.values(), strict=True)
    ]
    function = getattr(import_module(f"indicators.{indicator.kind}"), f"compute_{indicator.kind}")
    result = function(bars if facts.takes == "frame" else bars["Close"], *values)
    return {"value": result} if facts.lines == ("value",) else dict(result.items())


def assert_same(indicator: Indicator, bars: pd.DataFrame) -> None:
    expected = indicator_lines(indicator, bars)
    actual = computed(indicator, bars)
    assert list(actual) == list(expected)
    for line, values in expected.items():
        np.testing.assert_allclose(actual[line].to_numpy(), values, rtol=0, atol=1e-9, err_msg=f"{indicator} {line}")
        assert actual[line].index.equals(bars.index)


@pytest.mark.parametrize("kind", PARAMETERS)
def test_sample_with_defaults(package: ModuleType, kind: Any) -> None:
    assert_same(Indicator(kind, tuple(map(float, INDICATORS[kind].parameters.values()))), daily_bars())


@pytest.mark.parametrize("kind", PARAMETERS)
def test_random_series_and_parameters(package: ModuleType, kind: Any) -> None:
    @settings(max_examples=40, deadline=None)
    @given(PARAMETERS[kind], st.integers(0, 2**32), st.integers(1, 150))
    def check(parameters: tuple[float, ...], seed: int, length: int) -> None:
        assert_same(Indicator(kind, parameters), walk(seed, length))

    check()


@pytest.mark.parametrize("kind", ["rsi", "stoch", "atr", "sma", "ema", "macd"])
def test_nothing_moves(package: ModuleType, kind: Any) -> None:
    still = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), [64.0] * 60))
    assert_same(Indicator(kind, tuple(map(float, INDICATORS[kind].parameters.values()))), still)


def hits(pattern: Pattern, bars: pd.DataFrame) -> Any:
    function = getattr(import_module("indicators.patterns"), f"is_{pattern}")
    length = PATTERNS[pattern].candles
    return np.array([function(bars.iloc[max(0, end - length) : end]) for end in range(1, len(bars) + 1)])


@pytest.mark.parametrize("pattern", get_args(Pattern))
def test_patterns_of_the_sample_and_of_random_candles(package: ModuleType, pattern: Pattern) -> None:
    found = 0
    for bars in (daily_bars(), walk(1, 1500), walk(2, 1500, tick=0.25)):
        expected = pattern_hits(pattern, bars)
        found += int(expected.sum())
        np.testing.assert_array_equal(hits(pattern, bars), expected)
    assert found > 0


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(get_args(Pattern)), st.integers(0, 2**32), st.integers(1, 60), st.sampled_from([0.5, 0.25, None])
)
def test_patterns_on_short_random_windows(
    package: ModuleType, pattern: Pattern, seed: int, length: int, tick: float | None
) -> None:
    bars = walk(seed, length, tick)
    np.testing.assert_array_equal(hits(pattern, bars), pattern_hits(pattern, bars))
