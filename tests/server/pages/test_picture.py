"""Todos as a graph: who stands where, and what fits into a box."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from graph.board import Row
from server.pages.picture import HEIGHT, WIDTH, cut, layers, picture


@st.composite
def plans(draw: st.DrawFn) -> dict[str, list[str]]:
    """Up to twelve todos, each needing some of those before it, in any order."""
    names = [f"t{number}" for number in range(draw(st.integers(0, 12)))]
    needs = {
        name: draw(st.lists(st.sampled_from(names[:at]), unique=True)) if at else [] for at, name in enumerate(names)
    }
    return {name: needs[name] for name in draw(st.permutations(names))}


@given(plans())
def test_each_todo_stands_right_of_what_it_needs_and_on_no_other(needs: dict[str, list[str]]) -> None:
    found = picture(needs, {})
    places = {box.row.id: box for box in found.boxes}
    assert list(places) == list(needs)
    assert all(places[one].x + WIDTH < places[name].x for name in needs for one in needs[name])
    assert all(0 <= box.x <= found.width - WIDTH and 0 <= box.y <= found.height - HEIGHT for box in found.boxes)
    for one, other in combinations(found.boxes, 2):
        assert one.x != other.x or abs(one.y - other.y) >= HEIGHT
    assert len(found.lines) == sum(map(len, needs.values()))


def test_layers_follow_the_dependencies() -> None:
    needs = {"c": ["a", "b"], "a": [], "b": [], "d": ["c"], "e": ["gone"]}
    assert layers(needs) == [["a", "b", "e"], ["c"], ["d"]]


def test_a_line_has_the_state_of_where_it_comes_from() -> None:
    found = picture({"a": [], "b": ["a"]}, {"a": Row("a", state="done")})
    assert [line.state for line in found.lines] == ["done"]


def test_text_is_cut_to_what_fits() -> None:
    assert cut("short", 10) == "short"
    assert cut("much\n too long", 8) == "much to…"
    assert cut("你好你好", 6) == "你好…"
    assert cut("a\x1bb", 10) == "a␛b"
