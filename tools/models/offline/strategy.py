"""Which strategy a prompt speaks of: its todo's, else the one requested; and what a remark changes in it."""

import re
from dataclasses import replace
from typing import Any

from schemas.errors import UnreadableRequest
from state.text import unfence
from tools.models.offline.reader import describe, read_strategy
from tools.models.offline.spec import Distance, Exits, StrategySpec

_LABEL = "Strategy: "
_ANY_ENTRY = "Buy when close is above open. "
"""Makes a text that names only exits a whole strategy."""


def label(spec: StrategySpec) -> str:
    """The line by which every todo carries its strategy."""
    return _LABEL + describe(spec)


def labelled(text: str) -> StrategySpec | None:
    """The strategy that a todo's description carries."""
    lines = [line.removeprefix(_LABEL) for line in text.splitlines() if line.startswith(_LABEL)]
    return read_strategy(lines[-1]) if lines else None


def strategy_of(description: str, prompt: str) -> StrategySpec:
    """The todo's strategy. Raises UnreadableRequest."""
    return labelled(description) or read_strategy(fenced(prompt, "request"))


def fenced(prompt: str, name: str) -> str:
    """What stands in a fence; empty when nothing does."""
    text = (unfence(prompt, name) or "").strip()
    return "" if text == "(none)" else text


def with_remark(spec: StrategySpec, remark: str) -> StrategySpec:
    """The strategy after a person's remark: a whole new one, or other exits. Raises UnreadableRequest."""
    try:
        return read_strategy(remark)
    except UnreadableRequest:
        exits = read_strategy(_ANY_ENTRY + _bare(remark)).exits
    return replace(spec, exits=replace(spec.exits, **_named(exits)))


def _named(exits: Exits) -> dict[str, Any]:
    """The exits that are given; the ATR's period only where a distance is in ATRs."""
    given = {name: value for name, value in vars(exits).items() if value is not None}
    if not any(isinstance(value, Distance) and value.unit == "atr" for value in given.values()):
        del given["atr_period"]
    return given


def _bare(remark: str) -> str:
    """The remark without the words that only ask."""
    words = r"\b(please|instead|rather|use|take|set|make it|with|an?|the|change|to)\b"
    return "Exit with " + re.sub(rf"^\W*(?:{words}\W*)+|\W*\binstead\b", "", remark.strip(), flags=re.IGNORECASE)
