"""What a person judges by: plans, reports, approvals, outcomes, the doctor. All text in them is data."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.report import TestReport
from schemas.todo import TodoItem, TodoList
from terminal.text import duration, harmless, money, one_line

STYLES = {
    **dict.fromkeys(("done", "passed", "completed", "resolved", "OK"), "green"),
    **dict.fromkeys(("failed", "error", "timeout", "exhausted", "rejected", "FAIL"), "red"),
    **dict.fromkeys(("blocked", "stopped", "cancelled", "escalated", "open", "skipped", "WARN"), "yellow"),
    **dict.fromkeys(("running", "waiting"), "cyan"),
}
SIGNS = {"green": "✔", "red": "✘", "yellow": "!", "cyan": "·"}
PROOFS = ("trap: ", "held-back: ", "metric: ", "sandbox: ")
"""Begin the names of results that are no tests."""
MOST_FAILURES = 20
"""Failed tests that a report shows in full."""


def plan_table(todo_list: TodoList | Mapping[str, Any]) -> RenderableType:
    """A plan: what each todo does, after what, and how it is judged."""
    plan = TodoList.model_validate(todo_list)
    table = _table("", "todo", "", "after")
    for place, item in enumerate(plan.items, 1):
        after = ", ".join(filter(None, [item.parent_id, *item.dependencies]))
        details = [(item.description or "").split("\n\n")[0], *(f"$ {cmd}" for cmd in commands(item))]
        what = Group(harmless(item.title), *(harmless(text, "dim") for text in details if text))
        table.add_row(Text(str(place), "dim"), harmless(item.id, "bold"), what, harmless(after, "dim"))
    return Group(harmless(plan.workflow_name, "bold"), table)


def commands(item: TodoItem) -> list[str]:
    """The acceptance commands of a todo."""
    return [test.cmd for test in item.acceptance_criteria.tests] if item.acceptance_criteria else []


def todo_panel(item: TodoItem) -> RenderableType:
    """One todo in full."""
    limits = f"{item.max_retries} retries, {item.timeout_seconds} s"
    facts = {
        "role": item.agent_role,
        "after": ", ".join(item.dependencies),
        "makes": ", ".join(item.output_artifacts),
        "judged by": "\n".join(commands(item)),
        "limits": limits if item.max_retries is not None else "",
    }
    body: list[RenderableType] = [
        harmless(item.title, "bold"),
        harmless(item.description or "", "default"),
        Text(),
        facts_grid(facts),
    ]
    return Panel(Group(*body), title=one_line(item.id), title_align="left", box=box.ROUNDED, border_style="cyan")


def report_table(report: TestReport) -> RenderableType:
    """A test report: the verdict, then every test that did not pass, with its reason."""
    counts = report.summary
    head = Text().append_text(status(report.status)).append("  ").append_text(harmless(report.task_id, "bold"))
    head.append(f"  {counts.passed} of {counts.total} passed in {counts.duration_seconds:.1f} s", "default")
    if report.coverage:
        head.append(f"  coverage {report.coverage.line_rate:.0%}", "dim")
    bad = [result for result in report.test_results if result.status != "passed"]
    lines = [Padding(_failure(result.test_name, result.message or result.status), (0, 2)) for result in bad]
    more = [Text(f"  and {len(bad) - MOST_FAILURES} more", "dim")] if len(bad) > MOST_FAILURES else []
    return Group(head, *_proofs(report), *lines[:MOST_FAILURES], *more)


def _proofs(report: TestReport) -> list[RenderableType]:
    """What was measured besides the tests and held: traps, held-back cases, metrics, and limits that were loosened."""
    held = [result for result in report.test_results if result.status == "passed"]
    shown = [f"{result.test_name}: {result.message}" for result in held if result.test_name.startswith(PROOFS)]
    return [Padding(one_line(text, "dim"), (0, 2)) for text in shown]


def _failure(name: str, message: str) -> RenderableType:
    return Group(one_line(name, "red"), Padding(harmless(message[:1000].strip(), "dim"), (0, 2)))


def outcome_panel(result: Mapping[str, Any]) -> RenderableType:
    """How a workflow stands or ended, todo by todo: the object that `--json` prints."""
    return _framed(result, _todos(result), Text()) if result["todos"] else ended_panel(result)


def ended_panel(result: Mapping[str, Any]) -> RenderableType:
    """How a workflow stands or ended, and where the result is."""
    return _framed(result)


def _todos(result: Mapping[str, Any]) -> Table:
    table = _table("", "todo", "", "tests", "try")
    for todo in result["todos"]:
        why = [harmless(todo["reason"], style_of(todo["status"]))] if todo.get("reason") else []
        what = Group(one_line(todo["title"]), *why)
        table.add_row(sign(todo["status"]), harmless(todo["id"], "bold"), what, *_judged(todo))
        for branch in todo["branch_todos"]:
            end = branch["stop_reason"] if branch["status"] in ("exhausted", "escalated") else branch["status"]
            mended = one_line(f"{branch['failure_class']} → {branch['route']} · {end}", "dim")
            table.add_row("", harmless(f"└ {_short(branch['id'])}", "dim"), mended, "", str(branch["attempts"]))
    return table


def _framed(result: Mapping[str, Any], *above: RenderableType) -> Panel:
    spent = [f"{result['model_calls']} model calls", f"{result['tokens']} tokens", money(result["cost_usd"])]
    facts = {
        "stopped by": (result["stop_reason"] or "").replace("_", " ") if result["status"] != "completed" else "",
        "reason": result["reason"] or "",
        "branch": result["release_branch"] or "",
        "repository": result["repo"] or "",
        "spent": " · ".join([*spent, duration(result["seconds"])]),
    }
    title = status(result["status"]).append(" ").append_text(one_line(result["workflow_id"], "dim"))
    return Panel(
        Group(*above, facts_grid(facts)),
        title=title,
        title_align="left",
        border_style=style_of(result["status"]),
        padding=(1, 2),
    )


def _judged(todo: Mapping[str, Any]) -> tuple[Text, str]:
    counts = (todo["test_report"] or {}).get("summary")
    tests = f"{counts['passed']}/{counts['total']}" if counts else ""
    return Text(tests, style_of(todo["status"])), str(todo["attempts"] or "")


def doctor_table(checks: Sequence[Mapping[str, object]]) -> RenderableType:
    """Each check, what was found, and the way out where one is needed."""
    table = _table("", "", "")
    for check in checks:
        found = [harmless(check["detail"])] + ([harmless(f"→ {way}", "yellow")] if (way := check["way_out"]) else [])
        table.add_row(status(str(check["status"])), harmless(check["name"], "bold"), Group(*found))
    return table


def status(word: str) -> Text:
    """A status with its sign and colour."""
    return sign(word).append(" ").append_text(one_line(word))


def sign(word: str) -> Text:
    """The sign of a status alone."""
    return Text(SIGNS.get(style_of(word), "·"), style_of(word))


def style_of(word: str) -> str:
    """The colour of a status."""
    return STYLES.get(word, "default")


def _short(branch_id: str) -> str:
    return branch_id[branch_id.find("branch_") :] if "branch_" in branch_id else branch_id


def facts_grid(facts: Mapping[str, Any]) -> Table:
    """Names and values, without those that are empty."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts.items():
        if value not in ("", None):
            grid.add_row(harmless(name.replace("_", " "), "dim"), harmless(value))
    return grid


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", show_header=any(names))
    for name in names:
        table.add_column(name, overflow="fold", justify="right" if name in ("tests", "try") else "left")
    return table
