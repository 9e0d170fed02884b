"""The corpus as tables: kind and theme against the layer where each answer ended, label against the class given."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from rich.table import Table

from corpus.classified import Classified
from corpus.entries import KINDS, Layer
from corpus.failures import CLASSES
from corpus.judgement import Found

DOCS = Path(__file__).parents[1] / "docs"
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


def matrix(found: Sequence[Classified]) -> tuple[list[str], list[list[str]]]:
    """The confusion matrix: its heads, and a row for each label, the classes given in columns of the same order."""
    labels = [name for name in CLASSES if any(each.failure.expect == name for each in found)]
    given = list(dict.fromkeys([*labels, *sorted({each.given for each in found})]))
    counts = Counter((each.failure.expect, each.given) for each in found)
    right = Counter(each.failure.expect for each in found if each.right)
    lines = [
        [label, *(str(counts[label, name] or "") for name in given), f"{right[label]}/{total(counts, label)}"]
        for label in labels
    ]
    return ["really ↓ given →", *given, "right"], lines


def total(counts: Counter[tuple[str, str]], label: str) -> int:
    """Failures of this label."""
    return sum(count for (really, _), count in counts.items() if really == label)


def drawn(heads: Sequence[str], lines: Iterator[list[str]] | Sequence[list[str]]) -> Table:
    """For a terminal."""
    table = Table(*(head.replace("_", "\n") for head in heads), box=None, padding=(0, 1, 0, 0))
    for each in lines:
        table.add_row(*each, style="bold" if "all" in each else "")
    return table


def written(page: str, heads: Sequence[str], lines: Iterator[list[str]] | Sequence[list[str]], closing: str) -> None:
    """Into a page of docs/, in the place of the last one."""
    path = DOCS / page
    cells = [heads, ["---"] * len(heads), *lines]
    text = "\n".join(f"| {' | '.join(each)} |" for each in cells)
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    after = rest.split(END)[1]
    path.write_text(f"{before}{BEGIN}\n{text}\n\n{closing}\n\n{END}{after}", encoding="utf-8")
