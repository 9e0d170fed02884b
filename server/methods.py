"""Our paths asked by another method: LangGraph's routes, which stand after ours, would say that there is none."""

from collections import defaultdict
from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import Receive, Scope, Send


class OtherMethods:
    """Refuses whatever reaches it."""

    def __init__(self, allowed: Iterable[str]) -> None:
        self._allow = ", ".join(sorted(allowed))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises HTTPException with what is allowed."""
        raise HTTPException(405, headers={"Allow": self._allow})


def refuse_other_methods(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    """For every path that is described; after all routes were added."""
    allowed: dict[str, set[str]] = defaultdict(set)
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                allowed[route.path] |= route.methods or set()
    for path, methods in allowed.items():
        app.router.routes.append(Route(path, OtherMethods(methods), include_in_schema=False))
