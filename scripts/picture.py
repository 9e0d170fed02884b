"""The picture of the README: a real run, as it looked in the terminal. Run: `python -m scripts.picture ID`."""

import sys
from pathlib import Path

from rich.console import Console

from graph.outcome import outcome
from state import workflows
from terminal.evidence import outcome_panel
from terminal.progress import Progress
from tools.events import recorded

PICTURE = Path(__file__).parents[1] / "docs/run.svg"
WIDTH = 110


def draw(workflow_id: str) -> None:
    """Replay the workflow's events onto a console that records."""
    row = workflows.get(workflow_id)
    with Path("/dev/null").open("w") as nowhere:
        console = Console(record=True, width=WIDTH, file=nowhere, force_terminal=True)
        console.print(
            f"$ make demo\n$ aidev run {row.input['request']!r} --model {row.options['model']} --yes", style="dim"
        )
        progress = Progress(console, row.workflow_id, recorded(row.workflow_id))
        console.print(progress)
        console.print(outcome_panel(outcome(row.workflow_id)))
        console.save_svg(str(PICTURE), title="aidev")


if __name__ == "__main__":
    draw(sys.argv[1])
