"""The HTTP application: LangGraph's server takes it in by `http.app`; alone, it drives one at LANGGRAPH_URL."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.security import HTTPBearer

from server import pages
from server.access import guarded
from server.keeper import Keeper
from server.methods import refuse_other_methods
from server.names import only_known
from server.pages.failing import refused
from server.problems import SCHEMA, documented, handle_problems
from server.routes import agents, events, health, orchestrator, planner
from server.stopping import notice_signals
from settings import settings
from state import todo_lists
from tools import logs, metrics, relay, tracing
from tools.agents import Presence

EXAMPLES = Path(__file__).parents[1] / "examples"
API = [planner.router, orchestrator.router, events.router, agents.router]
TOKEN = HTTPBearer(auto_error=False, description="docs/access.md; on a server that only its own machine reaches: none")
"""For the description alone: `server.access` asks for tokens."""
THREADS_PER_WORKFLOW = 6
"""A workflow's steps block a thread each; the rest answer requests."""


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """What runs beside the requests: the keeper, the relay of events, and the word that the roles are here."""
    threads = 32 + settings().server_jobs * THREADS_PER_WORKFLOW
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(threads, thread_name_prefix="work"))
    notice_signals()
    logging.getLogger("httpx").setLevel(logging.WARNING)  # the keeper's look at the graphs, every second
    await asyncio.to_thread(tracing.start)
    await asyncio.to_thread(keep_examples)
    await asyncio.to_thread(relay.start)
    presence = Presence()
    await asyncio.to_thread(presence.start)
    keeping = asyncio.create_task(Keeper().keep())
    yield
    keeping.cancel()
    await asyncio.gather(keeping, return_exceptions=True)
    await asyncio.to_thread(presence.stop)
    await asyncio.to_thread(relay.stop)


def keep_examples() -> None:
    """The example lists can be executed by their ids."""
    for file in EXAMPLES.glob("*todo_list*.json"):
        todo_lists.renew(json.loads(file.read_text(encoding="utf-8")), "example")


def described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document, with the shape of errors."""
    if not app.openapi_schema:
        found = FastAPI.openapi(app)
        found["components"]["schemas"]["Problem"] = SCHEMA
        app.openapi_schema = found
    return app.openapi_schema


def make_app() -> FastAPI:
    """All of it, in one place."""
    app = FastAPI(
        title="aidev",
        version=version("aidev"),
        summary="From a request to a proven git branch",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        responses=documented(400, 405, 413, 422, 429, 500, 503),
        lifespan=lifespan,
    )
    app.openapi = lambda: described(app)  # type: ignore[method-assign]
    logs.configure()
    metrics.register()
    app.add_middleware(metrics.FreshMetrics)
    guarded(app, page_of=refused)
    handle_problems(app)
    app.include_router(health.router)
    for router in API:
        app.include_router(router, responses=documented(401, 403), dependencies=[Depends(TOKEN), Depends(only_known)])
    app.include_router(pages.router, dependencies=[Depends(TOKEN)])
    refuse_other_methods(app, [health.router, *API])
    return app


app = make_app()
