"""One shape for every error: problem details (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from schemas.errors import (
    AidevError,
    AlreadyAnswered,
    ArtifactError,
    BadInput,
    BudgetExceeded,
    Forbidden,
    InvalidDocument,
    KeyReused,
    ModelError,
    NotAuthenticated,
    NotFound,
    NothingWaits,
    SetupError,
    TooManyRequests,
    WorkflowBusy,
    WorkflowCancelled,
)
from server.names import UNKNOWN, nearest

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[AidevError], int] = {
    AlreadyAnswered: 409,
    NothingWaits: 409,
    NotFound: 404,
    NotAuthenticated: 401,
    Forbidden: 403,
    TooManyRequests: 429,
    KeyReused: 422,
    BadInput: 422,
    WorkflowBusy: 409,
    WorkflowCancelled: 409,
    BudgetExceeded: 409,
    SetupError: 503,
    ModelError: 502,
    ArtifactError: 422,
    AidevError: 500,
}
"""The first that fits."""
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "description": "Names the kind of error: `about:blank#not-found` …"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong, in words"},
        "hint": {"type": "string", "description": "The way out"},
        "instance": {"type": "string", "description": "The path that was asked for"},
        "problems": {"type": "array", "items": {"type": "string"}, "description": "`path: message` for every fault"},
    },
}
DESCRIBED = "/api/openapi.json describes every route and what it takes."
NO_OBJECT = ("model_attributes_type", "model_type", "dict_type")
_logger = logging.getLogger(__name__)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The errors of a route, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def problem(
    status: int,
    detail: str,
    path: str,
    kind: str = "",
    hint: str = "",
    problems: Sequence[str] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """The answer for something that went wrong."""
    title = HTTPStatus(status).phrase
    body: dict[str, Any] = {"type": f"about:blank#{kind or title.lower().replace(' ', '-')}", "title": title}
    body |= {"status": status, "detail": detail, "instance": path}
    body |= ({"hint": hint} if hint else {}) | ({"problems": list(problems)} if problems else {})
    return JSONResponse(body, status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def status_of(error: AidevError) -> int:
    """The HTTP status of one of our errors."""
    return next(status for kind, status in STATUS.items() if isinstance(error, kind))


async def ours(request: Request, error: Exception) -> JSONResponse:
    """One of our errors, with its way out."""
    assert isinstance(error, AidevError)  # noqa: S101
    found = error.problems if isinstance(error, InvalidDocument) else []
    after = {"Retry-After": f"{error.retry_after:.0f}"} if isinstance(error, TooManyRequests) else None
    kind = kebab(type(error).__name__)
    return problem(status_of(error), error.message, request.url.path, kind, error.hint, found, after)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """A body, path or query that does not fit; without the values, which may be secret."""
    assert isinstance(error, RequestValidationError)  # noqa: S101
    path = request.url.path
    if isinstance(error.body, bytes):
        return problem(415, "The body is not sent as JSON.", path, hint="Say Content-Type: application/json.")
    faults = [fault_of(each, request.scope.get("route")) for each in error.errors()]
    return problem(422, "The request does not fit.", path, "invalid-request", DESCRIBED, faults)


def fault_of(found: Mapping[str, Any], route: object = None) -> str:
    """`path: message`."""
    place = found["loc"][1:]
    if found["type"] == "json_invalid":
        return f"body: this is no JSON, at character {place[0]}"
    said = "A JSON object is needed" if found["type"] in NO_OBJECT else found["msg"]
    if found["type"] == UNKNOWN and (meant := nearest(route, found["loc"])):
        said += f"; did you mean {meant}?"
    return f"{'.'.join(map(str, place)) or 'body'}: {said}"


async def http(request: Request, error: Exception) -> JSONResponse:
    """What the framework, or LangGraph's own routes, refuse."""
    assert isinstance(error, HTTPException)  # noqa: S101
    allow = (error.headers or {}).get("Allow")
    hint = f"Use {allow}." if allow else DESCRIBED if error.detail == HTTPStatus.NOT_FOUND.phrase else ""
    return problem(error.status_code, str(error.detail), request.url.path, hint=hint, headers=error.headers)


async def unforeseen(request: Request, error: Exception) -> JSONResponse:
    """A fault of ours: told in the log, not to the caller."""
    _logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem(500, "The server failed; its log says why.", request.url.path)


def kebab(name: str) -> str:
    """`NotFound` → `not-found`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name).removeprefix("-")


def handle_problems(app: FastAPI) -> None:
    """Let the app answer so."""
    app.add_exception_handler(AidevError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unforeseen)
