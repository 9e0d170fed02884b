"""Who a request is from: the holder of a token, of a page's session, or whoever sits at this machine."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from psycopg import OperationalError
from starlette.requests import HTTPConnection

from schemas.errors import DatabaseUnavailable
from server.access.origins import check_local
from server.access.roles import LOCAL, Identity, no_token, unknown_token
from settings import settings
from state import tokens

COOKIE = "aidev_session"
FRESH_SECONDS = 3.0
"""How long a caller is known before the database is asked again, and so how long a revoked token may live on."""
MOST_KNOWN = 1000


@dataclass(frozen=True)
class Caller:
    """`ambient`: the browser or the machine says who it is, not the program that calls."""

    identity: Identity
    ambient: bool


class Known:
    """Callers of the last seconds, so that each request does not ask the database."""

    def __init__(self, look_up: Callable[[str], tokens.Token | None]) -> None:
        self._look_up = look_up
        self._held: dict[bytes, tuple[float, Identity]] = {}

    async def get(self, secret: str) -> Identity | None:
        """Whose it is. Raises DatabaseUnavailable."""
        key = tokens.digest(secret)
        until, identity = self._held.get(key, (0.0, LOCAL))
        if time.monotonic() < until:
            return identity
        self._held.pop(key, None)
        try:
            found = await asyncio.to_thread(self._look_up, secret)
        except OperationalError as error:
            raise DatabaseUnavailable("No Postgres answers.", "Try again when it is back.") from error
        return self._hold(key, Identity(found.name, found.role)) if found else None

    def forget(self, secret: str) -> None:
        """It has just been ended."""
        self._held.pop(tokens.digest(secret), None)

    def _hold(self, key: bytes, identity: Identity) -> Identity:
        if len(self._held) >= MOST_KNOWN:
            self._held.clear()
        self._held[key] = (time.monotonic() + FRESH_SECONDS, identity)
        return identity


holders = Known(lambda token: tokens.holder(token))
sessions = Known(lambda session: tokens.session_holder(session))


async def caller_of(connection: HTTPConnection) -> Caller:
    """Who calls. Raises NotAuthenticated; Forbidden for what comes to a local server from elsewhere."""
    if token := token_of(connection):
        return Caller(await _holder(token), ambient=False)
    session = connection.cookies.get(COOKIE)
    if session and (identity := await sessions.get(session)):
        return Caller(identity, ambient=True)
    if settings().auth == "loopback":
        check_local(connection)
        return Caller(LOCAL, ambient=True)
    raise unknown_token() if any(shown_by(connection)) else no_token()


def token_of(connection: HTTPConnection) -> str | None:
    """The token; keys that are not ours are none."""
    return next((text for text in shown_by(connection) if text.startswith(tokens.PREFIX)), None)


def shown_by(connection: HTTPConnection) -> list[str]:
    """What `Authorization: Bearer` and `X-Api-Key` hold."""
    kind, _, bearer = connection.headers.get("authorization", "").partition(" ")
    return [bearer.strip() if kind.lower() == "bearer" else "", connection.headers.get("x-api-key", "").strip()]


async def _holder(token: str) -> Identity:
    identity = await holders.get(token)
    if identity is None:
        raise unknown_token()
    return identity
