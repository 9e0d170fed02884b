"""The four steps of a strategy: how each is planned, and which one a todo is."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas.errors import UnreadableRequest
from state.text import unfence


@dataclass(frozen=True)
class Step:
    """One step of the template."""

    id: str
    title: str
    artifact: str
    """The file by which the step is known."""
    also: tuple[str, ...]
    """Further files that it makes."""


STEPS = (
    Step("t1_data_integration", "Data loading integration", "backtesting_adapter.py", ()),
    Step("t2_indicators", "Indicators and candle patterns", "indicators/__init__.py", ("indicator_contract.json",)),
    Step("t3_entry_conditions", "Entry conditions", "ai_strategy_entry.py", ()),
    Step("t4_exit_conditions", "Exit conditions", "ai_strategy_exit.py", ()),
)


@dataclass(frozen=True)
class Task:
    """The todo of a prompt."""

    id: str
    step: str
    description: str


def task_of(prompt: str) -> Task:
    """The prompt's todo, as one of the four steps. Raises UnreadableRequest for any other."""
    todo = as_object(unfence(prompt, "todo"))
    task_id = re.sub(r"(_branch_\d+)+$", "", str(todo.get("id", "")))
    for step in STEPS:
        if step.id == task_id or step.artifact in todo.get("output_artifacts", []):
            return Task(task_id, step.id, str(todo.get("description") or ""))
    raise UnreadableRequest(
        f"The offline model knows only the four steps of a strategy, not the todo {task_id or '(none)'!r}.",
        "Plan a strategy, or choose a model that takes any task: --model gemini-…",
    )


def as_object(text: str | None) -> Mapping[str, Any]:
    """The JSON object of a fence; empty when there is none."""
    try:
        found = json.loads(text or "")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
