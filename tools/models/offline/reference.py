"""Values by an independent implementation: TA-Lib. The generated code is measured against these."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import talib

from tools.models.offline.catalogue import PATTERNS
from tools.models.offline.names import column, operand_name, pattern_column
from tools.models.offline.spec import Indicator, Line, Pattern, Price

_CDL = {
    "bullish_engulfing": (talib.CDLENGULFING, 1),
    "bearish_engulfing": (talib.CDLENGULFING, -1),
    "hammer": (talib.CDLHAMMER, 1),
    "hanging_man": (talib.CDLHANGINGMAN, -1),
    "inverted_hammer": (talib.CDLINVERTEDHAMMER, 1),
    "shooting_star": (talib.CDLSHOOTINGSTAR, -1),
    "doji": (talib.CDLDOJI, 1),
    "morning_star": (talib.CDLMORNINGSTAR, 1),
    "evening_star": (talib.CDLEVENINGSTAR, -1),
    "bullish_harami": (talib.CDLHARAMI, 1),
    "bearish_harami": (talib.CDLHARAMI, -1),
    "three_white_soldiers": (talib.CDL3WHITESOLDIERS, 1),
    "three_black_crows": (talib.CDL3BLACKCROWS, -1),
    "piercing_line": (talib.CDLPIERCING, 1),
    "dark_cloud_cover": (talib.CDLDARKCLOUDCOVER, -1),
}
"""Pattern → function and the sign of its answer."""


def indicator_lines(indicator: Indicator, bars: pd.DataFrame) -> dict[str, np.ndarray]:
    """Line → values, NaN while warming up."""
    high, low, close = (bars[name].to_numpy(dtype=float) for name in ("High", "Low", "Close"))
    values = indicator.params
    whole = [int(value) for value in values]
    match indicator.kind:
        case "sma":
            return {"value": talib.SMA(close, whole[0])}
        case "ema":
            return {"value": talib.EMA(close, whole[0])}
        case "rsi":
            return {"value": talib.RSI(close, whole[0])}
        case "macd":
            return dict(zip(("macd", "signal", "histogram"), talib.MACD(close, *whole), strict=True))
        case "bbands":
            bands = talib.BBANDS(close, whole[0], values[1], values[1])
            return dict(zip(("upper", "middle", "lower"), bands, strict=True))
        case "atr":
            return {"value": talib.ATR(high, low, close, whole[0])}
        case "stoch":
            lines = talib.STOCH(high, low, close, fastk_period=whole[0], slowk_period=whole[1], slowd_period=whole[2])
            return dict(zip(("k", "d"), lines, strict=True))


def pattern_hits(pattern: Pattern, bars: pd.DataFrame) -> np.ndarray:
    """Whether the pattern completes, per bar."""
    function, sign = _CDL[pattern]
    prices = [bars[name].to_numpy(dtype=float) for name in ("Open", "High", "Low", "Close")]
    hits: np.ndarray = function(*prices) * sign > 0
    return hits


def reference_table(
    bars: pd.DataFrame, indicators: Sequence[Indicator], patterns: Sequence[Pattern], before: Sequence[Line | Price]
) -> pd.DataFrame:
    """Every column that `compute_indicators` has to give: lines, patterns, then `…_previous` of `before`."""
    table = pd.DataFrame(index=bars.index)
    for indicator in indicators:
        for line, values in indicator_lines(indicator, bars).items():
            table[column(indicator, line)] = values
    for pattern in patterns:
        table[pattern_column(pattern)] = pattern_hits(pattern, bars)
    prices = bars.rename(columns=str.lower)
    for operand in before:
        name = operand_name(operand)
        table[f"{name}_previous"] = (prices if isinstance(operand, Price) else table)[name].shift(1)
    return table


def shortest_history(indicators: Sequence[Indicator], patterns: Sequence[Pattern], bars: pd.DataFrame) -> int:
    """Bars before every line and pattern can speak; as many as there are bars when one never does."""
    starts = [PATTERNS[pattern].candles for pattern in patterns]
    for indicator in indicators:
        known = np.isfinite(list(indicator_lines(indicator, bars).values())).all(axis=0)
        starts.append(int(known.argmax()) if known.any() else len(bars))
    return max(starts, default=0)
