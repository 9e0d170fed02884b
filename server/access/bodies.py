"""How large a request may be, whether it says so first or not. Starlette's own limit answers in another shape."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.problems import problem
from settings import settings


class BodyLimit:
    """Refuses bodies over MAX_BODY_BYTES, at the latest when that much has come in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        body = _Counted(scope, receive, send)
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdigit() and int(declared) > body.limit:
            return await body.refuse()
        try:
            await self._app(scope, body.receive, body.send)
        except _TooLarge:
            await body.refuse()


class _TooLarge(Exception):
    """More has come in than is taken."""


class _Counted:
    """One request. What a route says about a body that it could not read to its end is replaced."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.limit = settings().max_body_bytes
        self._scope, self._receive, self._send = scope, receive, send
        self._bytes = 0
        self._answering = self._refused = False

    async def receive(self) -> Message:
        message = await self._receive()
        self._bytes += len(message.get("body", b""))
        if self._bytes > self.limit:
            raise _TooLarge
        return message

    async def send(self, message: Message) -> None:
        if self._bytes > self.limit and not self._answering:
            await self.refuse()
        if not self._refused:
            self._answering = True
            await self._send(message)

    async def refuse(self) -> None:
        """413, unless an answer has begun."""
        if self._answering or self._refused:
            return
        self._refused = True
        detail, hint = f"A body may have {self.limit} bytes.", "Send less at once."
        answer = problem(413, detail, self._scope["path"], "content-too-large", hint)
        await answer(self._scope, self._receive, self._send)
