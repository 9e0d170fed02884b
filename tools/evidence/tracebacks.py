"""Tracebacks as pytest and Python print them: which parts are about the project's own code, and what was raised."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from schemas.diagnostics import Frame
from tools.sandbox.limits import TREE

MOST_FRAMES, MOST_LINES, LONGEST = 12, 40, 300
"""Frames and lines that are kept of a traceback, and characters of each."""
ROOT = f"{TREE}/"
_SHORT = re.compile(r"^(\S+?):(\d+): in (.+)$")
_LONG = re.compile(r"^(\S+?):(\d+): ?([A-Za-z_][\w.]*)?$")
_PYTHON = re.compile(r'^[\s|+E]*File "(.+?)", line (\d+)(?:,? in (.+))?$')
_NEWEST_FIRST = "(most recent call first)"
_CHAIN = re.compile(r"^(The above exception was the direct cause|During handling of the above exception)")
_RAISED = re.compile(r"^E( {3}.*|)$")
_CARETS = re.compile(r"^[\s|E]*[~^]+\s*$")
_ARGUMENT = re.compile(r"^(?=\w+ = )", re.MULTILINE)
_DEF = re.compile(r"^\s*(?:async )?def (\w+)", re.MULTILINE)
_NAMED = re.compile(r"^([A-Za-z_][\w.]*)(?::(?: |$)|$)")


@dataclass
class Entry:
    """One place of a traceback, as pytest shows it: in full (its location comes last) or in short (it comes first)."""

    lines: list[str] = field(default_factory=list)
    path: str = ""
    line: int = 0
    function: str = ""
    error: str = ""

    @property
    def own(self) -> bool:
        """Whether it is the project's code; lines that belong to no place count as such."""
        return not self.path or is_own(self.path)

    @property
    def raised(self) -> list[str]:
        """The exception's text, as it stands here."""
        marked = [line[4:] for line in self.lines if _RAISED.match(line)]
        margin = min((len(line) - len(line.lstrip()) for line in marked if line.strip()), default=0)
        return [line[margin:].rstrip() for line in marked]

    @property
    def source(self) -> str:
        """The statement that was being executed, on one line."""
        marks = [place for place, line in enumerate(self.lines) if line.startswith(">")]
        if not marks:
            return next((line.strip() for line in self.lines[1:] if line.startswith("    ")), "")[:LONGEST]
        found = ""
        for line in self.lines[marks[-1] :]:
            if _RAISED.match(line) or _CARETS.match(line) or (found and closed(found)):
                break
            found += " " + line.lstrip("> ").rstrip()
        return found.strip()[:LONGEST]

    @property
    def arguments(self) -> list[str]:
        """Values of the function's arguments: the lines before its text, where pytest shows any."""
        head = "\n".join(self.lines).lstrip("\n").partition("\n\n")[0]
        if not _ARGUMENT.match(head):
            return []
        shown = [re.sub(r"^self = <[^>]*>(, )?", "", each) for each in _ARGUMENT.split(head)]
        return [each.strip() for each in shown if each.strip()]


def closed(statement: str) -> bool:
    """Whether no bracket is left open, quotes not looked at."""
    return sum(map(statement.count, "([{")) <= sum(map(statement.count, ")]}"))


@dataclass(frozen=True)
class Trace:
    """What one traceback says."""

    error: str
    """Class of the exception; "" where it is not told."""
    raised: Sequence[str]
    """The exception's text, line by line."""
    frames: Sequence[Frame]
    """The project's own, innermost first."""
    arguments: Sequence[str]
    text: str
    """The traceback, without what is not the project's, cut in its middle."""


def read(text: str, message: str = "") -> Trace:
    """A traceback; `message` is the exception's text, where it is known besides. Nothing is too odd for it."""
    entries = list(split(text))
    last = [entry for entry in entries if entry.raised]
    raised = last[-1].raised if last else (message.splitlines() or _last_words(text))
    inner = list(reversed(entries))
    frames = [frame for entry in inner for frame in _frames(entry)]
    arguments = [line for entry in inner if entry.path and entry.own for line in entry.arguments]
    error = next((entry.error for entry in inner if entry.error), "") or _error(raised)
    return Trace(error, raised, _unique(frames)[:MOST_FRAMES], arguments, shortened(entries))


