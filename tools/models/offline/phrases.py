"""The words that strategies are written in, in base forms: `cross above` is also `crosses above`."""

from collections.abc import Mapping
from typing import Literal, TypeVar

from tools.models.offline.spec import IndicatorKind, Operator, Pattern, PriceField

T = TypeVar("T")
Table = dict[tuple[str, ...], T]
Role = Literal["entry", "exit"]
Side = Literal["long", "short"]
StopName = Literal["stop_loss", "take_profit", "trailing_stop"]


def table(phrases: Mapping[T, str]) -> Table[T]:
    """Phrase → meaning, of meaning → `phrase | phrase`."""
    return {tuple(phrase.split()): value for value, listed in phrases.items() for phrase in listed.split("|")}


def words(listed: str) -> frozenset[str]:
    """The single words of a list."""
    return frozenset(listed.split())


IRREGULAR = {
    "criteria": "criterion", "crossed": "cross", "crossing": "cross", "cuts": "cut", "cutting": "cut",
    "dipped": "dip", "dipping": "dip", "dropped": "drop", "dropping": "drop", "entries": "entry", "fell": "fall",
    "going": "go", "held": "hold", "hitting": "hit", "rose": "rise", "risen": "rise", "slipped": "slip",
    "slipping": "slip", "was": "is", "are": "is", "were": "is", "went": "go", "got": "get", "getting": "get",
    "shorting": "short", "begins": "begin", "trades": "trade", "broke": "break", "came": "come",
}  # fmt: skip

