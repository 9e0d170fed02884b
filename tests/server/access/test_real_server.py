"""The real LangGraph server asks for tokens: on every path it has, and its runs know whose they are."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.access.paths import OPEN
from state import tokens
from state.tokens import ROLES
from tests.e2e.serving import Server, running
from tests.server.access.conftest import bearing

pytestmark = pytest.mark.xdist_group("real_server")
REQUEST = "Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss"
HELD = {role: f"real-{role}" for role in ROLES}


@pytest.fixture(scope="module")
def keys(home: Path) -> dict[str, dict[str, str]]:
    """Headers of each role."""
    return {role: bearing(tokens.add(name, role)) for role, name in HELD.items()}


@pytest.fixture(scope="module")
def api(home: Path, keys: dict[str, dict[str, str]]) -> Iterator[httpx.Client]:
    with (
        running(Server(home, "--auth", RATE_LIMIT="none")) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        yield client


def test_every_path_is_closed_to_strangers(api: httpx.Client, keys: dict[str, dict[str, str]]) -> None:
    paths = api.get("/openapi.json", headers=keys["reader"]).json()["paths"]
    assert {"/threads/{thread_id}/runs", "/assistants/search"} <= set(paths)
    for template, methods in paths.items():
        path = re.sub(r"{[^}]*}", "x", template)
        if OPEN.fullmatch(path):
            continue
        for method in methods:
            assert api.request(method, path).status_code in (401, 429), (method, path)


def test_a_run_is_its_callers_and_roles_hold(api: httpx.Client, keys: dict[str, dict[str, str]]) -> None:
    assert api.post("/threads", json={}, headers=keys["reader"]).status_code == 403
    thread: str = api.post("/threads", json={}, headers=keys["operator"]).json()["thread_id"]
    run: dict[str, Any] = {
        "assistant_id": "planner",
        "input": {"request": REQUEST},
        "context": {"model": "offline"},
    }
    ended = api.post(f"/threads/{thread}/runs/wait", json=run, headers=keys["operator"])
    assert ended.json()["plan"]["items"], ended.text
    (found,) = api.get(f"/threads/{thread}/runs", headers=keys["reader"]).json()
    assert found["kwargs"]["config"]["configurable"]["langgraph_auth_user_id"] == HELD["operator"]
    resume = {"assistant_id": "planner", "command": {"resume": {"decision": "approve"}}}
    assert api.post(f"/threads/{thread}/runs", json=resume, headers=keys["operator"]).status_code == 403
    assert api.post(f"/threads/{thread}/state", json={"values": {}}, headers=keys["operator"]).status_code == 403
    assert api.delete(f"/threads/{thread}", headers=keys["operator"]).status_code == 403
    assert api.delete(f"/threads/{thread}", headers=keys["approver"]).is_success
