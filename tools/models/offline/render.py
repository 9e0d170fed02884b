"""Templates, filled in and laid out."""

import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701  (Python and Markdown, no HTML)
)


def render(template: str, **values: Any) -> str:
    """A template filled in; Python comes out formatted."""
    text = _TEMPLATES.get_template(template).render(values)
    return formatted(text) if template.endswith(".py.jinja") else text


@cache
def formatted(source: str) -> str:
    """Python source in ruff's layout."""
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True).stdout


def paragraph(text: str) -> str:
    """Wrapped, as it stands in a docstring of a function."""
    return textwrap.fill(text, 84, initial_indent=" " * 4, subsequent_indent=" " * 4, break_on_hyphens=False)
