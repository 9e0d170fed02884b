"""The architect's files: sealed tests, the fixtures they read, and the page for people."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from tools.market_data import daily_bars, sample_csv
from tools.models.offline.catalogue import INDICATORS
from tools.models.offline.code import Files
from tools.models.offline.contracts import INTERFACES
from tools.models.offline.names import crossing, number
from tools.models.offline.reader import describe_exits, describe_rule, indicators_of, patterns_of
from tools.models.offline.reference import reference_table
from tools.models.offline.render import render
from tools.models.offline.rule_contracts import exit_rules
from tools.models.offline.scenarios import entry_scenarios, exit_scenarios
from tools.models.offline.spec import IndicatorKind, StrategySpec
from tools.models.offline.table import columns, indicator_values


def reference(spec: StrategySpec) -> pd.DataFrame:
    """TA-Lib's values of all the strategy's columns over the sample."""
    before = crossing(spec.entry, spec.exits.signal)
    return reference_table(daily_bars(), indicators_of(spec), patterns_of(spec), before)


def sealed_test(step: str, task_id: str, spec: StrategySpec) -> Files:
    """The acceptance test of a step."""
    values = {"symbol": spec.symbol, "fixture": f"sample_{spec.symbol.lower()}.csv", **indicator_values(spec)}
    return {f"tests/test_{task_id}.py": render(f"sealed_{step}.py.jinja", **values, checks=parameter_checks(spec))}


def parameter_checks(spec: StrategySpec) -> list[dict[str, Any]]:
    """Per kind of indicator: calls that must be refused, and its defaults spelt out."""
    return [_parameter_check(kind) for kind in sorted({indicator.kind for indicator in indicators_of(spec)})]


def _parameter_check(kind: IndicatorKind) -> dict[str, Any]:
    facts = INDICATORS[kind]
    column = "" if facts.takes == "frame" else '["Close"]'
    refused = [f"{name}={number(low - 1)}" for name, low in zip(facts.parameters, facts.smallest, strict=True)]
    return {
        "kind": kind,
        "source": f"bars{column}",
        "all": f"BARS{column}",
        "series": facts.lines == ("value",),
        "bad": [*refused, "fast=26, slow=26"] if kind == "macd" else refused,
        "defaults": ", ".join(f"{name}={default}" for name, default in facts.parameters.items()),
    }


def data_fixtures(spec: StrategySpec) -> Files:
    """t1: the bars themselves."""
    return {f"fixtures/sample_{spec.symbol.lower()}.csv": sample_csv().decode()}


def indicator_fixtures(spec: StrategySpec) -> Files:
    """t2: bars, and beside them the expected value of every column."""
    table = daily_bars().join(reference(spec))
    return {"fixtures/expected_indicators.csv": table.to_csv(index=False, date_format="%Y-%m-%d", lineterminator="\n")}


def entry_fixtures(spec: StrategySpec) -> Files:
    """t3: scenarios."""
    return {"fixtures/entry_scenarios.json": _table(entry_scenarios(spec, daily_bars(), reference(spec)))}


def exit_fixtures(spec: StrategySpec) -> Files:
    """t4: scenarios."""
    return {"fixtures/exit_scenarios.json": _table(exit_scenarios(spec, daily_bars(), reference(spec)))}


FIXTURES: Mapping[str, Callable[[StrategySpec], Files]] = {
    "t1_data_integration": data_fixtures,
    "t2_indicators": indicator_fixtures,
    "t3_entry_conditions": entry_fixtures,
    "t4_exit_conditions": exit_fixtures,
}


def _table(scenarios: list[dict[str, Any]]) -> str:
    """One scenario per line, numbered."""
    numbered = [{**scenario, "name": f"{place:03d} {scenario['name']}"} for place, scenario in enumerate(scenarios, 1)]
    return "[\n" + ",\n".join(json.dumps(scenario) for scenario in numbered) + "\n]\n"


def page(step: str, spec: StrategySpec) -> str:
    """Markdown for the people who will use the code."""
    return render(
        f"{step}.md.jinja",
        spec=spec,
        interfaces=INTERFACES[step](spec),
        columns=columns(spec),
        entry=describe_rule(spec.entry),
        exits=describe_exits(spec.exits),
        exit_rules=exit_rules(spec),
    )
