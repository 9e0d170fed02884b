"""What is known about each indicator and pattern: parameters, lines, and the rule that fixes every value."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tools.models.offline.spec import IndicatorKind, Pattern


@dataclass(frozen=True)
class IndicatorFacts:
    """One kind of indicator."""

    title: str
    takes: Literal["series", "frame"]
    parameters: Mapping[str, int | float]
    """Name → default, in the order of `Indicator.params`."""
    smallest: tuple[float, ...]
    """Per parameter."""
    lines: tuple[str, ...]
    rule: str
    """How values and warm-up are computed."""


@dataclass(frozen=True)
class PatternFacts:
    """One candle pattern."""

    title: str
    candles: int
    """Length of the window it is judged on."""
    rule: str


_EMA = (
    "the first value is the plain mean of the first `period` values; "
    "then value = previous + 2 / (period + 1) * (new - previous)"
)

INDICATORS: Mapping[IndicatorKind, IndicatorFacts] = {
    "sma": IndicatorFacts(
        "Simple moving average",
        "series",
        {"period": 20},
        (2,),
        ("value",),
        "Plain mean of the last `period` values; the first `period - 1` values are NaN.",
    ),
    "ema": IndicatorFacts(
        "Exponential moving average",
        "series",
        {"period": 20},
        (2,),
        ("value",),
        f"Seeded: {_EMA}. The first `period - 1` values are NaN.",
    ),
    "rsi": IndicatorFacts(
        "Relative strength index",
        "series",
        {"period": 14},
        (2,),
        ("value",),
        "Wilder's: average gain and loss start as the plain mean of the first `period` changes; then average = "
        "previous + (new - previous) / period. RSI = 100 * gain / (gain + loss), 0 where both are 0. "
        "The first `period` values are NaN.",
    ),
    "macd": IndicatorFacts(
        "Moving average convergence/divergence",
        "series",
        {"fast": 12, "slow": 26, "signal": 9},
        (2, 3, 1),
        ("macd", "signal", "histogram"),
        f"macd = EMA(fast) - EMA(slow), signal = EMA(signal) of macd, histogram = macd - signal. EMA: {_EMA}. Both "
        "price averages are seeded at bar `slow - 1` (the fast one with the `fast` values up to there). All three "
        "lines are NaN for the first `slow + signal - 2` bars.",
    ),
    "bbands": IndicatorFacts(
        "Bollinger bands",
        "series",
        {"period": 20, "deviations": 2.0},
        (2, 0),
        ("upper", "middle", "lower"),
        "middle = plain mean of the last `period` values, upper and lower = middle plus and minus `deviations` times "
        "their population standard deviation (divided by `period`). The first `period - 1` values are NaN.",
    ),
    "atr": IndicatorFacts(
        "Average true range",
        "frame",
        {"period": 14},
        (1,),
        ("value",),
        "Wilder's: true range = max(High - Low, |High - previous Close|, |Low - previous Close|), from the second bar "
        "on; starts as the plain mean of the first `period` true ranges; then average = previous + (new - previous) / "
        "period. The first `period` values are NaN.",
    ),
    "stoch": IndicatorFacts(
        "Stochastic oscillator",
        "frame",
        {"k": 14, "k_smoothing": 3, "d": 3},
        (1, 1, 1),
        ("k", "d"),
        "raw = 100 * (Close - lowest Low) / (highest High - lowest Low) of the last `k` bars, 0 where they are equal; "
        "k = plain mean of the last `k_smoothing` raw values; d = plain mean of the last `d` values of k. Both lines "
        "are NaN for the first `k + k_smoothing + d - 3` bars.",
    ),
}

_MEANS = (
    "Means are of the candles before the one they are compared with: bodies and whole ranges over 10 candles, "
    "`near` = 0.2 and `far` = 0.6 times the mean range of 5. Body = |Close - Open|; white: Close >= Open, else black. "
    "A window shorter than {candles} candles gives False."
)


def _pattern(title: str, candles: int, rule: str) -> PatternFacts:
    return PatternFacts(title, candles, f"{rule} {_MEANS.format(candles=candles)}")


_SMALL = (
    "The body is smaller than the mean body, the {long} shadow longer than the body, the {short} shadow shorter than "
    "0.1 of the mean range"
)
_LOWER, _UPPER = _SMALL.format(long="lower", short="upper"), _SMALL.format(long="upper", short="lower")

PATTERNS: Mapping[Pattern, PatternFacts] = {
    "bullish_engulfing": _pattern(
        "Bullish engulfing", 3, "A white body encloses the black body before it; one end may be equal."
    ),
    "bearish_engulfing": _pattern(
        "Bearish engulfing", 3, "A black body encloses the white body before it; one end may be equal."
    ),
    "hammer": _pattern(
        "Hammer", 12, f"{_LOWER}, and the body reaches down to the low of the candle before, plus near."
    ),
    "hanging_man": _pattern(
        "Hanging man", 12, f"{_LOWER}, and the body lies wholly above the high of the candle before, minus near."
    ),
    "inverted_hammer": _pattern("Inverted hammer", 12, f"{_UPPER}, and the body lies wholly below the body before."),
    "shooting_star": _pattern("Shooting star", 12, f"{_UPPER}, and the body lies wholly above the body before."),
    "doji": _pattern("Doji", 11, "The body is at most 0.1 of the mean range."),
    "morning_star": _pattern(
        "Morning star",
        13,
        "A long black body, a short body wholly below it, then a white body longer than the mean that closes above the "
        "first close plus 0.3 of the first body. Long: above the mean body; short: at most the mean body.",
    ),
    "evening_star": _pattern(
        "Evening star",
        13,
        "A long white body, a short body wholly above it, then a black body longer than the mean that closes below the "
        "first close minus 0.3 of the first body. Long: above the mean body; short: at most the mean body.",
    ),
    "bullish_harami": _pattern(
        "Bullish harami",
        12,
        "A black body above the mean encloses the body after it, which is at most the mean; ends may be equal.",
    ),
    "bearish_harami": _pattern(
        "Bearish harami",
        12,
        "A white body above the mean encloses the body after it, which is at most the mean; ends may be equal.",
    ),
    "three_white_soldiers": _pattern(
        "Three white soldiers",
        13,
        "Three white candles with rising closes and upper shadows below 0.1 of the mean range; the second and third "
        "open above the open before and at most near above the close before; their bodies are greater than the body "
        "before minus far; the third body is above the mean.",
    ),
    "three_black_crows": _pattern(
        "Three black crows",
        14,
        "After a white candle three black ones with falling closes and lower shadows below 0.1 of the mean range; the "
        "second and third open inside the body before; the first closes below the white candle's high.",
    ),
    "piercing_line": _pattern(
        "Piercing line",
        12,
        "After a black body a white one, both above the mean; it opens below the low before and closes above the "
        "middle of the body before, below its open.",
    ),
    "dark_cloud_cover": _pattern(
        "Dark cloud cover",
        12,
        "After a white body above the mean a black candle that opens above the high before and closes below the middle "
        "of the body before, above its open.",
    ),
}
