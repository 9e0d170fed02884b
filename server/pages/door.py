"""In and out: signing in with a token, signing out, and the way from `/` to the page."""

import asyncio

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from schemas.errors import NotAuthenticated
from server.access.session import check_csrf, clear_cookie, close_session, open_session, set_cookie
from server.pages.failing import PageRoute
from server.pages.forms import Fields
from server.pages.rendering import page

router = APIRouter(route_class=PageRoute)


@router.get("/")
def front(request: Request) -> Response:
    """Browsers are led to the page; programs are told that the server is there."""
    asks_for_page = "text/html" in request.headers.get("accept", "")
    return RedirectResponse("/app", 303) if asks_for_page else JSONResponse({"ok": True})


@router.get("/app/login")
def door(request: Request, next: str = "/app") -> Response:
    """The form."""
    return page(request, "login.html", section="", next=inside(next), fault="")


@router.post("/app/login", dependencies=[Depends(check_csrf)])
async def enter(request: Request, form: Fields) -> Response:
    """Open a session; who comes with another text than a token is told so."""
    place = inside(form.get("next", ""))
    try:
        session = await open_session(form.get("token", ""))
    except NotAuthenticated as error:
        return await asyncio.to_thread(page, request, "login.html", 401, section="", next=place, fault=error.message)
    response = RedirectResponse(place, 303)
    set_cookie(response, request, session)
    return response


@router.post("/app/logout", dependencies=[Depends(check_csrf)])
async def leave(request: Request) -> Response:
    """End the session."""
    await close_session(request)
    response = RedirectResponse("/app/login", 303)
    clear_cookie(response)
    return response


def inside(path: str) -> str:
    """A place on this page; for anything else its front."""
    return path if path == "/app" or (path.startswith("/app/") and "\\" not in path) else "/app"
