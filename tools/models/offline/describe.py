"""Strategies in the words in which the reader reads them."""

from collections.abc import Iterator
from decimal import Decimal

from tools.models.offline.names import leaves, series_of
from tools.models.offline.spec import (
    All,
    Comparison,
    Distance,
    Exits,
    Indicator,
    Line,
    Number,
    Operand,
    Pattern,
    PatternHit,
    Price,
    Rule,
    Some,
    StrategySpec,
)

_OPERATORS = {
    ">": "is above",
    "<": "is below",
    ">=": "is at least",
    "<=": "is at most",
    "crosses_above": "crosses above",
    "crosses_below": "crosses below",
}
_LINES = {
    "value": "{name}({params})",
    "macd": "MACD({params})",
    "signal": "the MACD({params}) signal line",
    "histogram": "the MACD({params}) histogram",
    "upper": "the upper Bollinger band ({params})",
    "middle": "the middle Bollinger band ({params})",
    "lower": "the lower Bollinger band ({params})",
    "k": "%K({params})",
    "d": "%D({params})",
}
_PATTERNS = {
    "three_white_soldiers": "three white soldiers form",
    "three_black_crows": "three black crows form",
}


def describe(spec: StrategySpec) -> str:
    """A whole request."""
    return f"Go {spec.side} when {describe_rule(spec.entry)}; exit: {describe_exits(spec.exits)}."


def describe_rule(rule: Rule) -> str:
    """The rule as a clause."""
    match rule:
        case All(rules=rules):
            return " and ".join(map(_part, rules))
        case Some(rules=rules):
            return " or ".join(map(_part, rules))
        case PatternHit(pattern=pattern):
            return _pattern(pattern)
        case Comparison(left=left, operator=operator, right=right):
            return f"{_operand(left)} {_OPERATORS[operator]} {_operand(right)}"


def describe_exits(exits: Exits) -> str:
    """The exits as a list, any of which suffices."""
    parts = [f"when {describe_rule(exits.signal)}"] if exits.signal else []
    parts += [
        f"at a {_distance(distance, exits.atr_period)} {name}"
        for name, distance in (
            ("stop loss", exits.stop_loss),
            ("take profit", exits.take_profit),
            ("trailing stop", exits.trailing_stop),
        )
        if distance
    ]
    if exits.max_bars is not None:
        parts.append(f"after {exits.max_bars} bars")
    *most, last = parts or [""]
    return ", ".join([*most, f"or {last}" if most else last])


def indicators_of(spec: StrategySpec) -> list[Indicator]:
    """Each once, sorted; the ATR of distances among them."""
    return sorted(set(_indicators(spec)), key=lambda found: (found.kind, found.params))


def patterns_of(spec: StrategySpec) -> list[Pattern]:
    """Each once, sorted."""
    return sorted({leaf.pattern for leaf in _leaves(spec) if isinstance(leaf, PatternHit)})


def _leaves(spec: StrategySpec) -> Iterator[Comparison | PatternHit]:
    yield from leaves(spec.entry)
    yield from leaves(spec.exits.signal)


def _indicators(spec: StrategySpec) -> Iterator[Indicator]:
    for leaf in _leaves(spec):
        yield from (operand.indicator for operand in series_of(leaf) if isinstance(operand, Line))
    exits = spec.exits
    distances = (exits.stop_loss, exits.take_profit, exits.trailing_stop)
    if any(distance and distance.unit == "atr" for distance in distances):
        yield Indicator("atr", (exits.atr_period,))


def _part(rule: Rule) -> str:
    return f"({describe_rule(rule)})" if isinstance(rule, All | Some) else describe_rule(rule)


def _pattern(pattern: Pattern) -> str:
    words = pattern.replace("_", " ")
    article = "an" if words[0] in "aeiou" else "a"
    return _PATTERNS.get(pattern, f"{article} {words} forms")


def _operand(operand: Operand) -> str:
    match operand:
        case Number(value=value):
            return _number(value)
        case Price(field=field):
            return field
        case Line(indicator=indicator, line=line):
            params = ", ".join(map(_number, indicator.params))
            return _LINES[line].format(name=indicator.kind.upper(), params=params)


def _number(value: float) -> str:
    """Digits without an exponent; as many as give the same number again."""
    plain = format(Decimal(repr(value)), "f")
    return plain.removesuffix(".0")


def _distance(distance: Distance, atr_period: int) -> str:
    amount = _number(distance.amount)
    return f"{amount}%" if distance.unit == "percent" else f"{amount} ATR({atr_period})"
