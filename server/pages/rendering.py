"""Templates to pages. Everything that is filled in is data: escaped, and with its control characters as signs."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from graph.wording import duration, money, visible
from server.pages import who

HERE = Path(__file__).parent
CONFIG = {"includeIndicatorStyles": False, "allowEval": False, "allowScriptTags": False, "historyCacheSize": 0}
"""htmx without inline styles, evaluated text and copies of pages in the browser's storage."""
HEADERS = {"Referrer-Policy": "same-origin"}
"""With `no-referrer`, a browser says that a form comes from nowhere, and it is refused."""
STATES = {
    **dict.fromkeys(("done", "passed", "completed", "resolved", "approved", "approve"), "good"),
    **dict.fromkeys(("failed", "error", "timeout", "exhausted", "rejected", "reject"), "bad"),
    **dict.fromkeys(("blocked", "stopped", "escalated", "open", "skipped", "waiting", "asking", "cancelled"), "warn"),
    **dict.fromkeys(("running",), "busy"),
}
"""Status → how it is coloured."""
SIGNS = {"good": "✔", "bad": "✘", "warn": "!", "busy": "▸", "quiet": "·"}


def shown(value: object) -> object:
    """What an expression of a template comes to."""
    if isinstance(value, Markup):
        return value
    return "" if value is None else visible(value) if isinstance(value, str) else value


def as_it_is(value: object) -> Markup:
    """Escaped only, for what a person edits: a sign in place of a character would change it."""
    return escape("" if value is None else value)


def moment(value: object) -> str:
    """A time, ISO 8601 in UTC to the second."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{found.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if isinstance(found, datetime) else ""


def tone(status: object) -> str:
    """How a status is coloured."""
    return STATES.get(str(status), "quiet")


def sign(status: object) -> str:
    """What stands for a status beside its colour."""
    return SIGNS[tone(status)]


def words(name: object) -> str:
    """`approve_plan` as words."""
    return str(name or "").replace("_", " ")


@lru_cache(maxsize=1)
def environment() -> Environment:
    """Strict: a name that is not filled in is an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {"as_it_is": as_it_is, "moment": moment, "tone": tone, "sign": sign, "words": words}
    made.filters |= {"money": money, "duration": duration, "segment": lambda value: quote(str(value), safe="")}
    made.globals |= {"static": static, "htmx_config": json.dumps(CONFIG)}
    return made


@lru_cache
def static(name: str) -> str:
    """The address of a static file; it changes with its content."""
    digest = sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]
    return f"/app/static/{name}?v={digest}"


def text(name: str, values: Mapping[str, Any]) -> str:
    """A template, filled in."""
    return environment().get_template(name).render(values)


def page(request: Request, name: str, code: int = 200, **values: Any) -> HTMLResponse:
    """A page, or a fragment of one, for whoever asks."""
    return HTMLResponse(text(name, {**who.values(request), **values}), code, HEADERS)
