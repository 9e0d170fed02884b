"""Scenario tables: bars of the sample and hand-made ones, with what must happen on them."""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from tools.models.offline.interpreter import exit_levels, holds, reason
from tools.models.offline.names import leaves
from tools.models.offline.nudge import Bar, at_the_limit, bars_for, satisfied, violated, where_it_decides
from tools.models.offline.spec import Comparison, Rule, StrategySpec

PRICES = ("open", "high", "low", "close", "volume")
Position = dict[str, Any]
Case = tuple[str, Bar, Position | None]
"""Name, values, position."""


def rows(bars: pd.DataFrame, table: pd.DataFrame) -> list[Bar]:
    """Prices and columns, per bar."""
    joined = bars[[name.capitalize() for name in PRICES]].rename(columns=str.lower).join(table)
    return [{str(name): float(value) for name, value in row.items()} for row in joined.to_dict("records")]


def entry_scenarios(spec: StrategySpec, bars: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Bars that should and should not enter."""
    history = rows(bars, table)
    enters = [place for place, bar in enumerate(history) if holds(spec.entry, bar)]
    waits = [place for place, bar in enumerate(history) if not holds(spec.entry, bar)]
    real = [(_day(bars, place), history[place], None) for place in [*_spread(enters, 5), *_spread(waits, 5)]]
    start = history[enters[0]] if enters else _last_known(history)
    yes = satisfied(spec.entry, start)
    made: list[Case] = [
        ("everything as it should be", yes, None),
        ("a position is open", yes, {"side": spec.side, "entry_price": yes["close"], "bars_held": 1}),
        *rule_cases(spec.entry, yes, violated(spec.entry, start), None),
    ]
    return [_written(case, holds(spec.entry, case[1]) and case[2] is None) for case in [*real, *made]]


def exit_scenarios(spec: StrategySpec, bars: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Bars for each reason to leave, and bars to stay."""
    history = rows(bars, table)
    start = _last_known(history)
    quiet = violated(spec.exits.signal, start) if spec.exits.signal else start
    quiet = {**quiet, "high": quiet["close"] * 1.0001, "low": quiet["close"] * 0.9999}
    position = _opened(spec, quiet) | {"bars_held": 1}
    made: list[Case] = [("nothing happens", quiet, position), ("no position", quiet, None)]
    made += level_cases(spec, quiet, position)
    if spec.exits.signal:
        yes = satisfied(spec.exits.signal, quiet)
        made += [("the signal", yes, position), ("the signal without a position", yes, None)]
        made += rule_cases(spec.exits.signal, yes, quiet, position)
    if spec.exits.max_bars is not None:
        held = (spec.exits.max_bars - 1, spec.exits.max_bars, spec.exits.max_bars + 1)
        made += [(f"held for {count} bars", quiet, position | {"bars_held": count}) for count in held]
    cases = [*_walk(spec, bars, history), *made]
    return [_written(case, reason(spec, case[1], case[2])) for case in cases]


def rule_cases(rule: Rule, yes: Bar, no: Bar, position: Position | None) -> Iterator[Case]:
    """Each part of a rule: the only one that holds, the only one that fails, on its limit, not known."""
    bars = [yes, *bars_for(rule, no)]
    for number, leaf in enumerate(leaves(rule), 1):
        decided = where_it_decides(rule, leaf, bars)
        yield f"only part {number} holds", satisfied(leaf, no), position
        yield f"all but part {number} hold", violated(leaf, decided), position
        if isinstance(leaf, Comparison):
            yield from ((f"part {number} {name}", bar, position) for name, bar in at_the_limit(leaf, decided))
    for name in yes:
        if name not in PRICES:
            yield f"{name} not known", {**yes, name: math.nan}, position


def level_cases(spec: StrategySpec, quiet: Bar, position: Position) -> Iterator[Case]:
    """Each price level: reached, touched and just missed; then all of them on one bar."""
    levels = exit_levels(spec, quiet, position)
    for name, level in levels.items():
        side = "low" if level < quiet["close"] else "high"
        for where, price in (("just below", level - 0.01), ("on", level), ("just above", level + 0.01)):
            yield f"{side} {where} the {name}", {**quiet, side: price}, position
    if levels:
        wide = {**quiet, "high": quiet["close"] * 10, "low": 0.01}
        yield "all levels on one bar", wide, position
        yield "all levels without a position", wide, None
        best = position["entry_price"] * (1.5 if spec.side == "long" else 0.5)
        yield "after a large gain", quiet, position | {"best_price": best}
    atr = f"atr_{spec.exits.atr_period}"
    if atr in quiet:
        yield f"{atr} not known", {**quiet, atr: math.nan}, position


def _walk(spec: StrategySpec, bars: pd.DataFrame, history: Sequence[Bar]) -> list[Case]:
    """The strategy over the sample: some bars of each reason, and some without one."""
    position: Position | None = None
    seen: dict[str | None, list[Case]] = {}
    for place, bar in enumerate(history):
        if position is None:
            position = _opened(spec, bar) if holds(spec.entry, bar) else None
            continue
        position = position | {"bars_held": position["bars_held"] + 1}
        why = reason(spec, bar, position)
        seen.setdefault(why, []).append((_day(bars, place), bar, position))
        extreme = (
            max(position["best_price"], bar["high"]) if spec.side == "long" else min(position["best_price"], bar["low"])
        )
        position = None if why else position | {"best_price": extreme}
    return [found[place] for found in seen.values() for place in _spread(range(len(found)), 3)]


def _opened(spec: StrategySpec, bar: Bar) -> Position:
    """A position entered at this bar's close."""
    position = {"side": spec.side, "entry_price": bar["close"], "best_price": bar["close"], "bars_held": 0}
    atr = f"atr_{spec.exits.atr_period}"
    return position | ({"entry_atr": bar[atr]} if atr in bar else {})


def _last_known(history: Sequence[Bar]) -> Bar:
    return next(bar for bar in reversed(history) if not any(map(math.isnan, bar.values())))


def _spread(places: Sequence[int], count: int) -> list[int]:
    """At most `count` of them, evenly spread."""
    step = max(1, len(places) // count)
    return list(places[::step][:count])


def _day(bars: pd.DataFrame, place: int) -> str:
    return f"{bars['Date'].iloc[place]:%Y-%m-%d}"


def _written(case: Case, expected: bool | str | None) -> dict[str, Any]:
    """As it stands in the fixture; what is not known is null."""
    name, bar, position = case
    known = {key: None if math.isnan(value) else value for key, value in bar.items()}
    return {
        "name": name,
        "bar": {price.capitalize(): known[price] for price in PRICES},
        "indicators": {key: value for key, value in known.items() if key not in PRICES},
        "position": None if position is None else {k: None if v != v else v for k, v in position.items()},
        "expected": expected,
    }
