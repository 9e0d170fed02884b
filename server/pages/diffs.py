"""A unified diff side by side: files, their hunks, and pairs of lines with their code highlighted."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from markupsafe import Markup
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.util import ClassNotFound
from unidiff.errors import UnidiffParseError
from unidiff.patch import Hunk, PatchedFile, PatchSet

from graph.wording import visible

LONG = 300
"""Changed lines from which a file is shown closed."""
MOST = 4_000
"""Lines of a file that are shown at all."""
RECORDS = ".aidev/"
NOTHING = Markup()
_FORMAT = HtmlFormatter(nowrap=True, classprefix="hl-")


@dataclass(frozen=True)
class Side:
    """One line on one side; `tone` is add, del or empty."""

    number: int | None = None
    code: Markup = NOTHING
    tone: str = ""


@dataclass(frozen=True)
class Part:
    """One hunk."""

    place: str
    lines: list[tuple[Side, Side]]


@dataclass(frozen=True)
class File:
    """One changed file."""

    number: int
    path: str
    kind: str
    added: int
    removed: int
    parts: list[Part]
    is_open: bool
    hidden: int
    """Lines that are not shown."""


class Unreadable(ValueError):
    """The text is no unified diff."""


def files(unified: str) -> list[File]:
    """Every file, a todo's records last. Raises Unreadable."""
    try:
        found = PatchSet(visible(unified))
    except UnidiffParseError as error:
        raise Unreadable(str(error)) from error
    ordered = sorted(found, key=lambda one: one.path.startswith(RECORDS))
    return [_file(number, one) for number, one in enumerate(ordered)]


def _file(number: int, file: PatchedFile) -> File:
    kind = "new" if file.is_added_file else "deleted" if file.is_removed_file else "moved" if file.is_rename else ""
    size = file.added + file.removed
    parts = list(_parts(file, _lexer(file.path)))
    hidden = max(0, sum(len(hunk) for hunk in file) - MOST)
    is_open = size <= LONG and not file.path.startswith(RECORDS)
    return File(number, file.path, kind, file.added, file.removed, parts, is_open, hidden)


def _parts(file: PatchedFile, lexer: Lexer) -> Iterator[Part]:
    left = MOST
    for hunk in file:
        if left > 0:
            place = f"line {hunk.target_start} {hunk.section_header}".strip()
            yield Part(place, list(_pairs(hunk, lexer, left)))
        left -= len(hunk)


def _pairs(hunk: Hunk, lexer: Lexer, most: int) -> Iterator[tuple[Side, Side]]:
    """Lines that stay face each other; what goes faces what comes."""
    old, new = _coloured(hunk, "-", lexer), _coloured(hunk, "+", lexer)
    gone: list[Side] = []
    come: list[Side] = []
    for line in list(hunk)[:most]:
        if line.is_removed:
            gone.append(Side(line.source_line_no, next(old), "del"))
        elif line.is_added:
            come.append(Side(line.target_line_no, next(new), "add"))
        elif line.is_context:
            yield from _faced(gone, come)
            gone, come = [], []
            yield Side(line.source_line_no, next(old)), Side(line.target_line_no, next(new))
    yield from _faced(gone, come)


def _faced(gone: list[Side], come: list[Side]) -> Iterator[tuple[Side, Side]]:
    empty = Side(tone="none")
    return zip_longest(gone, come, fillvalue=empty)


def _coloured(hunk: Hunk, tone: str, lexer: Lexer) -> Iterator[Markup]:
    """The lines of one side, highlighted together: a string may begin on one and end on another."""
    lines = [line.value.rstrip("\n") for line in hunk if line.line_type in (" ", tone)]
    for line in highlight("\n".join(lines), lexer, _FORMAT).split("\n"):
        yield Markup(line)  # noqa: S704 Pygments has escaped it


def _lexer(path: str) -> Lexer:
    """By the name of the file; nothing is cut from its text."""
    try:
        return get_lexer_for_filename(path, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False, ensurenl=False)
