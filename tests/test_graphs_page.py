"""The page of graphs is drawn from the code, and the server serves those graphs."""

import json

from graph.graphs import GRAPHS
from scripts.draw_graphs import PAGE, ROOT, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run: python -m scripts.draw_graphs"


def test_the_server_has_every_graph() -> None:
    assert set(json.loads((ROOT / "langgraph.json").read_text())["graphs"]) == set(GRAPHS)
