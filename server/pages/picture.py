"""The todos of a workflow as a graph: where each box stands and how the lines between them run. In pixels."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from graph.board import Row
from graph.wording import visible

WIDTH, HEIGHT = 224, 74
ACROSS, DOWN = 48, 18
"""Gaps between layers, and between the boxes of a layer."""
MARGIN = 4
TITLE_CELLS, ID_CELLS = 27, 22
"""Columns of a fixed-width font that fit."""


@dataclass(frozen=True)
class Box:
    """One todo."""

    row: Row
    title: str
    name: str
    x: int
    y: int


@dataclass(frozen=True)
class Line:
    """From a todo to one that needs it."""

    path: str
    state: str
    """Of the todo that it comes from."""


@dataclass(frozen=True)
class Picture:
    """All of it."""

    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def picture(needs: Mapping[str, Sequence[str]], rows: Mapping[str, Row]) -> Picture:
    """Layers from left to right, each todo right of all that it needs; `needs`: id → ids, without cycles."""
    columns = layers(needs)
    tallest = max((len(column) for column in columns), default=0)
    places = {
        name: (MARGIN + at * (WIDTH + ACROSS), MARGIN + round((slot + (tallest - len(column)) / 2) * (HEIGHT + DOWN)))
        for at, column in enumerate(columns)
        for slot, name in enumerate(column)
    }
    boxes = [box(rows.get(name) or Row(name), *places[name]) for name in needs]
    lines = [line(places[one], places[name], rows.get(one)) for name in needs for one in needs[name] if one in places]
    width = len(columns) * (WIDTH + ACROSS) - ACROSS + 2 * MARGIN
    return Picture(max(width, 0), tallest * (HEIGHT + DOWN) - DOWN + 2 * MARGIN, boxes, lines)


def layers(needs: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The ids by how many steps lie before them; in each layer near to what they need."""
    depth: dict[str, int] = {}
    while len(depth) < len(needs):
        ready = [name for name in needs if name not in depth and all(one in depth for one in known(needs, name))]
        depth |= {name: 1 + max((depth[one] for one in known(needs, name)), default=-1) for name in ready}
    columns: list[list[str]] = [[] for _ in range(max(depth.values(), default=-1) + 1)]
    for name, at in depth.items():
        columns[at].append(name)
    above: dict[str, int] = {}
    for column in columns:
        column.sort(key=lambda name: fmean([above[one] for one in known(needs, name)] or [0]))
        above |= {name: slot for slot, name in enumerate(column)}
    return columns


def known(needs: Mapping[str, Sequence[str]], name: str) -> list[str]:
    """What a todo needs, of those that there are."""
    return [one for one in needs[name] if one in needs]


def box(row: Row, x: int, y: int) -> Box:
    """One todo, its words cut to fit."""
    return Box(row, cut(row.title, TITLE_CELLS), cut(row.id, ID_CELLS), x, y)


def line(start: tuple[int, int], end: tuple[int, int], row: Row | None) -> Line:
    """A curve from the right side of one box to the left side of another."""
    x, y = start[0] + WIDTH, start[1] + HEIGHT // 2
    to_x, to_y = end[0], end[1] + HEIGHT // 2
    bend = max(ACROSS, to_x - x) // 2
    return Line(f"M{x} {y}C{x + bend} {y} {to_x - bend} {to_y} {to_x} {to_y}", row.state if row else "waiting")


def cut(text: str, cells: int) -> str:
    """The text on one line, with an ellipsis where it is too wide."""
    left = cells
    kept: list[str] = []
    for character in visible(" ".join(text.split())):
        left -= 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if left < 0:
            return "".join(kept[:-1]).rstrip() + "…"
        kept.append(character)
    return "".join(kept)
