"""What the offline model understands of a request: a strategy as plain values."""

from dataclasses import dataclass
from typing import Literal

IndicatorKind = Literal["sma", "ema", "rsi", "macd", "bbands", "atr", "stoch"]
PriceField = Literal["open", "high", "low", "close", "volume"]
Operator = Literal[">", "<", ">=", "<=", "crosses_above", "crosses_below"]
Pattern = Literal[
    "bullish_engulfing",
    "bearish_engulfing",
    "hammer",
    "hanging_man",
    "inverted_hammer",
    "shooting_star",
    "doji",
    "morning_star",
    "evening_star",
    "bullish_harami",
    "bearish_harami",
    "three_white_soldiers",
    "three_black_crows",
    "piercing_line",
    "dark_cloud_cover",
]


@dataclass(frozen=True)
class Indicator:
    """An indicator with its parameters in TA-Lib's order, defaults filled in."""

    kind: IndicatorKind
    params: tuple[float, ...]
    """(period,), macd (fast, slow, signal), bbands (period, deviations), stoch (k, k_smoothing, d)."""


@dataclass(frozen=True)
class Line:
    """One line of an indicator: `value`, or macd/signal/histogram, upper/middle/lower, k/d."""

    indicator: Indicator
    line: str = "value"


@dataclass(frozen=True)
class Price:
    """A field of the bar."""

    field: PriceField


@dataclass(frozen=True)
class Number:
    """A constant."""

    value: float


Operand = Line | Price | Number


@dataclass(frozen=True)
class Comparison:
    """`left operator right`, on this bar (crosses: and the other way round on the bar before)."""

    left: Operand
    operator: Operator
    right: Operand


@dataclass(frozen=True)
class PatternHit:
    """A candle pattern completes on this bar."""

    pattern: Pattern


@dataclass(frozen=True)
class All:
    """Every rule holds."""

    rules: tuple["Rule", ...]


@dataclass(frozen=True)
class Some:
    """At least one rule holds."""

    rules: tuple["Rule", ...]


Rule = Comparison | PatternHit | All | Some


@dataclass(frozen=True)
class Distance:
    """A distance from a price: percent of it, or a multiple of the ATR."""

    amount: float
    unit: Literal["percent", "atr"]


@dataclass(frozen=True)
class Exits:
    """What closes a position; any one suffices."""

    signal: Rule | None = None
    stop_loss: Distance | None = None
    take_profit: Distance | None = None
    trailing_stop: Distance | None = None
    max_bars: int | None = None
    """Time exit: bars held at most."""
    atr_period: int = 14
    """Of the ATR that `atr` distances are multiples of."""


@dataclass(frozen=True)
class StrategySpec:
    """A whole strategy."""

    side: Literal["long", "short"]
    entry: Rule
    exits: Exits
    symbol: str = "GOOG"
    """The only data at hand without a network; see `tools.market_data`."""
