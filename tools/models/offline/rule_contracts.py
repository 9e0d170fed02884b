"""Contracts of the entry and exit rules."""

from collections.abc import Sequence

from schemas.contract import Interface, Parameter
from tools.models.offline.interface import function
from tools.models.offline.names import needed, needed_to_leave, number
from tools.models.offline.reader import describe_exits, describe_rule
from tools.models.offline.spec import StrategySpec

_BAR = Parameter(name="bar", type="Mapping[str, float]", description="Open, High, Low, Close and Volume of this bar")


def _strategy_parameters(names: Sequence[str], position: str) -> list[Parameter]:
    wanted = ", ".join(f"`{name}`" for name in names) or "nothing"
    values = f"Asked for: {wanted}. `<name>_previous` is the value on the bar before; patterns are 1 or 0"
    return [
        _BAR,
        Parameter(name="indicators", type="Mapping[str, float]", description=values),
        Parameter(name="position", type="Mapping[str, Any] | None", description=position),
    ]


def entry_contract(spec: StrategySpec) -> list[Interface]:
    """t3."""
    rules = (
        f"Go {spec.side} when: {describe_rule(spec.entry)}. `a crosses above b`: a <= b on the bar before and a > b on "
        "this one; below: the other way round. A comparison with NaN is false. False while a position is open."
    )
    parameters = _strategy_parameters(needed(spec.entry), "The open position; None when there is none")
    doc = f"Whether to go {spec.side} on this bar."
    return [function("should_enter", "ai_strategy_entry.py", parameters, "bool", doc, rules, ["KeyError"])]


def exit_contract(spec: StrategySpec) -> list[Interface]:
    """t4."""
    position = (
        "None when there is none; else entry_price, side, bars_held (bars since the one entered on), best_price (the "
        "best price from entry to the bar before this one: highest high of a long, lowest low of a short position) "
        "and, where a distance is in ATRs, entry_atr (the ATR on the bar entered on)"
    )
    parameters = _strategy_parameters(needed_to_leave(spec.exits), position)
    module, rules = "ai_strategy_exit.py", exit_rules(spec)
    return [
        function(
            "should_exit",
            module,
            parameters,
            "bool",
            f"Whether to close the open {spec.side} position on this bar; False without one.",
            "True exactly when `exit_reason` gives a reason.",
            ["KeyError"],
        ),
        function(
            "exit_reason",
            module,
            parameters,
            "str | None",
            "The first reason that holds; None to stay in, and without a position.",
            rules,
            ["KeyError"],
        ),
    ]


def exit_rules(spec: StrategySpec) -> str:
    """How each exit is measured, in the order in which they count."""
    loss, gain = ("Low <=", "High >=") if spec.side == "long" else ("High >=", "Low <=")
    down, up = ("-", "+") if spec.side == "long" else ("+", "-")
    exits = spec.exits
    parts = []
    for name, distance, touched, sign, price, atr in (
        ("stop_loss", exits.stop_loss, loss, down, "entry_price", "entry_atr"),
        ("trailing_stop", exits.trailing_stop, loss, down, "best_price", f"atr_{exits.atr_period} of this bar"),
        ("take_profit", exits.take_profit, gain, up, "entry_price", "entry_atr"),
    ):
        if distance:
            amount = number(distance.amount)
            level = (
                f"{price} * (1 {sign} {amount} / 100)"
                if distance.unit == "percent"
                else f"{price} {sign} {amount} * {atr}"
            )
            parts.append(f"`{name}`: {touched} {level}")
    if exits.signal:
        parts.append(f"`signal`: {describe_rule(exits.signal)}")
    if exits.max_bars is not None:
        parts.append(f"`time`: bars_held >= {exits.max_bars}")
    order = "; ".join(f"{place}. {part}" for place, part in enumerate(parts, 1))
    return (
        f"Reasons in order, the first that holds is given: {order}. A comparison with NaN is false. `a crosses above "
        "b`: a <= b on the bar before and a > b on this one; below: the other way round. In words: "
        f"{describe_exits(exits)}."
    )
