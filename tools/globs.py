"""Paths as a todo declares them: exact, a folder that ends in `/`, or with `*` (in one folder) and `**` (any depth)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

_ANY, _DEEP, _OPTIONAL = "*", "**", "**/"
_OPTIONAL_LENGTH = 3
"""`**/` stands for nothing, or for `**` and a slash, which follow it."""
_PIECES = re.compile(r"\*\*/|\*\*+|\*|.", re.DOTALL)


def covers(pattern: str, path: str) -> bool:
    """Whether a declared path means this file."""
    start, path = _literal(pattern), path.removeprefix("./")
    if not is_glob(pattern):
        return path == start
    return path.startswith(start) and _meet(_tokens(pattern), _exact(path))


def overlap(one: str, other: str) -> bool:
    """Whether some file is meant by both."""
    mine, yours = _literal(one), _literal(other)
    if not (mine.startswith(yours) or yours.startswith(mine)):
        return False
    return one == other or _meet(_tokens(one), _tokens(other))


def is_glob(pattern: str) -> bool:
    """Whether it means more than one exact path."""
    return "*" in pattern or pattern.endswith("/")


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[str, ...]:
    text = pattern.removeprefix("./")
    found: list[str] = []
    for piece in _PIECES.findall(text + "**" if text.endswith("/") else text):
        found += [_OPTIONAL, _DEEP, "\\/"] if piece == _OPTIONAL else [_token(piece)]
    return tuple(found)


def _token(piece: str) -> str:
    """More than two stars mean what two do."""
    return piece[:2] if piece[0] == "*" else f"\\{piece}"


def _exact(path: str) -> tuple[str, ...]:
    return tuple(f"\\{character}" for character in path)


@lru_cache(maxsize=4096)
def _literal(pattern: str) -> str:
    """What every file that is meant begins with."""
    return pattern.removeprefix("./").partition("*")[0]


def _meet(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one text fits both: a walk over pairs of places, at most as many as their lengths multiply to."""
    pending, seen = [(0, 0)], {(0, 0)}
    while pending:
        place = pending.pop()
        if place == (len(one), len(other)):
            return True
        new = set(_steps(one, other, *place)) - seen
        seen |= new
        pending += new
    return False


def _steps(one: Sequence[str], other: Sequence[str], i: int, j: int) -> Iterator[tuple[int, int]]:
    yield from ((at, j) for at in _free(one, i))
    yield from ((i, at) for at in _free(other, j))
    if i == len(one) or j == len(other):
        return
    if one[i] == other[j] and one[i][0] == "\\":
        yield i + 1, j + 1
    if _takes(one[i], other[j]):
        yield i, j + 1
    if _takes(other[j], one[i]):
        yield i + 1, j


def _free(tokens: Sequence[str], at: int) -> Iterator[int]:
    """Where one gets to without a character."""
    if at < len(tokens) and tokens[at][0] == "*":
        yield at + 1
        if tokens[at] == _OPTIONAL:
            yield at + _OPTIONAL_LENGTH


def _takes(wildcard: str, character: str) -> bool:
    return character[0] == "\\" and (wildcard == _DEEP or (wildcard == _ANY and character != "\\/"))
