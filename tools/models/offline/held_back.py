"""The architect's held-back cases: other dates, and another market, than the sealed tests show."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from schemas.cases import Case
from tools.market_data import daily_bars
from tools.models.offline.catalogue import INDICATORS, PATTERNS
from tools.models.offline.names import crossing, number, pattern_column
from tools.models.offline.reader import indicators_of, patterns_of
from tools.models.offline.reference import indicator_lines, pattern_hits, reference_table, shortest_history
from tools.models.offline.scenarios import entry_scenarios, exit_scenarios
from tools.models.offline.spec import Indicator, IndicatorKind, StrategySpec

PRICES = ("Open", "High", "Low", "Close", "Volume")
SCENARIOS, LAST = 8, 4
"""Scenarios and last values that one call is asked for."""


def other_market() -> pd.DataFrame:
    """The sample backwards at about a third of its prices: as real, and not what the tests read."""
    bars = daily_bars()[::-1].reset_index(drop=True)
    prices = (bars[["Close", "High", "Low", "Open"]] * 0.31).round(2)
    prices.columns = pd.Index(["Open", "High", "Low", "Close"])
    return prices.assign(Volume=bars["Volume"].astype(float), Date=daily_bars()["Date"])


def data_cases(spec: StrategySpec) -> list[Case]:
    """t1: a month that the tests do not ask for, and a symbol without data."""
    bars = daily_bars()
    month = bars[(bars["Date"] >= "2007-05-01") & (bars["Date"] <= "2007-05-31")]
    call = f'fetch_and_prepare_data("{spec.symbol}", "2007-05-01", "2007-05-31")'
    return [
        Case(call=f'{call}["{name}"].tolist()', returns=repr(month[name].tolist())) for name in ("Low", "Volume")
    ] + [Case(call='fetch_and_prepare_data("NOWHERE", "2007-05-01", "2007-05-31")', raises="ValueError")]


def indicator_cases(spec: StrategySpec) -> list[Case]:
    """t2: every function on the other market, against TA-Lib."""
    indicators, patterns = indicators_of(spec), patterns_of(spec)
    market = other_market()
    bars = market.head(min(len(market), shortest_history(indicators, patterns, market) + 60))
    kinds = {indicator.kind: indicator for indicator in indicators}
    cases = [_indicator_case(kind, indicator, bars) for kind, indicator in kinds.items()]
    cases += [case for pattern in patterns for case in _pattern_cases(pattern, market)]
    table = reference_table(bars, indicators, patterns, crossing(spec.entry, spec.exits.signal))
    call = f"compute_indicators({frame(bars)}).iloc[-{LAST}:].astype(float).to_dict('list')"
    return [*cases, Case(call=call, returns=_lists(table.astype(float).to_dict("list")), tolerance=1e-9)]


def _indicator_case(kind: IndicatorKind, indicator: Indicator, bars: pd.DataFrame) -> Case:
    facts = INDICATORS[kind]
    source = frame(bars) if facts.takes == "frame" else f"Series({_list(bars['Close'])})"
    given = ", ".join(f"{name}={number(value)}" for name, value in zip(facts.parameters, indicator.params, strict=True))
    lines = indicator_lines(indicator, bars)
    single = facts.lines == ("value",)
    last = f"tolist()[-{LAST}:]" if single else f"iloc[-{LAST}:].to_dict('list')"
    wanted = _list(lines["value"][-LAST:]) if single else _lists({name: list(lines[name]) for name in facts.lines})
    return Case(call=f"compute_{kind}({source}, {given}).{last}", returns=wanted, tolerance=1e-9)


def _pattern_cases(pattern: Any, market: pd.DataFrame) -> Iterator[Case]:
    hits = pattern_hits(pattern, market)
    candles = PATTERNS[pattern].candles
    for wanted in (True, False):
        places = [place for place, hit in enumerate(hits) if bool(hit) is wanted and place >= candles][:2]
        for place in places:
            window = frame(market.iloc[place + 1 - candles : place + 1])
            yield Case(call=f"{pattern_column(pattern)}({window})", returns=repr(wanted))


def frame(bars: pd.DataFrame) -> str:
    """Source text of a DataFrame with these bars."""
    columns = ", ".join(f"{name!r}: {_list(bars[name])}" for name in PRICES)
    return f"DataFrame({{{columns}}})"


def _list(values: Sequence[float] | Any) -> str:
    return f"[{', '.join(repr(float(value)) for value in values)}]"


def _lists(columns: Mapping[Any, Sequence[float]]) -> str:
    return f"{{{', '.join(f'{str(name)!r}: {_list(values[-LAST:])}' for name, values in columns.items())}}}"


def entry_cases(spec: StrategySpec) -> list[Case]:
    """t3: bars of the other market."""
    market = other_market()
    return [
        Case(call=f"should_enter({_inputs(scenario)})", returns=repr(scenario["expected"]))
        for scenario in _some(entry_scenarios(spec, market, _table(spec, market)))
    ]


def exit_cases(spec: StrategySpec) -> list[Case]:
    """t4: bars of the other market."""
    market = other_market()
    scenarios = _some(exit_scenarios(spec, market, _table(spec, market)))
    reasons = [Case(call=f"exit_reason({_inputs(each)})", returns=repr(each["expected"])) for each in scenarios]
    leaves = [
        Case(call=f"should_exit({_inputs(each)})", returns=repr(each["expected"] is not None)) for each in scenarios[:3]
    ]
    return reasons + leaves


def _table(spec: StrategySpec, bars: pd.DataFrame) -> pd.DataFrame:
    return reference_table(bars, indicators_of(spec), patterns_of(spec), crossing(spec.entry, spec.exits.signal))


def _some(scenarios: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Evenly spread, each result that occurs among them."""
    spread = scenarios[:: max(1, len(scenarios) // SCENARIOS)]
    first = {str(scenario["expected"]): scenario for scenario in reversed(scenarios)}
    return [*first.values(), *(scenario for scenario in spread if scenario not in first.values())]


def _inputs(scenario: dict[str, Any]) -> str:
    return ", ".join(_source(scenario[name]) for name in ("bar", "indicators", "position"))


def _source(values: dict[str, Any] | None) -> str:
    """Source text; null stands for NaN in a scenario."""
    if values is None:
        return "None"
    known = {name: math.nan if value is None else value for name, value in values.items()}
    return f"{{{', '.join(f'{name!r}: {value!r}' for name, value in known.items())}}}"


CASES: Mapping[str, Callable[[StrategySpec], list[Case]]] = {
    "t1_data_integration": data_cases,
    "t2_indicators": indicator_cases,
    "t3_entry_conditions": entry_cases,
    "t4_exit_conditions": exit_cases,
}
