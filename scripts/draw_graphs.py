"""Writes `docs/graphs.md`: each graph as the code has it. Run: `python -m scripts.draw_graphs`."""

from pathlib import Path

from graph.graphs import GRAPHS, Graph

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/graphs.md"
HEAD = """# The graphs

Drawn from the code by `python -m scripts.draw_graphs`; a test fails when this page and the code differ.
"""


def page() -> str:
    """The whole page."""
    return HEAD + "".join(section(name, graph) for name, graph in GRAPHS.items())


def section(name: str, graph: Graph) -> str:
    """One graph, subgraphs opened."""
    drawing = graph.get_graph(xray=True).draw_mermaid().strip()
    return f"\n## {name}\n\n```mermaid\n{drawing}\n```\n"


if __name__ == "__main__":
    PAGE.write_text(page())
