"""Which strategy a prompt speaks of: its todo's, else the one requested; and what a remark changes in it."""

import re
from dataclasses import replace
from typing import Any

from schemas.errors import UnreadableRequest
from state.text import unfence
from tools.models.offline.reader import describe, describe_exits, describe_rule, read_strategy
from tools.models.offline.spec import Distance, Exits, StrategySpec

_LABEL = "Strategy: "
_ASKING = re.compile(
    r"^(?:\W*\b(?:please|instead|rather|use|take|set|make it|change|i want|i would like|i'd like|the|an?|to)\b\W*)+"
    r"(?!profit)"
    r"|\W*\b(?:instead|please)\b",
    re.IGNORECASE,
)
"""Words of a remark that only ask."""


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
    """The strategy after a person's remark: a whole new one, other exits or another entry. Raises UnreadableRequest."""
    said = _ASKING.sub("", remark.strip())
    for understood in (
        _readable(said),
        _other_exits(spec, said),
        _other_exits(spec, f"Exit with {said}"),
        _other_entry(spec, said),
    ):
        if understood:
            return understood
    raise UnreadableRequest(f"{remark.strip()} (neither a strategy nor an exit nor an entry)")


def _readable(text: str) -> StrategySpec | None:
    try:
        return read_strategy(text)
    except UnreadableRequest:
        return None


def _other_exits(spec: StrategySpec, said: str) -> StrategySpec | None:
    read = _readable(f"{describe_entry(spec)}. {said}")
    same = read is not None and (read.entry, read.side) == (spec.entry, spec.side)
    return replace(spec, exits=replace(spec.exits, **_named(read.exits))) if read and same else None


def _other_entry(spec: StrategySpec, said: str) -> StrategySpec | None:
    read = _readable(f"{said}; exit: {describe_exits(spec.exits)}.")
    return read if read and read.exits == spec.exits else None


def describe_entry(spec: StrategySpec) -> str:
    """The entry alone, as it can be read again."""
    return f"Go {spec.side} when {describe_rule(spec.entry)}"


def _named(exits: Exits) -> dict[str, Any]:
    """The exits that are given; the ATR's period only where a distance is in ATRs."""
    given = {name: value for name, value in vars(exits).items() if value is not None}
    if not any(isinstance(value, Distance) and value.unit == "atr" for value in given.values()):
        del given["atr_period"]
    return given
