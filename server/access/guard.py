"""The guard before every route: who calls, how often, and whether they may."""

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Receive, Scope, Send

from schemas.errors import NotAuthenticated
from server.access.callers import Caller, caller_of
from server.access.limits import Limits
from server.access.origins import check_origin
from server.access.paths import OPEN
from server.access.roles import LOCAL
from server.access.visit import STATUS, PageOf, Visit


class Guard:
    """Lets a request through as somebody, or answers it."""

    def __init__(self, app: ASGIApp, page_of: PageOf) -> None:
        self._app, self._page_of = app, page_of
        self._limits: Limits | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Calls from within the process carry a root path that no request can have."""
        inside = scope.get("root_path", "").split("/")[:2] == ["", "noauth"]
        if scope["type"] == "lifespan" or inside:
            return await self._app(scope, receive, send)
        visit = Visit(HTTPConnection(scope), receive, send)
        self._limits = self._limits or Limits()
        try:
            await _admit(visit, self._limits)
        except tuple(STATUS) as error:
            return await visit.refusal(error, self._page_of)(scope, visit.receive, visit.send)
        await self._app(scope, visit.receive, visit.send)


async def _admit(visit: Visit, limits: Limits) -> None:
    """Raises what STATUS names."""
    visit.tie_to_browser()
    if OPEN.fullmatch(visit.path):
        if visit.method == "POST":  # signing in: it may be a guess
            await limits.count_failure(visit.address)
        return
    caller = await _known(visit, limits)
    visit.name = caller.identity.name
    if caller.identity is not LOCAL:
        await limits.count(visit.name)
    if caller.ambient:
        check_origin(visit.connection)
    await visit.check_role(caller.identity)
    visit.connection.state.identity = caller.identity


async def _known(visit: Visit, limits: Limits) -> Caller:
    try:
        return await caller_of(visit.connection)
    except NotAuthenticated:
        if not visit.leads_to_login:
            await limits.count_failure(visit.address)
        raise
