"""The page's session: a cookie that stands for a token, and what keeps other sites' pages from using it."""

import asyncio
import hashlib
import hmac
import secrets

from fastapi import Request
from starlette.requests import HTTPConnection
from starlette.responses import Response

from schemas.errors import Forbidden
from server.access.callers import COOKIE, sessions
from server.access.origins import READS, check_origin
from server.access.roles import unknown_token
from state import tokens


async def open_session(token: str) -> str:
    """Sign in: the value for the cookie. Raises NotAuthenticated."""
    session = await asyncio.to_thread(tokens.open_session, token.strip())
    if session is None:
        raise unknown_token()
    return session


async def close_session(request: HTTPConnection) -> None:
    """Sign out: the session ends in the database, whoever has copied the cookie."""
    session: str = request.state.session
    sessions.forget(session)
    await asyncio.to_thread(tokens.close_session, session)


def set_cookie(response: Response, request: HTTPConnection, session: str) -> None:
    """Hand the session to the browser; scripts do not see it and other sites' pages do not send it."""
    secure = request.url.scheme == "https"
    response.set_cookie(COOKIE, session, tokens.SESSION_HOURS * 3600, httponly=True, samesite="strict", secure=secure)


def clear_cookie(response: Response) -> None:
    """Have the browser forget it."""
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def new_session() -> str:
    """A session of nobody: it opens nothing, but ties the page's forms to this browser."""
    return secrets.token_urlsafe(32)


def csrf_of(request: HTTPConnection) -> str:
    """What the page's forms carry as `csrf_token`, and its scripts as `X-CSRF-Token`; it changes with the session."""
    session: str = request.state.session
    return hmac.new(session.encode(), b"csrf", hashlib.sha256).hexdigest()


async def check_csrf(request: Request) -> None:
    """For routes of the page: what changes something was sent by a form of this server. Raises Forbidden."""
    if request.method in READS:
        return
    check_origin(request)
    shown = request.headers.get("x-csrf-token") or (await request.form()).get("csrf_token")
    if not isinstance(shown, str) or not hmac.compare_digest(shown.encode(), csrf_of(request).encode()):
        raise Forbidden("The form is out of date.", "Load the page again and repeat it.")
