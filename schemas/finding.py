"""What a static gate found."""

from typing import Literal

from schemas.base import Document

Gate = Literal["change", "syntax", "screen", "ruff", "mypy", "bandit", "secrets", "conformance"]


class Finding(Document):
    """One finding: where, and by which rule."""

    gate: Gate
    rule: str
    path: str
    line: int
    message: str
