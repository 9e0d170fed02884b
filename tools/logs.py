"""Logs: what a line is about stands on it, and no secret does; JSON lines when LOG_JSON is true."""

import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from pydantic import SecretStr

from settings import Settings, settings

HIDDEN = "[secret]"
SHORTEST = 4
"""Characters of a secret that is looked for: a shorter one would blank out half of every line."""
PATTERNS = (
    re.compile(r"(?i)(authorization\W{1,6})(?:(?:bearer|basic)\s+)?[^\s\"',}\])]+"),
    re.compile(r"(?i)(\bbearer\s+)[\w.~+/=-]{6,}"),
    re.compile(r"(\b\w+://[^/\s:@]*:)[^/\s@]+(?=@)"),
    re.compile(r"(?i)(\b(?:password|api[-_]?key|token|secret)=)[^\s&\"']+"),
)
"""What looks like a secret, whoever's it is; the first group stays."""

_about: ContextVar[Mapping[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(workflow_id: str, task_id: str | None = None, role: str | None = None) -> Iterator[None]:
    """Every line that is logged meanwhile carries these."""
    given = {"correlation_id": workflow_id, "workflow_id": workflow_id, "task_id": task_id, "role": role}
    before = _about.get()
    _about.set({name: value for name, value in given.items() if value})
    try:
        yield
    finally:
        _about.set(before)  # not `reset`, which wants the very context it began in: a server may end it in another


def facts() -> Mapping[str, str]:
    """What lines carry now; under LangGraph's server at least the workflow of the run."""
    return _about.get() or _run_of_the_server()


def configure() -> None:
    """Set up the logging of this process; where a server has set it up already, only add to it. Raises BadInput."""
    if not isinstance(logging.getLogRecordFactory(), _Record):
        logging.setLogRecordFactory(_Record())
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_own_handler())
        root.setLevel(settings().log_level.upper())
    hidden = known_secrets(settings())
    for handler in root.handlers:
        inner = handler.formatter.inner if isinstance(handler.formatter, Redacting) else handler.formatter
        handler.setFormatter(Redacting(inner or logging.Formatter(), hidden))


class _Record:
    """Makes log records that know what they are about."""

    def __init__(self) -> None:
        self._made = logging.getLogRecordFactory()

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record = self._made(*args, **kwargs)
        known = facts()
        if isinstance(record.msg, dict):  # a line of structlog's, as LangGraph's server writes them
            record.msg = {**record.msg, **known}
        record.__dict__.update(known)
        return record


class Redacting(logging.Formatter):
    """Another formatter's line, without secrets."""

    def __init__(self, inner: logging.Formatter, hidden: Iterable[str]) -> None:
        super().__init__()
        self.inner = inner
        self._hidden = tuple(hidden)

    def format(self, record: logging.LogRecord) -> str:
        """The whole line, with its traceback."""
        return redacted(self.inner.format(record), self._hidden)


def redacted(text: str, hidden: Iterable[str]) -> str:
    """The text without these, and without what looks like a secret."""
    for secret in hidden:
        text = text.replace(secret, HIDDEN)
    for pattern in PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


def known_secrets(chosen: Settings) -> list[str]:
    """The secrets among the settings, as they are and as JSON has them; the longest first."""
    values = [value.get_secret_value() for _, value in chosen if isinstance(value, SecretStr)]
    values += _passwords(chosen.db_url or "")
    written = {form for value in values for form in (value, json.dumps(value)[1:-1])}
    return sorted((form for form in written if len(form) >= SHORTEST), key=len, reverse=True)


def _passwords(url: str) -> list[str]:
    found = re.search(r"://[^/:@]*:([^/]+)@|\bpassword=(\S+)", url)
    return [form for group in found.groups() if group for form in (group, unquote(group))] if found else []


def _own_handler() -> logging.Handler:
    """To standard error, in the same words as LangGraph's server."""
    import structlog

    handler = logging.StreamHandler(sys.stderr)
    plain: list[Any] = [structlog.dev.ConsoleRenderer(colors=False)]
    machine: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *(machine if settings().log_json else plain),
            ],
            foreign_pre_chain=[
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                structlog.stdlib.ExtraAdder(),
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )
    )
    return handler


def _run_of_the_server() -> Mapping[str, str]:
    """A thread of LangGraph's is a workflow of ours."""
    server = sys.modules.get("langgraph_api.logging")
    thread = str((server.worker_config.get() or {}).get("thread_id")) if server else ""
    try:
        UUID(thread)
    except ValueError:
        return {}
    return {"correlation_id": thread, "workflow_id": thread}
