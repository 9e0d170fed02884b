"""The drawn graphs in the docs are those of the code."""

from scripts.draw_graphs import PAGE, page


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == page(), "run: python -m scripts.draw_graphs"
