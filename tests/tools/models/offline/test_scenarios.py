"""Scenario tables: every reason and every part of a rule is in them, both ways."""

import ast
import json
import math
import re
from typing import Any

import pytest

from tests.tools.models.offline.writer_samples import EVERYTHING, MACD_TREND, RSI_DIP, SPECS
from tools.market_data import daily_bars
from tools.models.offline.architecture import FIXTURES, reference
from tools.models.offline.code import CODE
from tools.models.offline.interpreter import holds, reason
from tools.models.offline.scenarios import entry_scenarios, exit_scenarios
from tools.models.offline.spec import Comparison, Indicator, Line, Number, StrategySpec

RSI = Line(Indicator("rsi", (14,)))


@pytest.mark.parametrize("name", SPECS)
def test_entries_happen_and_do_not_happen(name: str) -> None:
    table = entry_scenarios(SPECS[name], daily_bars(), reference(SPECS[name]))
    assert {row["expected"] for row in table} == {True, False}
    assert all(not row["expected"] for row in table if row["position"])


@pytest.mark.parametrize("name", SPECS)
def test_every_reason_to_leave_is_there(name: str) -> None:
    spec = SPECS[name]
    table = exit_scenarios(spec, daily_bars(), reference(spec))
    exits = spec.exits
    asked = {
        "stop_loss": exits.stop_loss,
        "trailing_stop": exits.trailing_stop,
        "take_profit": exits.take_profit,
        "signal": exits.signal,
        "time": exits.max_bars,
    }
    assert {row["expected"] for row in table} == {None, *(why for why, given in asked.items() if given)}


@pytest.mark.parametrize("rising", [True, False])
def test_a_cross_needs_the_bar_before(rising: bool) -> None:
    rule = Comparison(RSI, "crosses_above" if rising else "crosses_below", Number(30))
    before, now = (29.0, 31.0) if rising else (31.0, 29.0)
    assert holds(rule, {"rsi_14_previous": before, "rsi_14": now})
    assert holds(rule, {"rsi_14_previous": 30.0, "rsi_14": now})
    assert not holds(rule, {"rsi_14_previous": now, "rsi_14": now})
    assert not holds(rule, {"rsi_14_previous": before, "rsi_14": 30.0})
    assert not holds(rule, {"rsi_14_previous": math.nan, "rsi_14": now})


def test_the_stop_comes_before_the_target() -> None:
    bar = {"high": 200.0, "low": 50.0, "close": 100.0, "rsi_14": 50.0}
    position = {"entry_price": 100.0, "best_price": 100.0, "bars_held": 1}
    assert reason(RSI_DIP, bar, position) == "stop_loss"
    assert reason(RSI_DIP, {**bar, "low": 97.01}, position) == "take_profit"
    assert reason(RSI_DIP, {**bar, "low": 97.0}, position) == "stop_loss"
    assert reason(RSI_DIP, {**bar, "low": 97.01, "high": 107.49}, position) is None


def test_a_short_position_is_stopped_above() -> None:
    bar = {"high": 107.5, "low": 99.0, "close": 100.0, "bbands_20_2_5_lower": 0.0, "macd_12_26_9_histogram": -1.0}
    position = {"entry_price": 100.0, "best_price": 101.0, "entry_atr": 5.0, "bars_held": 1}
    assert reason(EVERYTHING, bar, position) == "stop_loss"
    assert reason(EVERYTHING, {**bar, "high": 107.4}, position) == "trailing_stop"
    assert reason(EVERYTHING, {**bar, "high": 107.0, "low": 85.0}, position) == "take_profit"
    assert reason(EVERYTHING, {**bar, "high": 107.0}, position | {"bars_held": 12}) == "time"


CHANGES = [
    ("<=", "<"),
    (">=", ">"),
    (" < ", " <= "),
    (" > ", " >= "),
    (" and ", " or "),
    (" or ", " and "),
    (" + ", " - "),
]
CHANGES += [(" - ", " + "), ("best_price", "entry_price"), ("High", "Close"), ("Low", "Close")]


@pytest.mark.parametrize(
    ("step", "function"), [("t3_entry_conditions", "should_enter"), ("t4_exit_conditions", "exit_reason")]
)
@pytest.mark.parametrize("spec", [MACD_TREND, RSI_DIP, EVERYTHING], ids=["macd_trend", "rsi_dip", "everything"])
def test_scenarios_notice_every_small_change(spec: StrategySpec, step: str, function: str) -> None:
    source = next(iter(CODE[step](spec).values()))
    (table,) = FIXTURES[step](spec).values()
    right = ast.unparse(without_docstrings(ast.parse(source)))
    assert keeps(right, function, json.loads(table))
    changed = {
        right[: found.start()] + new + right[found.end() :]
        for old, new in CHANGES
        for found in re.finditer(re.escape(old), right)
    }
    assert len(changed) >= 2
    assert [source for source in sorted(changed) if keeps(source, function, json.loads(table))] == []


def without_docstrings(tree: ast.Module) -> ast.Module:
    """The code alone; None stands where nothing else would be left."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Module):
            node.body = [
                part for part in node.body if not (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
            ]
    return tree


def keeps(source: str, function: str, table: list[dict[str, Any]]) -> bool:
    """Whether the code gives what every scenario expects."""
    names: dict[str, Any] = {}
    exec(source, names)
    return all(outcome(names[function], row) == row["expected"] for row in table)


def outcome(function: Any, row: dict[str, Any]) -> Any:
    inputs = [
        values and {name: math.nan if value is None else value for name, value in values.items()}
        for values in (row["bar"], row["indicators"], row["position"])
    ]
    try:
        return function(*inputs)
    except TypeError as error:
        return error
