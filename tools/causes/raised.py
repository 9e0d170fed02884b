"""What was raised in a failed check, and where: every exception of its chain, the last one last."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from schemas.report import TestResult
from tools.evidence.assertions import values
from tools.evidence.tracebacks import ROOT, Entry, is_own, split

_CHAIN = re.compile(r"^(The above exception was the direct cause|During handling of the above exception)")
_PYTHON = re.compile(r'^ +File "(.+?)", line (\d+)(?:, in (.+))?$', re.MULTILINE)
_WORDS = re.compile(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")


@dataclass(frozen=True)
class Raised:
    """One exception."""

    error: str
    """Name of its class, without its module."""
    text: str
    """What it says, its class not included."""
    path: str
    """The innermost place of the project's own files; "" for none."""
    line: int
    deepest: str
    """The file in which it was raised, which may be Python's or a package's."""
    places: Sequence[tuple[str, int]] = ()
    """All places of the project's own files, outermost first."""
    left: str = ""
    right: str = ""
    """Both sides of an assertion: what came, what was wanted."""
    lines: Sequence[str] = ()
    """The whole of its text, with intermediate values."""

    @property
    def direct(self) -> bool:
        """Whether it was raised at that place, and not below it."""
        return bool(self.path) and short(self.deepest) == self.path

    def line_in(self, path: str) -> int:
        """The innermost line of a file that it passed through; 0 for none."""
        return next((line for place, line in reversed(self.places) if place == path), 0)


def chain(test: TestResult) -> list[Raised]:
    """What a test or a command raised; empty where no traceback tells."""
    if test.traceback:
        return [found for entries in links(test.traceback) if (found := _of_pytest(entries))]
    return list(_of_python(test.stderr or ""))


def links(text: str) -> Iterator[list[Entry]]:
    """The entries of each exception of a traceback as pytest writes it."""
    found: list[Entry] = []
    for entry in split(text):
        if any(_CHAIN.match(line) for line in entry.lines):
            yield found
            found = []
        found.append(entry)
    yield found


def _of_pytest(entries: Sequence[Entry]) -> Raised | None:
    placed = [entry for entry in entries if entry.path]
    told = [entry for entry in entries if entry.raised]
    if not told:
        return None
    own = [entry for entry in placed if is_own(entry.path)]
    lines = told[-1].raised
    named = _WORDS.match(lines[0]) if lines else None
    error = next((entry.error for entry in reversed(placed) if entry.error), "") or (named[1] if named else "")
    _, left, right = values(lines)
    return Raised(
        error=error.rpartition(".")[2] if error else "AssertionError",
        text=(named[2] or "") if named and named[1].endswith(error) else "\n".join(lines),
        path=short(own[-1].path) if own else "",
        line=own[-1].line if own else 0,
        deepest=placed[-1].path if placed else "",
        places=[(short(entry.path), entry.line) for entry in own],
        left=left,
        right=right,
        lines=lines,
    )


def _of_python(text: str) -> Iterator[Raised]:
    """Tracebacks that Python printed itself."""
    for block in text.split("Traceback (most recent call last):\n")[1:]:
        places = list(_PYTHON.finditer(block))
        last = block[places[-1].end() :] if places else ""
        said = next((line for line in last.splitlines()[1:] if line[:1].strip() and _WORDS.match(line)), "")
        named = _WORDS.match(said)
        own = [place for place in places if is_own(place[1])]
        if named and own:
            at = [(short(place[1]), int(place[2])) for place in own]
            error = named[1].rpartition(".")[2]
            yield Raised(error, named[2] or "", *at[-1], places[-1][1], at, lines=[said])


def short(path: str) -> str:
    """A path as the tree has it."""
    return path.removeprefix(ROOT)


@lru_cache(maxsize=64)
def parsed(text: str) -> ast.Module | None:
    """The syntax tree of a file; None where it has none."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def statements_at(text: str, line: int) -> list[ast.stmt]:
    """The statements that a line belongs to, outermost first."""
    tree = parsed(text)
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt)] if tree else []
    return [node for node in nodes if node.lineno <= line <= (node.end_lineno or node.lineno)]
