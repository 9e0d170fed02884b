"""Who may use the server, how often, and with what: one guard before every route, LangGraph's own included."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from server.access.bodies import BodyLimit
from server.access.guard import Guard
from server.access.headers import SecurityHeaders
from server.access.origins import allowed_origins
from server.access.visit import PageOf

READABLE = ["content-location", "retry-after", "x-pagination-next", "x-pagination-total"]
"""Headers that a page of an allowed origin may read."""


def guarded(app: FastAPI, page_of: PageOf) -> None:
    """Put the guard before all of the app's routes, those that are added to it later too.

    `page_of` makes what a person at a browser is shown of an error.
    """
    app.add_middleware(Guard, page_of=page_of)
    app.add_middleware(BodyLimit)
    if origins := allowed_origins():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["*"],
            allow_headers=["*"],
            allow_private_network=True,
            expose_headers=READABLE,
        )
    app.add_middleware(SecurityHeaders)
