"""The corpus as a table: kind and theme against the layer where each answer ended."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from rich.table import Table

from corpus.entries import KINDS, Layer
from corpus.judgement import Found

PAGE = Path(__file__).parents[1] / "docs/verdicts.md"
BEGIN, END = "<!-- table -->\n", "<!-- end of table -->\n"
LAYERS: tuple[Layer, ...] = get_args(Layer)
HEADS = ("", "theme", "answers", *(layer.replace("_", " ") for layer in LAYERS), "as expected")


def rows(found: Sequence[Found]) -> Iterator[list[str]]:
    """One row per theme, and one per kind after its themes."""
    for kind in KINDS:
        of_kind = [each for each in found if each.entry.kind == kind]
        for theme in dict.fromkeys(each.entry.theme for each in of_kind):
            yield row("", theme, [each for each in of_kind if each.entry.theme == theme])
        if of_kind:
            yield row(kind, "all", of_kind)


def row(kind: str, theme: str, found: Sequence[Found]) -> list[str]:
    """How many answers ended in each layer."""
    counts = Counter(each.layer for each in found)
    figures = [str(counts[layer] or "") for layer in LAYERS]
    return [kind, theme, str(len(found)), *figures, str(sum(each.right for each in found))]


def drawn(found: Sequence[Found]) -> Table:
    """For a terminal."""
    table = Table(*HEADS, box=None, padding=(0, 1, 0, 0))
    for each in rows(found):
        table.add_row(*each, style="bold" if each[0] else "")
    return table


def written(found: Sequence[Found], closing: str) -> None:
    """Into the page, in the place of the last one."""
    lines = [HEADS, ["---"] * len(HEADS), *rows(found)]
    text = "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
    before, rest = PAGE.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n\n{closing}\n\n{END}{after}", encoding="utf-8")
