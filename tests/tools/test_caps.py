"""Caps: what is taken for one, and what is suggested when one is reached."""

from decimal import Decimal
from typing import Any

import pytest

from schemas.errors import BadInput, BudgetKind, DecisionRefused
from tools import caps


@pytest.mark.parametrize(
    ("kind", "value", "meant"),
    [("usd", 2, 2.0), ("seconds", 0.5, 0.5), ("tokens", 20.0, 20), ("calls", 0, 0), ("calls", None, None)],
)
def test_a_cap_is_taken_as_a_number(kind: BudgetKind, value: object, meant: float | None) -> None:
    found = caps.checked("budget", kind, value)
    assert (found, type(found)) == (meant, type(meant))


@pytest.mark.parametrize("kind", ["usd", "tokens", "calls", "seconds"])
@pytest.mark.parametrize("value", [-1, -0.5, True, "5", [5], float("nan"), float("inf")])
def test_what_is_no_cap_is_refused_by_its_name(kind: BudgetKind, value: object) -> None:
    with pytest.raises(BadInput, match=rf"budget_{kind}: .*{'' if isinstance(value, str | list) else value}"):
        caps.checked(f"budget_{kind}", kind, value)


def test_tokens_and_calls_come_whole() -> None:
    with pytest.raises(BadInput, match=r"budget_calls: 2\.5 is no whole number of model calls"):
        caps.checked("budget_calls", "calls", 2.5)


SHOWN = {"kind": "tokens", "cap": 1000, "spent": 1200.0, "new_cap": 2000}


def test_an_edit_gives_the_new_cap() -> None:
    assert caps.new_cap(SHOWN, {**SHOWN, "new_cap": 1201}) == 1201


@pytest.mark.parametrize("edit", [{}, {"new_cap": 1200}, {"new_cap": "many"}, {"new_cap": -1}, {"new_cap": None}])
def test_an_edit_that_leaves_no_room_is_refused(edit: dict[str, Any]) -> None:
    with pytest.raises(DecisionRefused, match="new_cap") as caught:
        caps.new_cap(SHOWN, edit)
    assert "more than 1200.0 tokens" in caught.value.hint


@pytest.mark.parametrize(
    ("kind", "cap", "spent", "more"),
    [("usd", 1.0, 1.03, 2.0), ("usd", 1.0, 5.0, 8.0), ("usd", 0.0, 0.0, 0.01), ("calls", 20, 20, 40)],
)
def test_twice_the_cap_is_suggested_until_there_is_room(
    kind: BudgetKind, cap: float, spent: float, more: float
) -> None:
    assert caps.suggested(kind, cap, Decimal(str(spent))) == more
