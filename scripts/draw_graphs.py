"""Writes `docs/graphs.md`: each graph of langgraph.json as the code has it. Run: `python -m scripts.draw_graphs`."""

import importlib
import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/graphs.md"
HEAD = """# The graphs

Drawn from the code by `python -m scripts.draw_graphs`; a test fails when this page and the code differ.
"""


def page() -> str:
    """The whole page."""
    graphs = json.loads((ROOT / "langgraph.json").read_text())["graphs"]
    return HEAD + "".join(section(name, place) for name, place in graphs.items())


def section(name: str, place: str) -> str:
    """One graph, subgraphs opened."""
    module, attribute = place.split(":")
    graph = getattr(importlib.import_module(module), attribute)
    drawing = graph.get_graph(xray=True).draw_mermaid().strip()
    return f"\n## {name}\n\n`{place}`\n\n```mermaid\n{drawing}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
