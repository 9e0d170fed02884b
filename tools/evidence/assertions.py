"""Assertions that failed: their values, both sides of them, and the inputs that they failed for."""

import re
from collections.abc import Iterator, Sequence

from tools.evidence.tracebacks import LONGEST, Trace, closed

MOST_INPUTS = 12
_OPERATORS = (" == ", " != ", " <= ", " >= ", " < ", " > ", " is not ", " is ", " not in ", " in ")
_SIDES = (
    ("ACTUAL: ", "DESIRED: "),
    ("[left]: ", "[right]: "),
    ("Obtained: ", "Expected: "),
    ("Actual message: ", "Expected regex: "),
)
"""How numpy, pandas and pytest mark what came and what was wanted."""
_EXAMPLE = re.compile(r"^(Falsifying example|Failing test case): (.*)$")
_VALUE = re.compile(r"^ \+\s+(?:where|and) +(.*)$")


def values(raised: Sequence[str]) -> tuple[str, str, str]:
    """The assertion with its values, what came, what was wanted; each "" where it is not shown."""
    lines = [re.sub(r"^AssertionError:? ?", "", line) for line in raised]
    shown = next((line.removeprefix("assert ") for line in lines if line.startswith("assert ")), "")
    if not shown and raised and raised[0].startswith("AssertionError: ") and any(sides(lines[0])):
        shown = lines[0]
    left, right = marked(lines) or sides(shown)
    return shown[:LONGEST], left[:LONGEST], right[:LONGEST]


def marked(lines: Sequence[str]) -> tuple[str, str] | None:
    """Both sides, where a library names them."""
    for names in _SIDES:
        starts = [place for name in names for place, line in enumerate(lines) if line.strip().startswith(name)]
        if len(starts) == 2:
            left, right = (_whole(lines[start:], name) for start, name in zip(starts, names, strict=True))
            return left, right
    return None


def _whole(lines: Sequence[str], name: str) -> str:
    """What follows a name, with the lines that its open brackets go on to."""
    found = ""
    for line in lines:
        found += f" {line.strip()}"
        if closed(found):
            break
    return found.strip().removeprefix(name.strip()).strip()


def sides(text: str) -> tuple[str, str]:
    """What stands left and right of the first comparison that is outside brackets and quotes."""
    depth, quote = 0, ""
    for place, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote and text[place - 1] != "\\" else quote
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif depth == 0 and (found := next((each for each in _OPERATORS if text.startswith(each, place)), "")):
            return text[:place], text[place + len(found) :]
    return "", ""


def inputs(name: str, trace: Trace) -> list[str]:
    """What the failure was met with: parameters, examples, intermediate values, arguments."""
    case = re.search(r"\[(.*)\]$", name, re.DOTALL)
    found = [f"parameters: {case[1]}"] if case else []
    found += [*examples(trace.raised), *intermediate(trace.raised), *trace.arguments]
    return [one_line(each) for each in dict.fromkeys(found)][:MOST_INPUTS]


def examples(raised: Sequence[str]) -> Iterator[str]:
    """What hypothesis found, each on one line and without its remarks."""
    for place, line in enumerate(raised):
        if head := _EXAMPLE.match(line.strip()):
            rest = [re.sub(r"\s*# .*$", "", each).strip() for each in raised[place + 1 :]]
            end = rest.index(")") + 1 if ")" in rest and not head[2].endswith(")") else 0
            yield f"{head[1]}: {head[2]}{' '.join(filter(None, rest[:end]))}".replace(", )", ")")


def intermediate(raised: Sequence[str]) -> Iterator[str]:
    """Values of parts of the assertion: `3 = f(2)`."""
    for line in raised:
        found = _VALUE.match(line)
        if found and not found[1].startswith("<"):
            yield found[1]


def one_line(text: str) -> str:
    """Cut to the limit."""
    return " ".join(text.split())[:LONGEST]
