"""Caps on money, tokens, calls and seconds: which hold, what may be given for one, and how they are told."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from schemas.errors import BadInput, BudgetKind, DecisionRefused
from settings import settings
from tools import ledger

Caps = Mapping[BudgetKind, float]
UNITS: dict[BudgetKind, str] = {"usd": "USD", "tokens": "tokens", "calls": "model calls", "seconds": "seconds of work"}
_LEAST: Caps = {"usd": 0.01, "tokens": 10_000, "calls": 10, "seconds": 60}
"""The smallest cap that is suggested."""


def workflow_caps(options: Mapping[str, Any]) -> Caps:
    """The caps that hold for a workflow with these options. Raises BadInput."""
    return kept(options["model"], {kind: options.get(f"budget_{kind}") for kind in UNITS}, "Leave out --budget.")


def todo_caps(options: Mapping[str, Any], task_id: str) -> Caps:
    """The caps that hold for one of its todos: those of the settings, or what they were raised to. Raises BadInput."""
    raised = options.get("todo_caps", {}).get(task_id, {})
    given = {kind: getattr(settings(), f"todo_budget_{kind}") for kind in UNITS}
    caps = {kind: None if cap is None else max(cap, raised.get(kind, cap)) for kind, cap in given.items()}
    return kept(options["model"], caps, "Unset TODO_BUDGET_USD.")


def kept(model: str, caps: Mapping[BudgetKind, float | None], way_out: str) -> Caps:
    """Without those that are not set; money is no matter for a model that costs none. Raises BadInput."""
    found = {kind: cap for kind, cap in caps.items() if cap is not None}
    if "usd" in found and not ledger.priced(model):
        raise BadInput(f"No price is known for {model}: a budget in USD cannot be kept.", way_out)
    if ledger.free(model):
        found.pop("usd", None)
    return found


def checked(name: str, kind: BudgetKind, cap: object) -> float | None:
    """A cap that a person gave; None for no limit. Raises BadInput naming it."""
    return whole(name, kind, cap) if kind in ("tokens", "calls") else amount(name, kind, cap)


def amount(name: str, kind: BudgetKind, cap: object) -> float | None:
    """One of money or time."""
    if cap is None:
        return None
    if isinstance(cap, bool) or not isinstance(cap, int | float) or not math.isfinite(cap) or cap < 0:
        raise BadInput(f"{name}: {cap!r} is no limit in {UNITS[kind]}.", "Give a number of 0 or more, or leave it out.")
    return float(cap)


def whole(name: str, kind: BudgetKind, cap: object) -> int | None:
    """One of what comes in whole numbers."""
    found = amount(name, kind, cap)
    if found is None:
        return None
    if not found.is_integer():
        raise BadInput(f"{name}: {cap!r} is no whole number of {UNITS[kind]}.", "Give a whole number.")
    return int(found)


def new_cap(shown_before: Mapping[str, Any], given: Mapping[str, Any]) -> float:
    """The cap in a person's edit of a question about a budget. Raises DecisionRefused."""
    kind: BudgetKind = shown_before["kind"]
    way_out = f"Give new_cap: more than {shown_before['spent']} {UNITS[kind]}."
    try:
        cap = checked("new_cap", kind, given.get("new_cap"))
    except BadInput as error:
        raise DecisionRefused(error.message, way_out) from error
    if cap is None or cap <= shown_before["spent"]:
        raise DecisionRefused(f"new_cap: {cap} leaves no room.", way_out)
    return cap


def suggested(kind: BudgetKind, cap: float, spent: Decimal) -> float:
    """Twice the cap, and again twice until there is room."""
    more = max(cap * 2, _LEAST[kind])
    while exact(more) <= spent:
        more *= 2
    return more


def exact(amount: float) -> Decimal:
    """As it is written, so that ten dimes are a dollar."""
    return Decimal(str(amount))


def shown(kind: BudgetKind, amount: Decimal) -> str:
    """Dollars to a hundredth of a cent, everything else as whole numbers."""
    return f"{amount:.4f}" if kind == "usd" else f"{amount:.0f}"


def plain(cap: float) -> str:
    """As a person would type it."""
    return str(int(cap)) if cap == int(cap) else f"{cap:.10g}"
