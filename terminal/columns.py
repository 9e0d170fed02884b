"""The columns of the live table."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from rich.text import Text

from graph.board import STAGES, Branch, Row
from terminal.text import duration, money, one_line

STYLES = {"waiting": "dim", "running": "cyan", "asking": "yellow", "done": "green", "failed": "red"}
SIGNS = {"waiting": "·", "running": "▸", "asking": "?", "done": "✔", "failed": "✘"}
BRANCH_STYLES = {"open": "yellow", "resolved": "green", "exhausted": "red", "escalated": "magenta"}


@dataclass(frozen=True)
class Column:
    """What a todo and a branch todo show in one column."""

    name: str
    room: int
    """Columns of a terminal from which this one is shown."""
    todo: Callable[[Row], Text]
    branch: Callable[[Branch], Text]
    justify: Literal["left", "right"] = "left"
    ratio: int | None = None


def _sign(row: Row) -> Text:
    return Text(SIGNS[row.state], STYLES[row.state])


def _id(row: Row) -> Text:
    return one_line(row.id, "dim" if row.state == "waiting" else "bold")


def _branch_id(branch: Branch) -> Text:
    return Text("└ ", "dim").append_text(one_line(branch.id[branch.id.find("branch_") :], "dim"))


def _title(row: Row) -> Text:
    return one_line(row.title, "dim" if row.state == "waiting" else "default")


def _route(branch: Branch) -> Text:
    return one_line(f"{branch.failure_class} → {branch.route}", BRANCH_STYLES.get(branch.status, "dim"))


def _stage(row: Row) -> Text:
    if row.state == "asking":
        return Text("your answer", "yellow")
    if row.state != "running":
        return one_line(row.status, STYLES[row.state])
    return one_line(row.stage or "starts", "magenta" if row.stage == "debugger" else "cyan")


def _track(row: Row) -> Text:
    """A dot for each stage: passed, at work, to come."""
    if row.state == "done":
        return Text("●" * len(STAGES), "green")
    if row.state != "running" or row.stage not in STAGES:
        return Text("○" * len(STAGES), "dim")
    passed = STAGES.index(row.stage)
    return Text().append("●" * passed, "green").append("●", "cyan").append("○" * (len(STAGES) - passed - 1), "dim")


def _number(value: int) -> Text:
    return Text(str(value) if value else "", "default")


def _time(row: Row) -> Text:
    return Text(duration(row.seconds(datetime.now(UTC))) if row.started else "", "dim")


def _cost(row: Row) -> Text:
    return Text(money(row.cost_usd) if row.started else "", "dim")


def _nothing(_branch: Branch) -> Text:
    return Text()


COLUMNS = (
    Column("", 0, _sign, _nothing),
    Column("todo", 0, _id, _branch_id),
    Column("", 60, _title, _route, ratio=1),
    Column("", 60, _track, _nothing),
    Column("stage", 0, _stage, lambda branch: one_line(branch.status, BRANCH_STYLES.get(branch.status, "dim"))),
    Column("try", 60, lambda row: _number(row.attempt), lambda branch: _number(branch.attempts), "right"),
    Column("tests", 96, lambda row: one_line(row.tests), _nothing, "right"),
    Column("time", 0, _time, _nothing, "right"),
    Column("cost", 96, _cost, _nothing, "right"),
)
