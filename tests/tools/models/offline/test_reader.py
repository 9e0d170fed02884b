"""English in, strategies out."""

import pytest

from tools.models.offline.reader import describe_exits, indicators_of, patterns_of, read_strategy
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
    Rule,
    Some,
    StrategySpec,
)

CLOSE, OPEN, LOW, HIGH, VOLUME = (Price(name) for name in ("close", "open", "low", "high", "volume"))
MACD = Indicator("macd", (12, 26, 9))
MACD_LINE, SIGNAL, HISTOGRAM = (Line(MACD, name) for name in ("macd", "signal", "histogram"))
BANDS = Indicator("bbands", (20, 2))
UPPER, MIDDLE, LOWER = (Line(BANDS, name) for name in ("upper", "middle", "lower"))
STOCH = Indicator("stoch", (14, 3, 3))
K, D = Line(STOCH, "k"), Line(STOCH, "d")


def sma(period: int) -> Line:
    return Line(Indicator("sma", (period,)))


def ema(period: int) -> Line:
    return Line(Indicator("ema", (period,)))


def rsi(period: int = 14) -> Line:
    return Line(Indicator("rsi", (period,)))


def compare(left: Operand, operator: Operator, right: Operand | float) -> Comparison:
    return Comparison(left, operator, Number(right) if isinstance(right, int | float) else right)


def up(left: Operand, right: Operand | float) -> Comparison:
    return compare(left, "crosses_above", right)


def down(left: Operand, right: Operand | float) -> Comparison:
    return compare(left, "crosses_below", right)


def above(left: Operand, right: Operand | float) -> Comparison:
    return compare(left, ">", right)


def below(left: Operand, right: Operand | float) -> Comparison:
    return compare(left, "<", right)


def hit(pattern: Pattern) -> PatternHit:
    return PatternHit(pattern)


def both(*rules: Rule) -> All:
    return All(rules)


def either(*rules: Rule) -> Some:
    return Some(rules)


def percent(amount: float) -> Distance:
    return Distance(amount, "percent")


def atrs(amount: float) -> Distance:
    return Distance(amount, "atr")


A, B, C = below(rsi(), 30), hit("hammer"), above(CLOSE, sma(200))

