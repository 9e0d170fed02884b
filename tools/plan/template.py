"""The four-step template of a strategy."""

from collections.abc import Iterator

from schemas.todo import TodoItem, TodoList
from tools.globs import overlap

TEMPLATE = {
    "t1_data_integration": "backtesting_adapter.py",
    "t2_indicators": "indicators/*.py",
    "t3_entry_conditions": "ai_strategy_entry.py",
    "t4_exit_conditions": "ai_strategy_exit.py",
}
"""Id of each step, in order → what it makes."""


def template_faults(plan: TodoList) -> Iterator[str]:
    """Where a plan leaves the template, as `path: message`."""
    ids = [item.id for item in plan.items]
    if ids != list(TEMPLATE):
        yield f"items: a strategy has exactly {', '.join(TEMPLATE)}; got {', '.join(ids)}"
        return
    for place, item in enumerate(plan.items):
        yield from (f"items[{place}].{fault}" for fault in _step_faults(item, ids[place - 1] if place else None))


def _step_faults(item: TodoItem, before: str | None) -> Iterator[str]:
    artifact = TEMPLATE[item.id]
    if before and before not in item.dependencies:
        yield f"dependencies: {item.id} must depend on {before}"
    if not any(overlap(artifact, pattern) for pattern in item.output_artifacts):
        yield f"output_artifacts: {item.id} makes {artifact}: declare it"
    if item.agent_role != "coder":
        yield f"agent_role: {item.id} is done by the coder, not the {item.agent_role}"