NUMBER_WORDS: Mapping[str, float] = {
    "zero": 0, "half": 0.5, "one": 1, "two": 2, "twice": 2, "double": 2, "three": 3, "triple": 3, "four": 4,
    "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
MULTIPLIERS = {"hundred": 1e2, "thousand": 1e3, "k": 1e3, "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9}
PERCENT = table({True: "percent | per cent | pct"})

NOISE = words("a an the its their then also please just simply current today daily exactly")
BREAKS = words(". ; ! ?")
BOUNDARIES = BREAKS | words(", ) and or & + plus when if whenever while with but provided")

INDICATORS: Table[tuple[IndicatorKind, str | None]] = table(
    {
        ("sma", None): "sma | simple moving average | moving average | simple ma | ma | dma | average | simple average",
        ("ema", None): "ema | exponential moving average | exponential ma | exponential average",
        ("rsi", None): "rsi | relative strength index | relative strength index rsi",
        ("macd", None): "macd | moving average convergence divergence | moving average convergence / divergence",
        ("macd", "macd"): "macd line",
        ("macd", "signal"): "signal line | signal",
        ("macd", "histogram"): "histogram | hist | histogram bar",
        ("bbands", None): "bollinger band | bollinger | bb | bband",
        ("bbands", "upper"): "upper band | upper | top band",
        ("bbands", "middle"): "middle band | middle | mid band | mid",
        ("bbands", "lower"): "lower band | lower | bottom band",
        ("atr", None): "atr | average true range",
        ("stoch", None): "stochastic | stochastic oscillator | slow stochastic | stoch",
        ("stoch", "k"): "%k | %k line | k | k line",
        ("stoch", "d"): "%d | %d line | d | d line",
    }
)
ONE_LINE = {"macd": "macd", "stoch": "k"}
"""The line meant by an indicator's bare name; `value` for the others."""
COUNTS: Mapping[str, tuple[int, ...]] = {"macd": (0, 3), "bbands": (0, 1, 2), "stoch": (0, 1, 3)}
"""How many parameters may be given; one or none for the others."""
UNITS = words("day period bar candle candlestick session d")
DEVIATIONS = table(
    {True: "standard deviation | std dev | std deviation | std | stdev | stddev | sd | sigma | deviation"}
)
PERIOD_WORDS = words("of period length lookback window parameter setting = :")
GLUE = words("of with over using for")

PRICES: Table[PriceField] = table(
    {
        "open": "open | open price | opening price",
        "high": "high | high price",
        "low": "low | low price",
        "close": "close | close price | price | share price | stock price | stock | market | last price | candle | bar "
        "| goog | google | goog price | goog close | google price | google close | goog stock price | market price",
        "volume": "volume | trading volume | share volume",
    }
)
PRONOUNS = words("it they this")
LEVEL_NOUNS = words(
    "level value mark threshold reading indicator line territory zone region area condition oscillator share dollar usd"
)

COPULAS = words("is be has have been stay remain trade hold close finish end still already now in trading currently")
COMPARATIVES: Table[Operator] = table(
    {
        ">": "> | above | over | higher than | greater than | more than | larger than | exceed "
        "| in excess of | surpass",
        "<": "< | below | under | beneath | lower than | less than | smaller than",
        ">=": ">= | at least | no less than | not less than | at or above | above or equal to | no lower than "
        "| greater than or equal to | equal to or greater than | equal to or above | rise to | climb to",
        "<=": "<= | at most | no more than | not more than | at or below | below or equal to | no higher than "
        "| less than or equal to | equal to or less than | equal to or below | fall to | drop to | dip to | decline to",
    }
)
MOTIONS = words(
    "cross crossover break rise move go climb jump push fall drop dip sink slip decline get turn come return surge cut "
    "pass tick enter become"
)
AGAIN = words("back again out once more")
DIRECTIONS: Table[Operator] = table(
    {
        "crosses_above": "above | over | up | up above | up over | up through | up past | up across | upward through "
        "| upwards through | to above",
        "crosses_below": "below | under | beneath | down | down below | down under | down through | down past "
        "| down across | downward through | downwards through | to below",
    }
)
CROSSOVERS: Table[Operator] = table(
    {
        "crosses_above": "bullish crossover | bullish cross | cross bullish | cross bullishly | crossover bullish",
        "crosses_below": "bearish crossover | bearish cross | cross bearish | cross bearishly | crossover bearish",
    }
)
LEANS: Table[Operator] = table({"crosses_above": "bullish", "crosses_below": "bearish"})
CROSS_NOUNS = table({True: "crossover | cross"})
AVERAGE_CROSSES: Table[Operator] = table({"crosses_above": "golden cross", "crosses_below": "death cross"})
TOUCHES = table({True: "touch | reach | hit | tag"})
AND = table({True: "and"})
BETWEEN = table({True: "between"})
FROM_SIDE = table({True: "from below | from above | again | back"})
SIDES: Table[Operator] = table({"crosses_above": "from below", "crosses_below": "from above"})
STATES: Table[tuple[bool, str]] = table(
    {
        (True, "overbought"): "overbought",
        (False, "overbought"): "oversold",
        (True, "zero"): "positive",
        (False, "zero"): "negative",
    }
)
"""State → whether it lies above its level, and what the level is called."""
EXTREMES: Mapping[str, tuple[float, float]] = {"rsi": (30, 70), "stoch": (20, 80)}
"""Kind → oversold below, overbought above."""

PATTERNS: Table[Pattern] = table(
    {
        "bullish_engulfing": "bullish engulfing | bullish engulfing candle | engulfing bullish",
        "bearish_engulfing": "bearish engulfing | bearish engulfing candle | engulfing bearish",
        "hammer": "hammer",
        "hanging_man": "hanging man",
        "inverted_hammer": "inverted hammer | inverse hammer",
        "shooting_star": "shooting star",
        "doji": "doji",
        "morning_star": "morning star",
        "evening_star": "evening star",
        "bullish_harami": "bullish harami",
        "bearish_harami": "bearish harami",
        "three_white_soldiers": "three white soldier | 3 white soldier | white soldier",
        "three_black_crows": "three black crow | 3 black crow | black crow",
        "piercing_line": "piercing line | piercing pattern | piercing",
        "dark_cloud_cover": "dark cloud cover | dark cloud",
    }
)
TWO_WAYS: Table[tuple[Pattern, Pattern]] = table(
    {
        ("bullish_engulfing", "bearish_engulfing"): "engulfing",
        ("bullish_harami", "bearish_harami"): "harami",
    }
)
"""Patterns of two directions, named without one: rising, falling."""
PATTERN_NOUNS = words("pattern candle candlestick bar formation signal")
PATTERN_VERBS = words("form appear occur complete print emerge develop is form formed seen detected shows up has there")

TOGETHER = table(
    {
        True: "while | whilst | with | but | provided | provided that | given | given that | as long as "
        "| so long as | where"
    }
)
CONDITIONAL = table({True: "when | if | only when | only if | whenever | once | as soon as | in case"})
ITEM_INTROS = words("when if whenever once only on upon at after there is we see get")
LISTS: Table[Literal["and", "or"]] = table(
    {
        "and": "all of following | all of following condition | all of these | following | following condition "
        "| all following | all following condition | all condition",
        "or": "any of following | any of following condition | any of these | any one of following | one of following "
        "| either of following | any condition | whichever come first of",
    }
)
LIST_ENDS = words("hold is be true met occur happen : ,")

HEADS: Table[tuple[Role, Side | None]] = table(
    {
        ("entry", "long"): "go long | buy | enter long | open long | long | take long | long entry | buy long "
        "| get long | initiate long | purchase",
        ("entry", "short"): "go short | sell short | short | enter short | open short | take short | short entry "
        "| short sell | get short | initiate short",
        ("entry", None): "enter | entry | get in | open position | open trade | take position | take trade",
        ("exit", None): "exit | close | close out | get out | leave | liquidate | hold until | stay in until "
        "| go flat | take profit when | take profit if | stop out when | stop out if",
        ("exit", "long"): "sell | exit long | close long | long exit | sell long | sell to close | sell out",
        ("exit", "short"): "cover | buy back | buy to cover | exit short | close short | short exit | buy to close",
    }
)
UNSURE_HEADS = words("long short close leave")
"""These begin a clause only when what follows shows it."""
HEAD_SIGNS = words("when if on once whenever upon : as position trade out it goog google stock share after at")
SUBJECTS = words("i we you it that which should will would must can to want only")
OBJECTS = words(
    "position trade goog google alphabet stock share it all everything them market side rule condition signal "
    "criterion strategy logic entire whole open my our any only : in of out"
)
FRAMING = words(
    "make me us build create write give develop design code implement generate program construct produce need want "
    "would like could can you i we help with for on of in to that which using use based upon from and is should as "
    "will it my our this strategy bot system algorithm algo approach model backtest test goog google alphabet stock "
    "share data chart bar price timeframe python script day history historical sample : , -"
)
KINDS = words(
    "trading trade trader simple basic classic good new swing trend follow following momentum mean reversion reverting "
    "breakout position crossover cross golden candle candlestick pattern indicator market rule plan set only side "
    "where long short term"
)
"""What kind of strategy it is: said before the first rule."""
SEPARATORS = BREAKS | words(", and or but :")
DATA_WORDS = words(
    "on of in for using over goog google alphabet data chart bar candle price stock share timeframe frame time history "
    "day historical sample"
)

STOPS: Table[StopName] = table(
    {
        "stop_loss": "stop loss | stop | stoploss | sl | hard stop | hard stop loss | protective stop | fixed stop "
        "| fixed stop loss | initial stop | initial stop loss | loss | protective stop loss | loss limit | stop out",
        "take_profit": "take profit | takeprofit | take profit target | profit target | target | price target | profit "
        "| tp | gain | profit take | take profit level",
        "trailing_stop": "trailing stop | trailing stop loss | trailing exit | trail | trailing sl | trail stop "
        "| trail stop loss | trailing",
    }
)
STOP_INTROS = words(
    "with at on when if use using set place put apply add include have there is plus by price hit reach"
)
LINKS = words("of at is : = - – to reach exceed hit by set be")
TIMES = table({True: "x | * | times | multiple of"})
ENTRY_TAILS = table(
    {True: "below entry | below entry price | above entry | above entry price | from entry | from entry price | away"}
)
PEAK_TAILS = table({True: "from peak | from high | below high | below peak | from highest high | below highest high"})
LAST_TAILS = table({True: "whichever come first | at latest | is hit | is reach | is triggered | hit"})
HOLDS = table(
    {
        True: "hold | hold position | position is hold | after hold "
        "| hold it | hold trade | time exit | time stop | time limit | hold period "
        "| max hold period | maximum hold period | time based exit | hold time | max hold time | maximum hold time"
    }
)
HOLD_LINKS = words("for of at after : is")
LIMITS = table(
    {
        True: "at most | maximum | maximum of | max | max of | no more than | no longer than | not more than | up to "
        "| within | not longer than | have pass | pass | have elapsed"
    }
)
AFTER = table({True: "after"})
