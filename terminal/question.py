"""What waits for a person: the question, what it is about, and the possible answers. All text in it is data."""

from collections.abc import Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from terminal.evidence import facts_grid, plan_table
from terminal.failures import failure_report_view
from terminal.text import harmless, one_line


def approval_panel(payload: Mapping[str, Any]) -> RenderableType:
    """What waits for a person: the question, what it is about, and the possible answers."""
    action = payload["action_requests"][0]
    args = action.get("args") or {}
    parts: list[RenderableType] = [harmless(action.get("description") or action["name"])]
    if action["name"] == "approve_plan" and "todo_list" in args:
        problem = str(action.get("description", "")).rpartition("\n\n")[0]
        parts = [*([harmless(problem, "red"), Text()] if problem else []), plan_table(args["todo_list"])]
    elif action["name"] == "escalation":
        parts += [Text(), failure_report_view(args)]
    elif plain := {name: value for name, value in args.items() if name != "summary"}:
        parts += [Text(), facts_grid(plain)]
    allowed = payload["review_configs"][0]["allowed_decisions"]
    title = one_line(f"{action['name'].replace('_', ' ')}: your decision", "bold yellow")
    answers = one_line(" · ".join(allowed), "yellow")
    return Panel(
        Group(*parts), title=title, subtitle=answers, title_align="left", border_style="yellow", padding=(1, 2)
    )
