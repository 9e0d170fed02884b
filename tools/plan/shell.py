"""A shell command taken apart as `/bin/sh` would: what is quoted is never an operator."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field

_INSIDE = r"[^()]*+"
for _ in range(3):
    _INSIDE = rf"[^()]*+(?:\({_INSIDE}\)[^()]*+)*+"
_SUBSTITUTION = rf"\$\({_INSIDE}\)|`[^`]*+`"
_TOKEN = re.compile(
    rf"""
    (?P<space>(?:[ \t]|\\\n)++)
  | (?P<comment>\#[^\n]*+)
  | (?P<redirect>\d*(?:<<-?|<&|<>|>>|>&|>\||[<>]))
  | (?P<operator>&&|\|\||\|&|;;|[;&|()\n])
  | (?P<word>(?:{_SUBSTITUTION}|'[^']*+'|"(?:\\.|{_SUBSTITUTION}|[^"\\])*+"|\\.|[^\s;&|()<>'"\\`])++)
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = re.compile(rf"""{_SUBSTITUTION}|"(?:\\.|[^"\\])*+"|'[^']*+'|\\.""", re.DOTALL)
_VARIABLE = re.compile(r"\$\{?(\w+|\$)")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass
class Simple:
    """A command without operators, and the operator after it ("" at the end)."""

    words: list[str] = field(default_factory=list)
    """Without their quotes; expansions stand as they were written."""
    env: dict[str, str] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)
    inner: list["Simple"] = field(default_factory=list)
    """The commands of its substitutions."""
    then: str = ""


def simple_commands(text: str) -> list[Simple]:
    """The commands in order. Raises ValueError for quotes that do not end, and for here-documents."""
    found = [Simple()]
    redirect = ""
    for kind, raw in tokens(text):
        if kind == "operator":
            found[-1].then = raw
            found.append(Simple())
        elif kind == "redirect":
            redirect = raw.lstrip("0123456789")
        else:
            _take(found[-1], raw, redirect)
            redirect = ""
    return _joined(found)


def _joined(found: list[Simple]) -> list[Simple]:
    """Without what parentheses and ends of lines leave empty; the operator after them stays."""
    kept: list[Simple] = []
    for one in found:
        if one.words or one.env or one.writes or one.reads:
            kept.append(one)
        elif kept and one.then not in ("", "(", "\n") and kept[-1].then in ("", ")", "\n"):
            kept[-1].then = one.then
    if kept and kept[-1].then in (")", ";", "\n"):
        kept[-1].then = ""
    return kept


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind (word, operator, redirect) and text of each token. Raises ValueError."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ValueError(f"a quote does not end: {text[at : at + 40]}")
        if str(found.lastgroup) not in ("space", "comment"):
            yield str(found.lastgroup), found[0]
        at = found.end()


def _take(command: Simple, raw: str, redirect: str) -> None:
    text = unquoted(raw)
    live = _QUOTED.sub(lambda found: "" if found[0][0] in "'\\" else found[0].replace("\\$", ""), raw)
    command.variables |= set(_VARIABLE.findall(live))
    for inner in re.findall(_SUBSTITUTION, live):
        command.inner += simple_commands(inner[2:-1] if inner.startswith("$") else inner[1:-1])
    if redirect.startswith("<<"):
        raise ValueError("it holds a here-document; put that text into a file")
    if redirect in ("<", "<>"):
        command.reads.append(text)
    elif redirect in (">", ">>", ">|"):
        command.writes.append(text)
    elif not redirect and _ASSIGNMENT.match(raw) and not command.words:
        name, _, value = text.partition("=")
        command.env[name] = value
    elif not redirect:
        command.words.append(text)


def unquoted(raw: str) -> str:
    """A word without its quotes and escapes."""
    one_line = _QUOTED.sub(lambda found: found[0] if found[0][0] == "'" else found[0].replace("\\\n", ""), raw)
    return " ".join(shlex.split(one_line)) if re.search(r"['\"\\]", one_line) else one_line
