"""The picture of the README: a real run, as it looked in the terminal. Run: `python -m scripts.picture ID`."""

import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

from graph.outcome import outcome
from state import workflows
from terminal.evidence import ended_panel
from terminal.progress import Progress
from tools.events import recorded

PICTURE = Path(__file__).parents[1] / "docs/run.svg"
WIDTH = 110


def draw(workflow_id: str) -> None:
    """Replay the workflow's events onto a console that records."""
    row = workflows.get(workflow_id)
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(f"$ make demo MODEL={row.options['model']}", highlight=False)
        progress = Progress(console, row.workflow_id, recorded(row.workflow_id))
        progress.freeze()
        console.print(progress, Text())
        console.print(ended_panel(outcome(row.workflow_id)))
        drawn = console.export_svg(title="aidev")
    PICTURE.write_text(re.sub(r"@font-face \{.*?\}\s*", "", drawn, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    draw(sys.argv[1])
