"""What may be kept of texts from a run: so much, printable, and nothing that is not for everybody."""

import re
from typing import Any

from tools.secrets import secrets
from tools.verdict.pytest_run import printable

LINE = 300
"""Characters of a line."""
_FILE = re.compile(r"^(?=diff --git )", re.MULTILINE)
_RECORD = re.compile(r'^diff --git "?a/\.aidev/')
_PATH = re.compile(r'^diff --git "?a/(.*?)"? "?b/')


def head(text: str, lines: int) -> str:
    """The first lines, and how many are left out."""
    found = _lines(text)
    return "\n".join(found[:lines] + ([f"[... {len(found) - lines} lines cut ...]"] if len(found) > lines else []))


def tail(text: str, lines: int) -> str:
    """The last lines, and how many are left out."""
    found = _lines(text.rstrip())
    return "\n".join(([f"[... {len(found) - lines} lines cut ...]"] if len(found) > lines else []) + found[-lines:])


def _lines(text: str) -> list[str]:
    return [line[:LINE] for line in text.split("\n")]


def product(diff: str, lines: int) -> str:
    """The first lines of a diff, without records, which hold what is kept back, and files in which a secret stands."""
    cut = head("".join(part for part in _FILE.split(diff) if not _RECORD.match(part)), lines)
    return "".join(map(_shown, _FILE.split(cut)))


def _shown(part: str) -> str:
    path = _PATH.match(part)
    if path and secrets(path[1], part.encode("utf-8", "replace")):
        return f"{part.splitlines()[0]}\n(left out: a secret stands in it)\n"
    return part


def clean(value: Any) -> Any:
    """The value with every text in it printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    return [clean(item) for item in value] if isinstance(value, list) else value
