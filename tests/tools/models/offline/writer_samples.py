"""Strategies that together use every indicator, line, pattern, operator and exit."""

from pathlib import Path
from typing import get_args

from tools.models.offline.architecture import FIXTURES, sealed_test
from tools.models.offline.code import CODE, Files
from tools.models.offline.spec import (
    All,
    Comparison,
    Distance,
    Exits,
    Indicator,
    Line,
    Number,
    Pattern,
    PatternHit,
    Price,
    Some,
    StrategySpec,
)
from tools.models.offline.steps import STEPS

RSI = Line(Indicator("rsi", (14,)))
SMA, LONG_SMA = Line(Indicator("sma", (20,))), Line(Indicator("sma", (200,)))
EMA = Line(Indicator("ema", (50,)))
MACD = Indicator("macd", (12, 26, 9))
BANDS = Indicator("bbands", (20, 2.5))
ATR = Line(Indicator("atr", (10,)))
STOCH = Indicator("stoch", (14, 3, 5))
CLOSE = Price("close")

MACD_TREND = StrategySpec(
    "long",
    All((Comparison(Line(MACD, "macd"), "crosses_above", Line(MACD, "signal")), Comparison(CLOSE, ">", EMA))),
    Exits(
        signal=Comparison(Line(MACD, "macd"), "crosses_below", Line(MACD, "signal")),
        trailing_stop=Distance(2, "atr"),
    ),
)
RSI_DIP = StrategySpec(
    "long",
    Comparison(RSI, "crosses_above", Number(30)),
    Exits(
        signal=Comparison(RSI, ">", Number(70)), stop_loss=Distance(3, "percent"), take_profit=Distance(7.5, "percent")
    ),
)
EVERYTHING = StrategySpec(
    "short",
    Some(
        (
            All((Comparison(CLOSE, "crosses_below", SMA), Comparison(Number(50), ">=", RSI))),
            All(
                (
                    Comparison(Line(STOCH, "k"), "crosses_below", Line(STOCH, "d")),
                    Some((Comparison(ATR, ">", Number(4.5)), Comparison(CLOSE, "<=", Line(BANDS, "upper")))),
                    Comparison(Price("volume"), ">", Number(5e6)),
                )
            ),
            Comparison(Number(450), "crosses_below", CLOSE),
        )
    ),
    Exits(
        signal=Some(
            (Comparison(CLOSE, "<", Line(BANDS, "lower")), Comparison(Line(MACD, "histogram"), ">", Number(0)))
        ),
        stop_loss=Distance(1.5, "atr"),
        take_profit=Distance(3, "atr"),
        trailing_stop=Distance(6, "percent"),
        max_bars=12,
        atr_period=14,
    ),
)
PATTERNS = StrategySpec(
    "long",
    Some(tuple(PatternHit(pattern) for pattern in get_args(Pattern))),
    Exits(max_bars=5),
)
PRICES = StrategySpec(
    "long",
    Comparison(CLOSE, ">", Price("open")),
    Exits(signal=Comparison(CLOSE, "<", Price("open")), take_profit=Distance(2, "percent")),
)
SLOW_TREND = StrategySpec(
    "long",
    All((Comparison(CLOSE, ">", LONG_SMA), PatternHit("hammer"))),
    Exits(signal=PatternHit("bearish_engulfing"), trailing_stop=Distance(5, "percent")),
)
PRICE_CROSS = StrategySpec("long", Comparison(CLOSE, "crosses_above", Number(200)), Exits(max_bars=3))

SPECS = {
    "macd_trend": MACD_TREND,
    "rsi_dip": RSI_DIP,
    "everything": EVERYTHING,
    "patterns": PATTERNS,
    "prices": PRICES,
    "slow_trend": SLOW_TREND,
    "price_cross": PRICE_CROSS,
}


def whole_tree(spec: StrategySpec) -> Files:
    """All that architect and coder write for the four steps."""
    files: Files = {}
    for step in STEPS:
        files |= sealed_test(step.id, step.id, spec) | FIXTURES[step.id](spec) | CODE[step.id](spec)
    return files


def write(files: Files, folder: Path) -> Path:
    """The files on disk, with the settings that a workflow's repository has."""
    settings = '[tool.pytest.ini_options]\npythonpath = ["."]\naddopts = "--import-mode=importlib"\n'
    for path, content in {**files, "pyproject.toml": settings}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return folder
