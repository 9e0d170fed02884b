"""What differs between two runs of the same files and means nothing: replaced, so that runs can be compared."""

import re

_DATE = r"\d{4}-\d\d-\d\d"
_NOISE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE), "<uuid>"),
    (re.compile(r"\b0x[0-9a-f]{6,16}\b", re.IGNORECASE), "<address>"),
    (re.compile(rf"\b{_DATE}[T ](?!00:00:00\b)\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"), "<time>"),
    (re.compile(r"\b1[5-9]\d{8}\.\d+\b"), "<time>"),
    (re.compile(r"(?:/private)?/(?:tmp|var/tmp|var/folders)/[^\s'\"<>,;:()\[\]]*"), "<temporary>"),
    (re.compile(r"\b(localhost|(?:\d{1,3}\.){3}\d{1,3}|\[::1?\]):\d{2,5}\b"), r"\1:<port>"),
    (re.compile(r"\b(port[ =]?)\d{2,5}\b", re.IGNORECASE), r"\1<port>"),
    (re.compile(r"\b\d+(?:\.\d+)? ?(?:ms|µs|us|ns)\b|\b\d+\.\d+ ?(?:s|sec|seconds)\b"), "<duration>"),
    (re.compile(r"(\.py\"?(?::|, line ))\d+"), r"\1<line>"),
)
"""A time of day of midnight is kept: so a day stands in a table, and days are values."""


def quiet(text: str) -> str:
    """The text without addresses, durations, temporary paths, ids, ports, moments and line numbers; values stay."""
    for pattern, name in _NOISE:
        text = pattern.sub(name, text)
    return text
