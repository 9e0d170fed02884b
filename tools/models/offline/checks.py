"""What can be read but makes no sense."""

from tools.market_data import daily_bars
from tools.models.offline.catalogue import INDICATORS
from tools.models.offline.spec import Comparison, Distance, Indicator, Line, Number, Price

_SCALES = {"sma": "price", "ema": "price", "bbands": "price", "rsi": "0 to 100", "stoch": "0 to 100"}
"""Kind → what its values are measured on; other kinds are a scale of their own."""


def indicator_problem(indicator: Indicator) -> str:
    """Why no values can be computed with these parameters; empty when they can."""
    facts, bars = INDICATORS[indicator.kind], len(daily_bars())
    for (name, default), low, value in zip(facts.parameters.items(), facts.smallest, indicator.params, strict=True):
        if value < low or (low == 0 and value == 0):
            return f"{name} must be {'above 0' if low == 0 else f'at least {low:g}'}"
        if value >= bars:
            return f"{name} is too long for the {bars} daily bars at hand"
        if isinstance(default, int) and value != int(value):
            return f"{name} must be a whole number"
    if indicator.kind == "macd" and indicator.params[0] >= indicator.params[1]:
        return "the fast period must be shorter than the slow one"
    return ""


def comparison_problem(comparison: Comparison) -> str:
    """Why the comparison decides nothing; empty when it does."""
    left, right = comparison.left, comparison.right
    numbers = [operand.value for operand in (left, right) if isinstance(operand, Number)]
    if len(numbers) == 2:
        return "two numbers"
    if left == right:
        return "both sides are the same"
    scales = {scale(operand) for operand in (left, right) if not isinstance(operand, Number)}
    if len(scales) > 1:
        return f"{' and '.join(sorted(scales))} are different scales"
    if scales == {"0 to 100"} and any(not 0 <= value <= 100 for value in numbers):
        return "its values lie between 0 and 100"
    return ""


def scale(operand: Line | Price) -> str:
    """What the operand is measured on."""
    if isinstance(operand, Price):
        return "volume" if operand.field == "volume" else "price"
    kind = operand.indicator.kind
    return _SCALES.get(kind, kind.upper())


def distance_problem(name: str, distance: Distance, side: str) -> str:
    """Why the price can never come that far; empty when it can."""
    if not 0 < distance.amount < float("inf"):
        return "it must be above 0"
    downwards = (name == "take_profit") == (side == "short")
    if distance.unit == "percent" and downwards and distance.amount >= 100:
        return "it must be below 100%"
    return ""
