"""The table of indicators: its columns, and the source text that computes them."""

from typing import Any

from tools.models.offline.catalogue import INDICATORS, PATTERNS
from tools.models.offline.names import column, column_prefix, crossing, number, operand_name, pattern_column
from tools.models.offline.reader import indicators_of, patterns_of
from tools.models.offline.spec import Indicator, Line, Price, StrategySpec


def indicator_values(spec: StrategySpec) -> dict[str, Any]:
    """What the templates of t2 are filled with."""
    indicators = indicators_of(spec)
    kinds = sorted({indicator.kind for indicator in indicators})
    return {
        "kinds": kinds,
        "imports": sorted([*((kind, f"compute_{kind}") for kind in kinds), *_pattern_import(spec)]),
        "indicators": [{"call": indicator_call(indicator)} for indicator in indicators],
        "patterns": [
            {"name": name, "function": pattern_column(name), "candles": PATTERNS[name].candles}
            for name in patterns_of(spec)
        ],
        "before": [(operand_name(op), _source(op)) for op in crossing(spec.entry, spec.exits.signal)],
        "columns": columns(spec),
    }


def _pattern_import(spec: StrategySpec) -> list[tuple[str, str]]:
    names = sorted(pattern_column(name) for name in patterns_of(spec))
    return [("patterns", ", ".join(names))] if names else []


def _source(operand: Line | Price) -> str:
    name = operand_name(operand)
    return f'frame["{name.capitalize()}"]' if isinstance(operand, Price) else f'table["{name}"]'


def indicator_call(indicator: Indicator) -> str:
    """Source text that computes its columns under their names."""
    facts = INDICATORS[indicator.kind]
    source = "frame" if facts.takes == "frame" else 'frame["Close"]'
    given = ", ".join(f"{key}={number(value)}" for key, value in zip(facts.parameters, indicator.params, strict=True))
    call = f"compute_{indicator.kind}({source}, {given})"
    prefix = column_prefix(indicator)
    return f'{call}.rename("{prefix}")' if facts.lines == ("value",) else f'{call}.add_prefix("{prefix}_")'


def columns(spec: StrategySpec) -> list[str]:
    """Names of the columns that `compute_indicators` gives, in order."""
    lines = [column(found, line) for found in indicators_of(spec) for line in INDICATORS[found.kind].lines]
    hits = [pattern_column(name) for name in patterns_of(spec)]
    return [*lines, *hits, *(f"{operand_name(op)}_previous" for op in crossing(spec.entry, spec.exits.signal))]


def indicator_contract(spec: StrategySpec) -> dict[str, Any]:
    """`indicator_contract.json`: the columns, what computes each, and by which rule."""
    return {
        "function": "compute_indicators",
        "columns": columns(spec),
        "indicators": [
            {
                "function": f"compute_{found.kind}",
                "module": f"indicators/{found.kind}.py",
                "parameters": dict(zip(INDICATORS[found.kind].parameters, map(_plain, found.params), strict=True)),
                "columns": [column(found, line) for line in INDICATORS[found.kind].lines],
                "rule": INDICATORS[found.kind].rule,
            }
            for found in indicators_of(spec)
        ],
        "patterns": [
            {
                "function": pattern_column(name),
                "module": "indicators/patterns.py",
                "candles": PATTERNS[name].candles,
                "rule": PATTERNS[name].rule,
            }
            for name in patterns_of(spec)
        ],
        "previous": "`<name>_previous` is the value of `<name>` on the bar before; NaN on the first bar.",
    }


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
