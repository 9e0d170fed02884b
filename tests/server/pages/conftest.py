"""The page behind the guard, as the server has it, with people of every role; nothing is run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from graph import driver
from nodes.approval import request as asked
from server import pages
from server.access import guarded
from server.pages.failing import refused
from server.problems import handle_problems
from state import questions, tokens
from state.database import pool
from state.tokens import ROLES
from tests.e2e.scripted import library

Visit = Callable[[str], TestClient]
PLAN: dict[str, Any] = {
    "todo_list_id": "plan_1",
    "workflow_name": "Text library",
    "created_at": "2026-01-01T00:00:00Z",
    "items": [{**item, "priority": 1, "max_retries": 1} for item in library()[0]["respond"]["items"]],
}


@pytest.fixture(scope="module")
def app() -> FastAPI:
    """The routes of the page alone."""
    made = FastAPI()
    guarded(made, page_of=refused)
    handle_problems(made)
    made.include_router(pages.router)
    return made


@pytest.fixture
def visit(app: FastAPI) -> Iterator[Visit]:
    """`visit(role)`: somebody's program; "" for a stranger."""
    forget_tokens()
    held: dict[str, str] = {role: tokens.add(f"the-{role}", role) for role in ROLES}

    def client(role: str) -> TestClient:
        headers = {"authorization": f"Bearer {held[role]}"} if role else {}
        return TestClient(app, "http://127.0.0.1", headers={"accept": "text/html", **headers})

    yield client
    forget_tokens()


def forget_tokens() -> None:
    """Those that other tests have left too."""
    with pool().connection() as connection:
        connection.execute("truncate tokens, sessions")


@pytest.fixture
def waiting() -> str:
    """A workflow whose plan waits under the interrupt `i1`."""
    given: Any = {"request": "Build a small text library", "repo": None, "todo_list": None}
    workflow_id = driver.create(given, {"model": "offline"})
    payload = asked("approve_plan", {"todo_list": PLAN}, "three todos", ["approve", "edit", "reject", "respond"])
    questions.ask(workflow_id, "i1", payload)
    return workflow_id
