"""A small app behind the guard, as the server has it: our routes, and one that stands for LangGraph's."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import Depends, FastAPI, Request, WebSocket
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from starlette.testclient import TestClient

from server.access import guarded
from server.access.roles import Approver, Operator, Reader
from server.access.session import check_csrf, close_session, csrf_of, open_session, set_cookie
from server.pages.failing import refused
from server.problems import handle_problems
from state import tokens
from state.database import pool
from state.tokens import ROLES

HTML = {"accept": "text/html"}
Enter = Callable[..., TestClient]


class Given(BaseModel):
    number: int


def small_app() -> FastAPI:
    app = FastAPI()
    guarded(app, page_of=refused)
    handle_problems(app)

    @app.get("/health")
    def health() -> str:
        return "ok"

    @app.get("/orchestrator/status/{name}")
    def read(name: str, by: Reader) -> dict[str, str]:
        return {"name": by.name, "role": by.role}

    @app.post("/orchestrator/execute")
    def start(by: Operator, given: Given) -> str:
        return by.name

    @app.post("/orchestrator/approve/{name}")
    def approve(name: str, by: Approver) -> str:
        return by.name

    @app.get("/orchestrator/crash")
    def crash(request: Request, by: Reader) -> str:
        raise RuntimeError(f"no good: {dict(request.headers)}")

    @app.get("/app")
    @app.get("/app/login")
    def page(request: Request) -> HTMLResponse:
        return HTMLResponse(csrf_of(request))

    @app.post("/app/login")
    async def login(request: Request) -> HTMLResponse:
        answer = HTMLResponse("in")
        set_cookie(answer, request, await open_session(str((await request.form())["token"])))
        return answer

    @app.post("/app/logout", dependencies=[Depends(check_csrf)])
    async def logout(request: Request) -> str:
        await close_session(request)
        return "out"

    @app.post("/app/answer", dependencies=[Depends(check_csrf)])
    async def answer(request: Request, by: Approver) -> str:
        return f"{by.name} {(await request.form()).get('text')}"

    @app.websocket("/threads/t/stream/events")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.close()

    @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"])
    async def langgraph(path: str, request: Request) -> dict[str, Any]:
        identity = getattr(request.state, "identity", None)
        return {"body": (await request.body()).decode(), "name": identity.name if identity else "nobody"}

    return app


@pytest.fixture
def enter() -> Iterator[Enter]:
    """`enter(base_url, address)`: a client of a new server."""
    opened: list[TestClient] = []

    def start(base_url: str = "http://127.0.0.1:2024", address: str = "127.0.0.1") -> TestClient:
        client = TestClient(
            small_app(), base_url, raise_server_exceptions=False, client=(address, 5), follow_redirects=False
        )
        opened.append(client)
        return client

    yield start
    for client in opened:
        client.close()


@pytest.fixture
def no_tokens() -> Iterator[None]:
    """Nobody is known yet."""
    with pool().connection() as connection:
        connection.execute("truncate tokens, sessions")
    yield


@pytest.fixture
def held(no_tokens: None) -> dict[str, str]:
    """A live token of each role."""
    return {role: tokens.add(f"the-{role}", role) for role in ROLES}


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
