"""What a person sees of a failure: its diagnostics, and the report of a todo that nobody could mend. All is data."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas.diagnostics import ContainerRun, Diagnostics, FailedCheck
from terminal.evidence import style_of
from terminal.text import harmless, one_line
from tools.evidence.wording import MEBIBYTE, frame, headline, is_stopped

MOST_CHECKS, MOST_INPUTS, MOST_FRAMES, MOST_FINDINGS = 5, 4, 3, 10
LONGEST_INPUT = 120
"""Characters."""


def diagnostics_view(found: Mapping[str, Any]) -> RenderableType:
    """The evidence of a failure, in short."""
    facts = Diagnostics.model_validate(found)
    checks = [Padding(_check(check), (0, 2)) for check in facts.failing[:MOST_CHECKS]]
    told = facts.findings or ([] if checks else facts.log.splitlines()[-MOST_FINDINGS:])
    findings = [Padding(harmless(line, "red"), (0, 2)) for line in told[:MOST_FINDINGS]]
    reruns = [f"{name}: {', '.join(states)} when run again" for name, states in facts.reruns.items()]
    notes = [*reruns, *map(_container, facts.containers), *_changes(facts.diff)]
    return Group(
        one_line(headline(facts), "bold red"),
        *checks,
        *findings,
        *_more(facts.counts.failed - len(checks or findings)),
        *(Padding(one_line(note, "dim"), (0, 2)) for note in notes),
    )


def _check(check: FailedCheck) -> RenderableType:
    parts: list[RenderableType] = [one_line(f"{check.name}  {check.status}", "red")]
    parts += [Padding(harmless(check.assertion), (0, 2))] if check.assertion else []
    parts += [Padding(harmless(check.message, "yellow"), (0, 2))]
    shown = check.values and check.values in check.message
    facts = [("left", check.left), ("right", check.right)] if check.left and not shown else []
    facts += [("with", _cut(each)) for each in check.inputs[:MOST_INPUTS]]
    facts += [("at", frame(each)) for each in check.frames[:MOST_FRAMES]]
    return Group(*parts, Padding(_grid(facts), (0, 2)))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_INPUT else f"{text[:LONGEST_INPUT]}…"


def _grid(facts: Sequence[tuple[str, Any]]) -> Table:
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for name, value in facts:
        grid.add_row(Text(name, "dim"), harmless(value, "dim" if name == "at" else ""))
    return grid


def _more(count: int) -> list[RenderableType]:
    return [Text(f"  and {count} more", "dim")] if count > 0 else []


def _container(run: ContainerRun) -> str:
    memory = max((each.memory_bytes for each in run.commands), default=0) / MEBIBYTE
    cpu = sum(each.cpu_seconds for each in run.commands)
    used = f"{run.seconds:.1f} s, {cpu:.1f} s of CPU, {memory:.0f} of {run.memory_limit_bytes / MEBIBYTE:.0f} MiB"
    names = ", ".join(each.name for each in run.commands if each.timed_out) or run.unfinished
    ended = "ended by a limit" if run.ended == "finished" and is_stopped(run) else run.ended.replace("_", " ")
    return f"container {run.container}: {ended}, {used}" + (f", in {names}" if names else "")


def _changes(diff: str) -> Iterator[str]:
    lines = diff.splitlines()
    files = [line.rpartition(" b/")[2] for line in lines if line.startswith("diff --git ")]
    if files:
        yield f"changed since the last run: {', '.join(files)}"


def failure_report_view(report: Mapping[str, Any]) -> RenderableType:
    """Why a todo was given up: the failure, what was tried, the best state, and what a person could do."""
    best = report["best"]
    facts = [
        ("stopped by", report["stop_reason"].replace("_", " ")),
        ("class", report["failure_class"]),
        ("best", f"attempt {best['number']}, {best['failing']} failing: {best['summary']}"),
        ("branch", f"{best['branch']} at {best['commit'][:12]}"),
    ]
    ways = [_item(text) for text in report["suggestions"]]
    body: list[RenderableType] = [
        harmless(report["title"], "bold"),
        harmless(report["summary"], "red"),
        *_titled("", _grid(facts)),
        *(_titled("Evidence", diagnostics_view(report["diagnostics"])) if report["diagnostics"] else []),
        *_titled("Tried", tried_table(report["tried"])),
        *(_titled("What you could do", Group(*ways)) if ways else []),
    ]
    title = one_line(f"{report['todo']}: not mended", "bold red")
    return Panel(Group(*body), title=title, title_align="left", box=box.ROUNDED, border_style="red", padding=(1, 2))


def _titled(title: str, body: RenderableType) -> list[RenderableType]:
    return [Text(), *([Text(title, "bold")] if title else []), body]


def _item(text: str) -> RenderableType:
    row = Table.grid(padding=(0, 1, 0, 0))
    row.add_row(Text("→", "yellow"), harmless(text))
    return row


def tried_table(tried: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Each attempt: what it was taken for, what it changed, and what still failed."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name in ("try", "class", "failing", "changed, and what came of it"):
        table.add_column(name, overflow="fold", justify="right" if name in ("try", "failing") else "left")
    for attempt in tried:
        route = f" → {attempt['route']}" if attempt["route"] else ""
        changes = [harmless(each, "dim") for each in attempt["changed"]]
        table.add_row(
            str(attempt["number"]),
            harmless(f"{attempt['failure_class']}{route}", style_of("open")),
            str(attempt["failing"]),
            Group(*changes, harmless(attempt["summary"])),
        )
    return table
