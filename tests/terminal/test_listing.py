"""Lists of workflows fit any width."""

import pytest
from rich.console import Console

from terminal.listing import workflows_table


@pytest.mark.parametrize("width", [80, 60])
def test_a_long_request_leaves_room_for_the_rest(width: int) -> None:
    row = {
        "workflow_id": "0123456789abcdef",
        "status": "completed",
        "created_at": "2026-01-31T09:30:00+00:00",
        "request": "Buy when\n\x1b[2J RSI(14) crosses above 30 " * 10,
    }
    console = Console(width=width, record=True, force_terminal=False)
    console.print(workflows_table([row]))
    lines = console.export_text().splitlines()
    assert lines[1].startswith("01234567  completed  2026-01-31 09:30  Buy when")
    assert len(lines) == 2
    assert "\x1b" not in lines[1]


def test_no_workflow_yet_says_how_to_start_one() -> None:
    console = Console(width=80, record=True)
    console.print(workflows_table([]))
    assert "aidev run" in console.export_text()
