"""`offline:faulty`: one realistic mistake per step, each of another class, made on the first try."""

from schemas.contract import Contract
from tools.models.offline.code import Files
from tools.models.offline.reader import indicators_of, patterns_of
from tools.models.offline.spec import IndicatorKind, StrategySpec

Edit = tuple[str, str, str]
"""File, right text, wrong text."""

_SLIPS: dict[IndicatorKind, tuple[str, str]] = {
    "rsi": ("1 / period", "2 / (period + 1)"),
    "ema": ("2 / (period + 1)", "1 / period"),
    "atr": ("first=period)", "first=period - 1)"),
    "macd": ("2 / (fast + 1), first=start", "2 / (fast + 1), first=fast - 1"),
    "bbands": ("ddof=0", "ddof=1"),
    "sma": ("rolling(period)", "rolling(period, min_periods=1)"),
    "stoch": ('frame["Low"].rolling', 'frame["Close"].rolling'),
}
"""Slips that people make: the mean of another indicator, a seed one bar off, a warm-up forgotten."""


def order_of_a_set(tests: Files) -> Files:
    """t1, flaky test: two names taken from a set, whose order changes from run to run."""
    (path,) = tests
    return edited(tests, (path, 'lower, upper = ("Low", "High")', 'lower, upper = {"Low", "High"}'))


def wrong_value(files: Files, spec: StrategySpec) -> Files:
    """t2, implementation bug: a slip in RSI, else in another indicator, else in the table."""
    kinds = [indicator.kind for indicator in indicators_of(spec)]
    if kinds:
        kind: IndicatorKind = "rsi" if "rsi" in kinds else kinds[0]
        return edited(files, (f"indicators/{kind}.py", *_SLIPS[kind]))
    table = "indicators/__init__.py"
    if patterns_of(spec):
        return edited(files, (table, "end - candles) : end]", "end - candles) : end - 1]"))
    if ".shift(1)" in files[table]:
        return edited(files, (table, ".shift(1)", ".shift(-1)"))
    return edited(files, (table, "DataFrame(index=frame.index)", "DataFrame()"))


def position_forgotten(contract: Contract) -> Contract:
    """t3, spec mismatch: the contract's `should_enter` lacks the position that todo and tests speak of."""
    (entry,) = contract.interfaces
    signature = entry.signature.replace(", position: Mapping[str, Any] | None", "")
    short = entry.model_copy(update={"signature": signature, "parameters": entry.parameters[:2]})
    return contract.model_copy(update={"interfaces": [short]})


_RATCHET = """\
    best = position["best_price"]
    while best < bar["High"]:
        best = max(best, position["entry_price"])
"""


def endless_ratchet(files: Files) -> Files:
    """t4, timeout: a loop that lifts the best price to the bar's high, and never gets there."""
    guard = "    if position is None:\n        return None\n"
    return edited(files, ("ai_strategy_exit.py", guard, guard + _RATCHET))


def edited(files: Files, edit: Edit) -> Files:
    """The files with one text replaced wherever it stands. Raises ValueError when it stands nowhere."""
    path, right, wrong = edit
    if right not in files[path]:
        raise ValueError(f"{path} does not hold {right!r}")
    return {**files, path: files[path].replace(right, wrong)}
