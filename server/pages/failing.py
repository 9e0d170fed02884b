"""What a person sees when something cannot be done: a page that says so, and the way out."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from schemas.errors import AidevError, AlreadyAnswered, NotAuthenticated
from server.pages.rendering import page
from server.problems import status_of

HIDDEN = ("csrf_token", "interrupt_id", "artifact_hash", "decision", "token")
"""Fields that nobody typed to be read again."""
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose errors are pages."""

    def get_route_handler(self) -> Handler:
        """The handler, with its errors caught."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except AidevError as error:
                return await asyncio.to_thread(refused, request, error, sent=await typed(request))
            except RequestValidationError:
                wrong = AidevError("This address has a part that does not fit.")
                return await asyncio.to_thread(refused, request, wrong, 422)

        return handled


async def typed(request: Request) -> dict[str, str]:
    """What a person wrote into the form that was sent, so that it is not lost."""
    form = await request.form()
    return {name: text for name, text in form.items() if name not in HIDDEN and isinstance(text, str) and text.strip()}


def refused(
    request: Request, error: AidevError, status: int | None = None, sent: Mapping[str, str] | None = None
) -> Response:
    """The page of an error; whoever is not signed in is led to the door."""
    if isinstance(error, NotAuthenticated):
        return door(request)
    workflow_id = request.path_params.get("workflow_id")
    late = isinstance(error, AlreadyAnswered)
    return page(
        request,
        "message.html",
        status or status_of(error),
        section="",
        title="Somebody else was first" if late else "That did not work",
        tone="warn" if late else "bad",
        said=error.message,
        hint=error.hint,
        sent=sent or {},
        back=f"/app/workflows/{workflow_id}" if workflow_id else "/app",
        back_says="See how it stands now" if workflow_id else "To the workflows",
    )


def door(request: Request) -> Response:
    """The form to sign in with, on the way to what was asked for; what was sent without a session is not kept."""
    asked = request.method == "GET"
    fault = "" if asked else "You are not signed in any more: what you sent was not taken."
    return page(request, "login.html", 401, section="", next=request.url.path if asked else "/app", fault=fault)
