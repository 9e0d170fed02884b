"""The architect's contracts: every name, parameter, default, error and rule of a step."""

from collections.abc import Callable, Mapping

from schemas.contract import Contract, Example, Interface, Parameter
from tools.models.offline.catalogue import INDICATORS, PATTERNS
from tools.models.offline.interface import function
from tools.models.offline.names import number, pattern_column
from tools.models.offline.reader import indicators_of, patterns_of
from tools.models.offline.rule_contracts import entry_contract, exit_contract
from tools.models.offline.spec import StrategySpec
from tools.models.offline.table import columns


def data_contract(spec: StrategySpec) -> list[Interface]:
    """t1."""
    first = Parameter(name="start", type="str", description="First day, ISO date")
    last = Parameter(name="end", type="str", description="Last day, ISO date, included")
    rules = (
        "Columns Date (datetime64), Open, High, Low, Close (float), Volume (int), in this order; rows in rising order "
        "of Date, no day twice, numbered from 0; values exactly as in the data file. ValueError for a symbol without a "
        "data file, a text that is no ISO date, start after end, and fewer than 10 bars in the range. No network."
    )
    symbol = Parameter(name="symbol", type="str", description=f"There is data for {spec.symbol}")
    doc = "Daily bars from `start` to `end`, both days included, oldest first."
    module = "backtesting_adapter.py"
    return [function("fetch_and_prepare_data", module, [symbol, first, last], "DataFrame", doc, rules, ["ValueError"])]


def indicator_contracts(spec: StrategySpec) -> list[Interface]:
    """t2."""
    kinds = sorted({indicator.kind for indicator in indicators_of(spec)})
    window = Parameter(name="candle_window", type="DataFrame", description="Bars, oldest first; the last one is judged")
    patterns = [
        function(
            pattern_column(name),
            "indicators/patterns.py",
            [window],
            "bool",
            f"{PATTERNS[name].title} on the last candle.",
            PATTERNS[name].rule,
            [],
        )
        for name in patterns_of(spec)
    ]
    return [*(_indicator(kind) for kind in kinds), *patterns, _table(spec)]


def _indicator(kind: str) -> Interface:
    facts = next(facts for name, facts in INDICATORS.items() if name == kind)
    takes = "DataFrame" if facts.takes == "frame" else "Series"
    source = Parameter(name=facts.takes, type=takes, description="Bars or prices, oldest first")
    settings = [
        Parameter(name=name, type=type(default).__name__, default=str(default), required=False)
        for name, default in facts.parameters.items()
    ]
    gives = "Series" if facts.lines == ("value",) else "DataFrame"
    doc = facts.title + ("." if gives == "Series" else f": columns {', '.join(facts.lines)}.")
    least = ", ".join(f"{name} >= {number(low)}" for name, low in zip(facts.parameters, facts.smallest, strict=True))
    rules = f"{facts.rule} Same index as the input. Values as TA-Lib gives them, to 1e-9. ValueError unless {least}"
    rules += " and fast < slow." if kind == "macd" else "."
    return function(f"compute_{kind}", f"indicators/{kind}.py", [source, *settings], gives, doc, rules, ["ValueError"])


def _table(spec: StrategySpec) -> Interface:
    frame = Parameter(name="frame", type="DataFrame", description="Open, High, Low, Close and Volume, oldest first")
    names = ", ".join(f"`{name}`" for name in columns(spec)) or "none"
    rules = (
        f"Columns in this order: {names}. Indicators of prices take Close. `<name>_previous` is the value on the bar "
        "before. Patterns are True or False. No value may depend on a later bar."
    )
    doc = "All columns that entry and exit ask for, one row per bar of `frame`."
    return function("compute_indicators", "indicators/__init__.py", [frame], "DataFrame", doc, rules, [])


INTERFACES: Mapping[str, Callable[[StrategySpec], list[Interface]]] = {
    "t1_data_integration": data_contract,
    "t2_indicators": indicator_contracts,
    "t3_entry_conditions": entry_contract,
    "t4_exit_conditions": exit_contract,
}


def contract(step: str, task_id: str, spec: StrategySpec, version: str, documentation: str) -> Contract:
    """The contract of a step."""
    return Contract(
        contract_id=f"contract_{task_id}",
        task_id=task_id,
        version=version,
        interfaces=INTERFACES[step](spec),
        examples=[EXAMPLES[step](spec)],
        documentation=documentation,
    )


EXAMPLES: Mapping[str, Callable[[StrategySpec], Example]] = {
    "t1_data_integration": lambda spec: Example(
        description="A year of bars",
        code=f'bars = fetch_and_prepare_data("{spec.symbol}", "2006-01-01", "2006-12-31")\nlen(bars)',
        expected_output=251,
    ),
    "t2_indicators": lambda spec: Example(
        description="The columns", code="list(compute_indicators(bars).columns)", expected_output=columns(spec)
    ),
    "t3_entry_conditions": lambda spec: Example(
        description="No second position",
        code='should_enter(bar, indicators, {"entry_price": 100.0})',
        expected_output=False,
    ),
    "t4_exit_conditions": lambda _: Example(
        description="Nothing to leave", code="exit_reason(bar, indicators, None)", expected_output=None
    ),
}
