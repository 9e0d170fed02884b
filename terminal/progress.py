"""Live progress: a table on a terminal, one line per event elsewhere."""

import threading
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from graph.board import Board, Row, described
from schemas.events import Event
from terminal.columns import COLUMNS
from terminal.text import duration, money, one_line


class Progress:
    """Shows how a workflow stands, as its events come in from any thread."""

    def __init__(self, console: Console, workflow_id: str, past: Iterable[Event] = ()) -> None:
        self._console, self._workflow_id = console, workflow_id
        self._board, self._lock = Board(), threading.RLock()
        self._spinner: Spinner | None = Spinner("dots", style="cyan")
        self._live = Live(self, console=console, refresh_per_second=8) if console.is_terminal else None
        for event in past:
            self._board.apply(event)

    def __enter__(self) -> Self:
        """Begin to show."""
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the last picture standing."""
        self.freeze()
        if self._live:
            self._live.stop()

    def freeze(self) -> None:
        """Nothing moves any more; the clock stands at the last event."""
        self._spinner = None

    def handle(self, event: Event) -> None:
        """Take an event in and show it; events of other workflows are passed over."""
        if event.workflow_id != self._workflow_id:
            return
        with self._lock:
            self._board.apply(event)
            if self._live is None:
                time = f"{event.timestamp.astimezone():%H:%M:%S}"
                self._console.print(one_line(f"{time} {described(event)}"), soft_wrap=True)

    def __rich__(self) -> RenderableType:
        """The picture of this moment."""
        with self._lock:
            request = [one_line(self._board.request, "dim")] if self._board.request else []
            return Group(Text(), self._head(), *request, Text(), self._table(), *self._foot())

    def _head(self) -> Text:
        board = self._board
        now = datetime.now(UTC) if self._spinner else board.last
        seconds = (now - board.started).total_seconds() if board.started and now else 0.0
        calls = f"{board.calls} call{'' if board.calls == 1 else 's'}"
        head = (
            Text(no_wrap=True, overflow="ellipsis").append("aidev ", "bold").append(self._workflow_id[:8], "bold cyan")
        )
        for fact in filter(None, (board.model, calls, money(board.cost_usd), duration(seconds))):
            head.append(" · ", "dim").append_text(one_line(fact))
        return head

    def _table(self) -> Table:
        columns = [column for column in COLUMNS if column.room <= self._console.width]
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
        for column in columns:
            table.add_column(column.name, justify=column.justify, ratio=column.ratio, no_wrap=True)
        for row in self._shown():
            cells: list[RenderableType] = [column.todo(row) for column in columns]
            if self._spinner and row.state == "running":
                cells[0] = self._spinner
            table.add_row(*cells)
            for branch in row.branches.values():
                table.add_row(*(column.branch(branch) for column in columns))
        return table

    def _shown(self) -> list[Row]:
        """All rows while they fit; then only those that are being worked on or went wrong."""
        rows = list(self._board.rows.values())
        lines = sum(1 + len(row.branches) for row in rows)
        if self._spinner is None or lines <= self._console.height - 6:
            return rows
        return [row for row in rows if row.state not in ("waiting", "done")]

    def _foot(self) -> list[RenderableType]:
        hidden = Counter(row.status for row in self._board.rows.values()) - Counter(row.status for row in self._shown())
        counts = ", ".join(f"{count} {status}" for status, count in hidden.items())
        rest = [Text(f"and {counts}", style="dim")] if counts else []
        if self._spinner is None:
            return [*rest]
        return [*rest, Text(), one_line(self._board.latest, "dim")]
