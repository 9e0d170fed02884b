"""Stops and targets as source text."""

from tools.models.offline.names import number
from tools.models.offline.spec import Distance, StrategySpec


def _distances(spec: StrategySpec) -> list[tuple[str, Distance]]:
    exits = spec.exits
    named = [("stop_loss", exits.stop_loss), ("trailing_stop", exits.trailing_stop), ("take_profit", exits.take_profit)]
    return [(name, distance) for name, distance in named if distance]


def _constant(name: str, distance: Distance) -> str:
    return f"{name.upper()}_{'PERCENT' if distance.unit == 'percent' else 'ATRS'}"


def exit_constants(spec: StrategySpec) -> list[tuple[str, str]]:
    """Names and values at the top of the exit module."""
    found = [(_constant(name, distance), number(distance.amount)) for name, distance in _distances(spec)]
    return found + ([("MAX_BARS", str(spec.exits.max_bars))] if spec.exits.max_bars is not None else [])


def exit_levels(spec: StrategySpec) -> list[dict[str, str]]:
    """Per stop and target: its price, and when the bar touches it, as source text."""
    return [_level(spec, name, distance) for name, distance in _distances(spec)]


def _level(spec: StrategySpec, name: str, distance: Distance) -> dict[str, str]:
    gains, trails = name == "take_profit", name == "trailing_stop"
    higher = gains == (spec.side == "long")
    sign, start = "+" if higher else "-", 'position["best_price"]' if trails else 'position["entry_price"]'
    atr = f'indicators["atr_{spec.exits.atr_period}"]' if trails else 'position["entry_atr"]'
    constant = _constant(name, distance)
    percent = f"{start} * (1 {sign} {constant} / 100)"
    return {
        "name": name,
        "price": percent if distance.unit == "percent" else f"{start} {sign} {constant} * {atr}",
        "touched": f'bar["High"] >= {name}' if higher else f'bar["Low"] <= {name}',
    }
