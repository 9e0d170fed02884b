"""The coder's files: implementation and unit tests, from the templates."""

import json
from collections.abc import Callable, Mapping

from tools.models.offline.expressions import expression, helpers
from tools.models.offline.levels import exit_constants, exit_levels
from tools.models.offline.names import needed, needed_to_leave
from tools.models.offline.reader import describe_exits, describe_rule
from tools.models.offline.render import paragraph, render
from tools.models.offline.spec import StrategySpec
from tools.models.offline.table import indicator_contract, indicator_values

Files = dict[str, str]
"""Path → content."""

_SMOOTHED = {"ema", "rsi", "macd", "atr"}


def data_files(spec: StrategySpec) -> Files:
    """t1: the adapter."""
    values = {"symbol": spec.symbol, "fixture": f"sample_{spec.symbol.lower()}.csv", "minimum_rows": 10}
    return {
        "backtesting_adapter.py": render("backtesting_adapter.py.jinja", **values),
        "tests/unit/test_backtesting_adapter.py": render("unit_backtesting_adapter.py.jinja", **values),
    }


def indicator_files(spec: StrategySpec) -> Files:
    """t2: one module per kind of indicator, the patterns, and the table of all."""
    values = indicator_values(spec)
    modules = [*values["kinds"], *(["smoothing"] if _SMOOTHED & set(values["kinds"]) else [])]
    files = {f"indicators/{name}.py": render(f"{name}.py.jinja") for name in modules}
    files |= {f"tests/unit/test_{name}.py": render(f"unit_{name}.py.jinja") for name in modules}
    if values["patterns"]:
        files["indicators/candles.py"] = render("candles.py.jinja")
        files["indicators/patterns.py"] = render("patterns.py.jinja", **values)
        files["tests/unit/test_patterns.py"] = render("unit_patterns.py.jinja", **values)
    files["indicators/__init__.py"] = render("indicators.py.jinja", **values)
    files["indicator_contract.json"] = json.dumps(indicator_contract(spec), indent=2) + "\n"
    files["tests/unit/test_indicators.py"] = render("unit_indicators.py.jinja", **values)
    return files


def entry_files(spec: StrategySpec) -> Files:
    """t3: the entry rule."""
    values = {
        "side": spec.side,
        "rule": as_bool(expression(spec.entry)),
        "rule_text": paragraph(f"The rule: {describe_rule(spec.entry)}."),
        "helpers": helpers(spec.entry),
        "needed": needed(spec.entry),
    }
    return {
        "ai_strategy_entry.py": render("ai_strategy_entry.py.jinja", **values),
        "tests/unit/test_ai_strategy_entry.py": render("unit_ai_strategy_entry.py.jinja", **values),
    }


def as_bool(source: str) -> str:
    """The expression, made a real bool (a comparison of numpy numbers gives numpy's own)."""
    return source if source.startswith(("all(", "any(")) else f"bool({source})"


def exit_files(spec: StrategySpec) -> Files:
    """t4: stops, targets, signal and time."""
    exits = spec.exits
    values = {
        "side": spec.side,
        "constants": exit_constants(spec),
        "levels": exit_levels(spec),
        "signal": expression(exits.signal, operands=4) if exits.signal else "",
        "max_bars": exits.max_bars,
        "rule_text": paragraph(f"The rules: {describe_exits(exits)}."),
        "helpers": helpers(exits.signal),
        "needed": needed_to_leave(exits),
    }
    return {
        "ai_strategy_exit.py": render("ai_strategy_exit.py.jinja", **values),
        "tests/unit/test_ai_strategy_exit.py": render("unit_ai_strategy_exit.py.jinja", **values),
    }


CODE: Mapping[str, Callable[[StrategySpec], Files]] = {
    "t1_data_integration": data_files,
    "t2_indicators": indicator_files,
    "t3_entry_conditions": entry_files,
    "t4_exit_conditions": exit_files,
}