CONDITIONS: dict[str, Rule] = {
    # indicators and their parameters
    "close is above the 50-day EMA": above(CLOSE, ema(50)),
    "close > EMA(50)": above(CLOSE, ema(50)),
    "close is over EMA 50": above(CLOSE, ema(50)),
    "price is higher than the 50 period exponential moving average": above(CLOSE, ema(50)),
    "the closing price is greater than the 50 EMA": above(CLOSE, ema(50)),
    "close > EMA50": above(CLOSE, ema(50)),
    "price is above the EMA of 50 days": above(CLOSE, ema(50)),
    "goog is above its 200-day moving average": above(CLOSE, sma(200)),
    "the stock trades under the 200 DMA": below(CLOSE, sma(200)),
    "RSI(14) < 30": below(rsi(), 30),
    "the 14-day RSI is less than 30": below(rsi(), 30),
    "the relative strength index is at most 30%": compare(rsi(), "<=", 30),
    "RSI with a period of 7 is no less than 30": compare(rsi(7), ">=", 30),
    "RSI (period 10) is under 25.5": below(rsi(10), 25.5),
    "RSI14 is equal to or greater than fifty": compare(rsi(), ">=", 50),
    "MACD(5, 35, 5) crosses above its signal": up(
        Line(Indicator("macd", (5, 35, 5)), "macd"), Line(Indicator("macd", (5, 35, 5)), "signal")
    ),
    "MACD 12/26/9 crosses over the signal line": up(MACD_LINE, SIGNAL),
    "the MACD line is above the signal line of the MACD(12,26,9)": above(MACD_LINE, SIGNAL),
    "MACD's histogram turns positive": up(HISTOGRAM, 0),
    "MACD is negative": below(MACD_LINE, 0),
    "the MACD histogram is above -0.5": above(HISTOGRAM, -0.5),
    "close crosses above the upper Bollinger band": up(CLOSE, UPPER),
    "price closes below the lower Bollinger band (20, 2)": below(CLOSE, LOWER),
    "close is below the lower Bollinger band of 20 days and 2.5 standard deviations": below(
        CLOSE, Line(Indicator("bbands", (20, 2.5)), "lower")
    ),
    "the 10-day, 3-sigma upper band is below the high": below(Line(Indicator("bbands", (10, 3)), "upper"), HIGH),
    "low is below the middle band of the Bollinger bands (20 days, 2 std dev)": below(LOW, MIDDLE),
    "the 10-day average true range is above 4.5": above(Line(Indicator("atr", (10,))), 4.5),
    "%K crosses above %D": up(K, D),
    "the stochastic %K(14, 3, 3) is below 20": below(K, 20),
    "stochastic(5, 3, 2) is above 80": above(Line(Indicator("stoch", (5, 3, 2)), "k"), 80),
    # comparisons and crosses
    "RSI crosses up through 30": up(rsi(), 30),
    "RSI crosses back above 30": up(rsi(), 30),
    "RSI rises above the oversold level": up(rsi(), 30),
    "RSI drops under 30": down(rsi(), 30),
    "RSI is oversold": below(rsi(), 30),
    "RSI is oversold (below 25)": below(rsi(), 25),
    "RSI is in overbought territory": above(rsi(), 70),
    "stochastic is oversold": below(K, 20),
    "RSI is between 40 and 60": both(compare(rsi(), ">=", 40), compare(rsi(), "<=", 60)),
    "RSI reaches 70": compare(rsi(), ">=", 70),
    "price touches the lower Bollinger band": compare(CLOSE, "<=", LOWER),
    "price touches the 50-day SMA": both(compare(LOW, "<=", sma(50)), compare(HIGH, ">=", sma(50))),
    "price crosses the 50-day SMA from below": up(CLOSE, sma(50)),
    "there is a golden cross": up(sma(50), sma(200)),
    "a death cross occurs": down(sma(50), sma(200)),
    "bullish MACD crossover": up(MACD_LINE, SIGNAL),
    "MACD crosses above": up(MACD_LINE, SIGNAL),
    "the stochastic crosses down": down(K, D),
    "volume exceeds 1,000,000 shares": above(VOLUME, 1e6),
    "volume is above 1.5 million": above(VOLUME, 1.5e6),
    "50 is above RSI": above(Number(50), rsi()),
    "open < $195.50": below(OPEN, 195.5),
    # what English leaves out
    "RSI falls below 30 and rises above 20": both(down(rsi(), 30), up(rsi(), 20)),
    "close crosses above the 20-day SMA and the 50-day SMA": both(up(CLOSE, sma(20)), up(CLOSE, sma(50))),
    "RSI is above 20 and it is below 30": both(above(rsi(), 20), A),
    "RSI(7) is above 20, and RSI is below 30": both(above(rsi(7), 20), below(rsi(7), 30)),
    # patterns
    "a hammer forms": B,
    "we see a bullish engulfing candle": hit("bullish_engulfing"),
    "an engulfing pattern appears": hit("bullish_engulfing"),
    "three white soldiers form or a doji appears": either(hit("three_white_soldiers"), hit("doji")),
    "a piercing line completes": hit("piercing_line"),
    "dark cloud cover": hit("dark_cloud_cover"),
    # and, or, commas, brackets
    "RSI < 30 or a hammer forms and close > SMA(200)": either(A, both(B, C)),
    "RSI < 30 and a hammer forms or close > SMA(200)": either(both(A, B), C),
    "RSI < 30 or a hammer forms, and close > SMA(200)": both(either(A, B), C),
    "RSI < 30 or a hammer forms while close > SMA(200)": both(either(A, B), C),
    "(RSI < 30 or a hammer forms) and close > SMA(200)": both(either(A, B), C),
    "close > SMA(200) and either RSI < 30 or a hammer forms": both(C, either(A, B)),
    "both RSI < 30 and a hammer forms": both(A, B),
    "RSI < 30, a hammer forms and close > SMA(200)": both(A, B, C),
    "RSI < 30, a hammer forms, or close > SMA(200)": either(A, B, C),
    "RSI < 30, a hammer forms": both(A, B),
    "any of the following hold:\n- RSI < 30\n- a hammer forms": either(A, B),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_conditions(text: str) -> None:
    spec = read_strategy(f"Buy when {text}; sell after 5 bars")
    assert spec == StrategySpec("long", CONDITIONS[text], Exits(max_bars=5))


EXITS: dict[str, Exits] = {
    "exit when MACD crosses below": Exits(signal=down(MACD_LINE, SIGNAL)),
    "Sell when it crosses back above 70": Exits(signal=up(rsi(), 70)),
    "sell on a bearish engulfing": Exits(signal=hit("bearish_engulfing")),
    "exit on an engulfing": Exits(signal=hit("bearish_engulfing")),
    "exit with a 5% stop loss": Exits(stop_loss=percent(5)),
    "stop loss of 2x ATR": Exits(stop_loss=atrs(2)),
    "stop at 3 %": Exits(stop_loss=percent(3)),
    "Stop-loss: 2×ATR(20)": Exits(stop_loss=atrs(2), atr_period=20),
    "Set a stop at 1.5 times the 10-day ATR": Exits(stop_loss=atrs(1.5), atr_period=10),
    "exit at a stop of ATR(14) x 2": Exits(stop_loss=atrs(2)),
    "close the position at a four percent loss": Exits(stop_loss=percent(4)),
    "take profit at 10%": Exits(take_profit=percent(10)),
    "target 3 ATR": Exits(take_profit=atrs(3)),
    "exit at 10% profit": Exits(take_profit=percent(10)),
    "exit when the loss exceeds 4%": Exits(stop_loss=percent(4)),
    "trailing stop of 8%": Exits(trailing_stop=percent(8)),
    "a trailing 2 ATR stop": Exits(trailing_stop=atrs(2)),
    "Trail by 2.5 ATR": Exits(trailing_stop=atrs(2.5)),
    "exit after 10 days": Exits(max_bars=10),
    "hold at most ten trading days": Exits(max_bars=10),
    "sell within 5 bars": Exits(max_bars=5),
    "Max holding period: 12 days": Exits(max_bars=12),
    "10-bar time exit": Exits(max_bars=10),
    "exit when RSI > 70, close < SMA(20), or after 15 bars": Exits(
        signal=either(above(rsi(), 70), below(CLOSE, sma(20))), max_bars=15
    ),
    "exit when RSI > 70 and close < SMA(20), with a 3% stop": Exits(
        signal=both(above(rsi(), 70), below(CLOSE, sma(20))), stop_loss=percent(3)
    ),
    "sell when RSI > 70, with a 3% stop, or when a doji forms": Exits(
        signal=either(above(rsi(), 70), hit("doji")), stop_loss=percent(3)
    ),
    "sell when RSI > 70. Also sell when a doji forms.": Exits(signal=either(above(rsi(), 70), hit("doji"))),
    "When RSI rises above 70, sell": Exits(signal=up(rsi(), 70)),
    "hold until RSI is over 50": Exits(signal=above(rsi(), 50)),
    "Exit conditions:\n- RSI > 70\n- 5% stop loss\n- 20 bars max": Exits(
        signal=above(rsi(), 70), stop_loss=percent(5), max_bars=20
    ),
}


@pytest.mark.parametrize("text", EXITS)
def test_exits(text: str) -> None:
    assert read_strategy(f"Buy when RSI < 30; {text}") == StrategySpec("long", A, EXITS[text])


SELL_70 = Exits(signal=above(rsi(), 70))
LONG, SHORT = StrategySpec("long", A, SELL_70), StrategySpec("short", above(rsi(), 70), Exits(signal=A))
REQUESTS: dict[str, StrategySpec] = {
    "Go long when MACD crosses above its signal and close is above the 50-day EMA; "
    "exit when MACD crosses below, with a 2 ATR trailing stop": StrategySpec(
        "long",
        both(up(MACD_LINE, SIGNAL), above(CLOSE, ema(50))),
        Exits(signal=down(MACD_LINE, SIGNAL), trailing_stop=atrs(2)),
    ),
    "Buy when RSI(14) crosses above 30 or a bullish engulfing forms while close is above the 200-day SMA; "
    "sell when RSI rises above 70, with a 5% stop loss, a 15% take profit and at most 30 bars": StrategySpec(
        "long",
        both(either(up(rsi(), 30), hit("bullish_engulfing")), C),
        Exits(signal=up(rsi(), 70), stop_loss=percent(5), take_profit=percent(15), max_bars=30),
    ),
    "buy rsi < 30 sell rsi > 70": LONG,
    "Build me a strategy that buys when RSI is oversold and sells when it is overbought.": LONG,
    "Could you please write a simple mean-reversion strategy which buys if RSI < 30 and sells if RSI > 70?": LONG,
    "On daily GOOG data, go long if the RSI is below 30 on the daily chart and exit if it is above 70.": LONG,
    "Use RSI. When RSI < 30, buy. When RSI > 70, sell. Backtest it on daily data.": LONG,
    "1. Buy GOOG when RSI < 30.\n2. Sell GOOG when RSI > 70.": LONG,
    "**Entry:** RSI < 30\n**Exit:** RSI > 70": LONG,
    "A long-only strategy: enter once RSI is below 30, exit once RSI is above 70": LONG,
    "I'd like to enter a long position whenever RSI is\nbelow 30 — close it if RSI > 70": LONG,
    "Sell short when RSI > 70; cover when RSI < 30": SHORT,
    "Short if RSI is overbought. Buy back if RSI is oversold.": SHORT,
    "A short strategy: enter when RSI > 70, exit when RSI < 30": SHORT,
    "Go short on an engulfing, exit on an engulfing": StrategySpec(
        "short", hit("bearish_engulfing"), Exits(signal=hit("bullish_engulfing"))
    ),
    "Use a 21-day RSI. Buy when RSI < 30, sell when RSI > 70.": StrategySpec(
        "long", below(rsi(21), 30), Exits(signal=above(rsi(21), 70))
    ),
    "Buy with a 5% stop loss when RSI < 30. Only buy if close > SMA(200).": StrategySpec(
        "long", both(A, C), Exits(stop_loss=percent(5))
    ),
    "When the 50-day SMA crosses above the 200-day SMA, go long with a 7% trailing stop": StrategySpec(
        "long", up(sma(50), sma(200)), Exits(trailing_stop=percent(7))
    ),
}


@pytest.mark.parametrize("text", REQUESTS)
def test_requests(text: str) -> None:
    assert read_strategy(text) == REQUESTS[text]


def test_indicators_and_patterns_of_a_strategy() -> None:
    spec = read_strategy(
        "Buy when RSI(7) < 30 and a doji forms and close > SMA(50); sell on a doji or a hammer or RSI(7) > 70, "
        "with a 2 ATR(20) stop"
    )
    assert indicators_of(spec) == [Indicator("atr", (20,)), Indicator("rsi", (7,)), Indicator("sma", (50,))]
    assert patterns_of(spec) == ["doji", "hammer"]


def test_exits_in_words() -> None:
    exits = Exits(signal=A, stop_loss=percent(5), trailing_stop=atrs(2), max_bars=30)
    text = "when RSI(14) is below 30, at a 5% stop loss, at a 2 ATR(14) trailing stop, or after 30 bars"
    assert describe_exits(exits) == text
