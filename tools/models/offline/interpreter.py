"""What a rule means, evaluated directly from its tree: the judge of the generated code."""

from collections.abc import Mapping
from typing import Any

from tools.models.offline.names import operand_name, pattern_column
from tools.models.offline.spec import (
    All,
    Comparison,
    Distance,
    Number,
    Operand,
    PatternHit,
    Rule,
    Some,
    StrategySpec,
)

Values = Mapping[str, float]
"""Prices (`close`), lines (`rsi_14`), patterns (`is_doji`) and values of the bar before (`close_previous`)."""


def holds(rule: Rule, values: Values) -> bool:
    """Whether the rule holds; what is not known (NaN) makes its comparison false."""
    match rule:
        case All(rules=rules):
            return all(holds(part, values) for part in rules)
        case Some(rules=rules):
            return any(holds(part, values) for part in rules)
        case PatternHit(pattern=pattern):
            return values[pattern_column(pattern)] == 1
        case Comparison():
            return _compare(rule, values)


def value_of(operand: Operand, values: Values, suffix: str = "") -> float:
    """A number is what it is; all else is looked up."""
    return operand.value if isinstance(operand, Number) else float(values[operand_name(operand) + suffix])


def _compare(rule: Comparison, values: Values) -> bool:
    left, right = value_of(rule.left, values), value_of(rule.right, values)
    match rule.operator:
        case ">":
            return left > right
        case "<":
            return left < right
        case ">=":
            return left >= right
        case "<=":
            return left <= right
    was, limit = value_of(rule.left, values, "_previous"), value_of(rule.right, values, "_previous")
    return (was <= limit and left > right) if rule.operator == "crosses_above" else (was >= limit and left < right)


def exit_levels(spec: StrategySpec, values: Values, position: Mapping[str, Any]) -> dict[str, float]:
    """Reason → price at which it closes the position, in the order of precedence."""
    exits, atr = spec.exits, f"atr_{spec.exits.atr_period}"
    found = {}
    if exits.stop_loss:
        found["stop_loss"] = _away(spec, exits.stop_loss, position["entry_price"], position.get("entry_atr"), -1)
    if exits.trailing_stop:
        found["trailing_stop"] = _away(spec, exits.trailing_stop, position["best_price"], values.get(atr), -1)
    if exits.take_profit:
        found["take_profit"] = _away(spec, exits.take_profit, position["entry_price"], position.get("entry_atr"), 1)
    return found


def _away(spec: StrategySpec, distance: Distance, price: float, atr: float | None, gain: int) -> float:
    """The price at a distance in the direction of gain (1) or loss (-1)."""
    sign = gain if spec.side == "long" else -gain
    if distance.unit == "percent":
        return price * (1 + sign * (distance.amount / 100))
    return price + sign * distance.amount * float("nan" if atr is None else atr)


def reason(spec: StrategySpec, values: Values, position: Mapping[str, Any] | None) -> str | None:
    """Why the position is closed on this bar; None: it is not."""
    if position is None:
        return None
    for name, level in exit_levels(spec, values, position).items():
        from_above = (name != "take_profit") == (spec.side == "long")
        if (values["low"] <= level) if from_above else (values["high"] >= level):
            return name
    if spec.exits.signal and holds(spec.exits.signal, values):
        return "signal"
    if spec.exits.max_bars is not None and position["bars_held"] >= spec.exits.max_bars:
        return "time"
    return None
