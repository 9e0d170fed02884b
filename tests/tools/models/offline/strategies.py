"""Hypothesis strategies for trading strategies that make sense."""

from typing import get_args

from hypothesis import strategies as st

from tools.models.offline.checks import comparison_problem
from tools.models.offline.spec import (
    All,
    Comparison,
    Distance,
    Exits,
    Indicator,
    Line,
    Number,
    Operand,
    Operator,
    Pattern,
    PatternHit,
    Price,
    PriceField,
    Rule,
    Some,
    StrategySpec,
)

PERIODS = st.integers(2, 300)
LINES = {
    "macd": ("macd", "signal", "histogram"),
    "bbands": ("upper", "middle", "lower"),
    "stoch": ("k", "d"),
}


def amounts(smallest: float, largest: float) -> st.SearchStrategy[float]:
    return st.floats(smallest, largest, exclude_min=True, exclude_max=True)


def one_period(kind: str) -> st.SearchStrategy[Indicator]:
    return st.builds(lambda period: Indicator(kind, (period,)), PERIODS)  # type: ignore[arg-type]


INDICATORS = st.one_of(
    *(one_period(kind) for kind in ("sma", "ema", "rsi", "atr")),
    st.tuples(PERIODS, PERIODS, PERIODS)
    .filter(lambda found: found[0] < found[1])
    .map(lambda found: Indicator("macd", found)),
    st.tuples(PERIODS, amounts(0, 10)).map(lambda found: Indicator("bbands", found)),
    st.tuples(PERIODS, PERIODS, PERIODS).map(lambda found: Indicator("stoch", found)),
)
OPERANDS: st.SearchStrategy[Operand] = st.one_of(
    INDICATORS.flatmap(lambda found: st.sampled_from(LINES.get(found.kind, ("value",))).map(lambda x: Line(found, x))),
    st.sampled_from(get_args(PriceField)).map(Price),
    st.floats(allow_nan=False, allow_infinity=False).map(Number),
    st.integers(0, 100).map(Number),
)
COMPARISONS = st.builds(Comparison, OPERANDS, st.sampled_from(get_args(Operator)), OPERANDS).filter(
    lambda found: not comparison_problem(found)
)
LEAVES: st.SearchStrategy[Rule] = st.one_of(COMPARISONS, st.sampled_from(get_args(Pattern)).map(PatternHit))


def parts(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[tuple[Rule, ...]]:
    return st.lists(rules, min_size=2, max_size=3).map(tuple)


def not_a(kind: type[All] | type[Some], rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    """A part of the same kind would be spliced in."""
    return rules.filter(lambda rule: not isinstance(rule, kind))


def grown(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    return st.one_of(parts(not_a(All, rules)).map(All), parts(not_a(Some, rules)).map(Some))


RULES: st.SearchStrategy[Rule] = st.recursive(LEAVES, grown, max_leaves=6)
DISTANCES = st.one_of(
    st.none(),
    st.builds(Distance, amounts(0, 100), st.just("percent")),
    st.builds(Distance, amounts(0, 1000), st.just("atr")),
)


def settled(exits: Exits) -> Exits:
    """With the usual ATR where no distance uses it."""
    distances = (exits.stop_loss, exits.take_profit, exits.trailing_stop)
    uses_atr = any(distance and distance.unit == "atr" for distance in distances)
    found = {**vars(exits), "atr_period": exits.atr_period if uses_atr else 14}
    return Exits(**found)


EXITS = (
    st.builds(
        Exits,
        signal=st.none() | RULES,
        stop_loss=DISTANCES,
        take_profit=DISTANCES,
        trailing_stop=DISTANCES,
        max_bars=st.none() | st.integers(1, 10_000),
        atr_period=PERIODS,
    )
    .map(settled)
    .filter(lambda exits: exits != Exits())
)
SPECS = st.builds(StrategySpec, side=st.sampled_from(["long", "short"]), entry=RULES, exits=EXITS)
