"""Lists and stories of workflows."""

from collections.abc import Iterator
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from graph.board import described
from schemas.events import Event
from schemas.report import TestReport
from terminal.evidence import outcome_panel, plan_table, report_table
from terminal.failures import diagnostics_view, failure_report_view
from terminal.text import harmless, one_line


def workflows_table(rows: list[dict[str, Any]]) -> RenderableType:
    """The newest workflows."""
    if not rows:
        return Text('No workflow yet. Start one: aidev run "…"')
    table = Table(box=None, pad_edge=False)
    for name, width in {"id": 8, "status": 9, "started": 16}.items():
        table.add_column(name, min_width=width, no_wrap=True)
    table.add_column("request")
    for row in rows:
        table.add_row(
            row["workflow_id"][:8], row["status"], row["created_at"][:16].replace("T", " "), one_line(row["request"])
        )
    return table


def story(found: dict[str, Any]) -> Iterator[RenderableType]:
    """Plan, stages, evidence, branches and cost."""
    if found["plan"]:
        yield plan_table(found["plan"])
    yield stages(found["events"])
    for todo in found["outcome"]["todos"]:
        if todo["test_report"]:
            yield report_table(TestReport.model_validate(todo["test_report"]))
        yield from failures(todo)
    yield branches(found["branches"])
    yield costs(found["cost_by_role"], found["cost_by_task"])
    yield outcome_panel(found["outcome"])


def failures(todo: dict[str, Any]) -> Iterator[RenderableType]:
    """Each branch todo: the report of one that did not mend, else what was last found."""
    found = zip(todo["diagnoses"], todo["diagnostics"], todo["failure_reports"], strict=True)
    for diagnosis, facts, report in found:
        if report:
            yield failure_report_view(report)
        elif diagnosis:
            route = f"{diagnosis['failure_class']} → {diagnosis['route']}"
            yield Text.assemble((f"{diagnosis['id']}  ", "bold"), one_line(route))
            yield diagnostics_view(facts) if facts else harmless(diagnosis["explanation"])


def stages(events: list[dict[str, Any]]) -> Table:
    """What happened, in order."""
    table = Table(title="Stages", title_justify="left", box=None, pad_edge=False, show_header=False)
    for event in map(Event.model_validate, events):
        table.add_row(f"{event.timestamp.astimezone():%H:%M:%S}", harmless(described(event)))
    return table


def branches(found: dict[str, str]) -> Table:
    """Git branches and where they stand."""
    table = Table(title="Branches", title_justify="left", box=None, pad_edge=False)
    table.add_column("branch", overflow="fold")
    table.add_column("commit")
    for name, commit in found.items():
        table.add_row(name, commit[:12])
    return table


def costs(by_role: dict[str, Any], by_task: dict[str, Any]) -> Table:
    """Model calls, tokens and cost."""
    table = Table(title="Cost", title_justify="left", box=None, pad_edge=False)
    for name in ("by", "calls", "tokens", "USD"):
        table.add_column(name, justify="left" if name == "by" else "right")
    for name, totals in {**by_role, **by_task}.items():
        table.add_row(name, str(totals["model_calls"]), str(totals["tokens"]), f"{totals['cost_usd']:.4f}")
    return table
