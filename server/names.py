"""Names in a query or body that a route does not know, and the one that was probably meant."""

from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel

UNKNOWN = "extra_forbidden"
"""Pydantic's name for the fault."""


def only_known(request: Request) -> None:
    """For routes: refuses keys of the query that they do not have. Raises RequestValidationError."""
    known = query_names(request.scope["route"])
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        said = "Extra inputs are not permitted"
        raise RequestValidationError([{"type": UNKNOWN, "loc": ("query", name), "msg": said} for name in unknown])


def nearest(route: object, place: Sequence[int | str]) -> str | None:
    """The known name that is most like the one at the end of a fault's place."""
    if not isinstance(route, APIRoute):
        return None
    known = query_names(route) if place[0] == "query" else body_names(route, place[1:-1])
    return next(iter(get_close_matches(str(place[-1]), known, 1)), None)


def query_names(route: APIRoute) -> list[str]:
    """Keys that a query of this route may have."""
    return [parameter.alias for parameter in route.dependant.query_params]


def body_names(route: APIRoute, steps: Iterable[int | str]) -> list[str]:
    """Keys that an object at this place of the body may have."""
    kind: Any = route.body_field.field_info.annotation if route.body_field else None
    for step in steps:
        if isinstance(step, str):
            kind = next((model.model_fields[step].annotation for model in models(kind)), None)
    return [name for model in models(kind) for name in model.model_fields]


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """Those in a type such as `list[Model] | None`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from models(part)