def split(text: str) -> Iterator[Entry]:
    """The entries of a traceback, outermost first."""
    entry = Entry()
    for line in text.splitlines():
        short, long = _SHORT.match(line), _LONG.match(line)
        if line.startswith("_ _ _") or _CHAIN.match(line) or short:
            yield entry
            entry = Entry()
        if short:
            entry = Entry([line], short[1], int(short[2]), short[3])
        elif not line.startswith("_ _ _"):
            entry.lines.append(line)
        if long:
            function = _DEF.findall("\n".join(entry.lines)) or [""]
            entry.path, entry.line, entry.function, entry.error = long[1], int(long[2]), function[-1], long[3] or ""
            yield entry
            entry = Entry()
    yield entry


def is_own(path: str) -> bool:
    """Whether a file is the project's: neither Python's nor a package's."""
    path = path.removeprefix(ROOT)
    return path.endswith(".py") and not path.startswith(("/", "<")) and "site-packages" not in path


def own_places(text: str) -> str:
    """A dump of what hung, without places that are not the project's; any other text as it is."""
    if _NEWEST_FIRST not in text:
        return text
    lines = [(line, _PYTHON.match(line)) for line in text.splitlines()]
    return "\n".join(line for line, place in lines if place is None or is_own(place[1]))


def _frames(entry: Entry) -> Iterator[Frame]:
    """Its place, and those that a traceback of Python's inside it names, innermost first."""
    places = range(len(entry.lines))
    for place in places if any(_NEWEST_FIRST in line for line in entry.lines) else reversed(places):
        found = _PYTHON.match(entry.lines[place])
        if found and is_own(found[1]):
            below = "".join(entry.lines[place + 1 : place + 2])
            source = "" if _PYTHON.match(below) else re.sub(r"^E? *[|+]*", "", below).strip()[:LONGEST]
            yield _frame(found[1], found[2], found[3] or "", source)
    if entry.path and entry.own and not entry.source.startswith("@"):  # a decorator: hypothesis' own frame
        yield _frame(entry.path, str(entry.line), entry.function, entry.source)


def _frame(path: str, line: str, function: str, source: str) -> Frame:
    return Frame(path=path.removeprefix(ROOT)[:LONGEST], line=int(line[:9]), function=function[:80], source=source)


def _unique(frames: Sequence[Frame]) -> list[Frame]:
    return list({frame.model_dump_json(): frame for frame in frames}.values())


def _error(raised: Sequence[str]) -> str:
    """The class that the exception's text begins with."""
    for line in raised:
        named = _NAMED.match(line)
        if named and named[1].rpartition(".")[2][:1].isupper():
            return named[1]
    return "AssertionError" if raised and raised[0].startswith("assert ") else ""


def _last_words(text: str) -> list[str]:
    """The exception of a traceback that Python printed itself."""
    if "Traceback (most recent call last)" not in text:
        return []
    return [line for line in text.splitlines() if _NAMED.match(line) and ": " in line][-1:]


def shortened(entries: Sequence[Entry]) -> str:
    """The project's own part and every exception's text, within the limits."""
    lines: list[str] = []
    for entry in entries:
        own = entry.lines if entry.own else [line for line in entry.lines if _RAISED.match(line)]
        lines += [line.rstrip()[:LONGEST] for line in own if line.strip() and line.rstrip()[:LONGEST] not in lines[-3:]]
    if len(lines) <= MOST_LINES:
        return "\n".join(lines)
    head = MOST_LINES // 4
    tail = MOST_LINES - head - 1
    return "\n".join([*lines[:head], f"[... {len(lines) - head - tail} lines cut ...]", *lines[-tail:]])
