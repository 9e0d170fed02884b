"""One request at the guard: what it needs, and how it is turned away."""

import logging
from collections.abc import Callable, Mapping
from urllib.parse import quote

import orjson
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.websockets import WebSocketClose

from schemas.errors import (
    AidevError,
    DatabaseUnavailable,
    Forbidden,
    NotAuthenticated,
    TooManyRequests,
)
from server.access.callers import COOKIE
from server.access.paths import OURS, PAGE, Body, need_of
from server.access.roles import Identity, allows, require
from server.access.session import new_session, set_cookie
from server.problems import kebab, problem
from state.tokens import Role

STATUS: Mapping[type[AidevError], int] = {
    NotAuthenticated: 401,
    Forbidden: 403,
    TooManyRequests: 429,
    DatabaseUnavailable: 503,
}
"""What the guard turns away for."""
PageOf = Callable[[Request, AidevError], Response]
"""Makes the page of an error."""
_logger = logging.getLogger(__name__)


class Visit:
    """`receive` and `send` are what the route is to be given; `seen`: a person looks at the answer in a browser."""

    def __init__(self, connection: HTTPConnection, receive: Receive, send: Send) -> None:
        self.connection, self.receive, self.send = connection, receive, send
        self.method: str = connection.scope.get("method", "WEBSOCKET")
        self.path: str = connection.scope["path"]
        self.address = connection.client.host if connection.client else ""
        self.name = "nobody"
        self.page = bool(PAGE.fullmatch(self.path))
        html = self.page and "text/html" in connection.headers.get("accept", "")
        self.seen = html and "hx-request" not in connection.headers
        self.leads_to_login = html and self.method == "GET"

    def tie_to_browser(self) -> None:
        """Give a page's forms a session to belong to, also where nobody has signed in."""
        if not self.page:
            return
        session = self.connection.cookies.get(COOKIE)
        if session is None:
            session = new_session()
            self.send = _with_cookie(self.send, self.connection, session)
        self.connection.state.session = session

    async def check_role(self, identity: Identity) -> None:
        """For LangGraph's routes; ours name their roles themselves. Raises Forbidden."""
        if OURS.fullmatch(self.path):
            return
        require(identity, await self._needed(identity))

    async def _needed(self, identity: Identity) -> Role:
        verb = "GET" if self.method == "HEAD" else self.method
        need = need_of(verb, self.path, self.connection.query_params)
        if need is None:
            raise Forbidden("This path of LangGraph's server is closed.", "docs/access.md says what is open.")
        if isinstance(need, str):
            return need
        return "approver" if allows(identity, "approver") else need(await self._body())

    async def _body(self) -> Body:
        """The JSON that was sent, which the route will read again; None for anything else."""
        parts, rest = bytearray(), self.receive
        message: Message = {"more_body": True}
        while message.get("more_body"):
            message = await rest()
            parts += message.get("body", b"")
        self.receive = _again(bytes(parts), rest)
        try:
            return orjson.loads(parts)
        except orjson.JSONDecodeError:
            return None

    def refusal(self, error: AidevError, page_of: PageOf) -> ASGIApp:
        """The answer; what was shown as a token is in none of it."""
        status = next(status for kind, status in STATUS.items() if isinstance(error, kind))
        login = f"/app/login?next={quote(self._asked(), safe='/')}"
        if status == 401 and self.leads_to_login and self.seen:
            return RedirectResponse(login, 303)
        _logger.warning("%s for %s %r, asked by %s at %s", status, self.method, self.path, self.name, self.address)
        if self.method == "WEBSOCKET":
            return WebSocketClose(1008, error.message)
        headers = {"www-authenticate": "Bearer", "hx-redirect": login} if status == 401 else {}
        if isinstance(error, TooManyRequests):
            headers = {"retry-after": str(error.retry_after)}
        if self.seen:
            shown = page_of(Request(self.connection.scope), error)
            shown.headers.update(headers)
            return shown
        return problem(status, error.message, self.path, kebab(type(error).__name__), error.hint, headers=headers)

    def _asked(self) -> str:
        query = self.connection.url.query
        return f"{self.path}?{query}" if query else self.path


def _with_cookie(send: Send, connection: HTTPConnection, session: str) -> Send:
    """Adds the cookie to an answer that sets none itself."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if not any(value.startswith(f"{COOKIE}=") for value in headers.getlist("set-cookie")):
                carrier = RedirectResponse("/")
                set_cookie(carrier, connection, session)
                headers.append("set-cookie", carrier.headers["set-cookie"])
        await send(message)

    return sending


def _again(body: bytes, rest: Receive) -> Receive:
    """A body that was read already, then whatever follows it."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> Message:
        return left.pop() if left else await rest()

    return receive
