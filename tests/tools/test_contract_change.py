"""What a new version of a contract changes for those who rely on the old one, and what of it was approved."""

from typing import Any

import pytest

from schemas.contract import Contract
from schemas.todo import TodoItem
from tools.contract_change import changes, unapproved


def contract(version: str = "1.0.0", **change: Any) -> Contract:
    """One function, with this change."""
    interface = {
        "name": "should_enter",
        "type": "function",
        "signature": "def should_enter(bar, indicators) -> bool",
        "module": "entry.py",
        "parameters": [{"name": "bar", "type": "Bar"}, {"name": "indicators", "type": "Row"}],
        "return_type": "bool",
        "raises": ["ValueError"],
    }
    models = change.pop("data_models", [])
    facts = {"contract_id": "contract_t", "task_id": "t", "version": version, "data_models": models}
    return Contract.model_validate({**facts, "interfaces": [{**interface, **change}]})


POSITION = [*contract().interfaces[0].model_dump()["parameters"], {"name": "position", "type": "Position"}]
BAR = {"name": "Bar", "type": "dataclass", "fields": [{"name": "close", "type": "float"}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"docstring": "Other words.", "rules": "rounds"}, {}),
        ({"name": "enters"}, {"should_enter": "should_enter is gone"}),
        ({"module": "rules.py"}, {"should_enter": "should_enter moves from entry.py to rules.py"}),
        ({"raises": []}, {"should_enter": "should_enter raises nothing instead of ValueError"}),
        (
            {"parameters": POSITION},
            {
                "should_enter": "should_enter changes from `should_enter(bar: Bar, indicators: Row) -> bool` to "
                "`should_enter(bar: Bar, indicators: Row, position: Position) -> bool`"
            },
        ),
        ({"data_models": [BAR]}, {}),
    ],
)
def test_what_changes(change: dict[str, Any], said: dict[str, str]) -> None:
    assert changes(contract(), contract("1.0.1", **change)) == said


def test_data_models_are_relied_on_too() -> None:
    old = contract(data_models=[BAR])
    assert changes(old, contract()) == {"Bar": "Bar is gone"}
    other = {**BAR, "fields": [{"name": "close", "type": "Decimal"}]}
    assert changes(old, contract(data_models=[other])) == {"Bar": "Bar has other fields"}


@pytest.mark.parametrize(
    ("description", "asked"),
    [
        ("Decide when to go into the market", False),
        ("Write should_enter, which decides when to go in", True),
        ("Implement should_enter(bar, indicators, position) -> bool", False),
        ("Implement `should_enter(bar, indicators, position: Position = None)`", False),
        ("Implement should_enter(bar, indicators)", True),
    ],
)
def test_only_what_the_approved_words_name_is_asked(description: str, asked: bool) -> None:
    item = TodoItem.model_validate(
        {
            "id": "t",
            "title": "Entry conditions",
            "description": description,
            "agent_role": "coder",
            "acceptance_criteria": {"tests": [{"cmd": "pytest"}]},
            "priority": 1,
            "max_retries": 1,
        }
    )
    assert bool(unapproved(contract(), contract("1.1.0", parameters=POSITION), item)) is asked
