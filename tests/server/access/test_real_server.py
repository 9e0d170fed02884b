"""The real LangGraph server asks for tokens: on every path it has, and its runs know whose they are."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.access.paths import OPEN
from server.dev import ROOT, command, environment
from state import tokens
from state.tokens import ROLES
from tests.conftest import _free_port
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
    port = _free_port()
    env = environment(ask_for_tokens=True) | {"RATE_LIMIT": "none"}
    log = (home / "access.log").open("w")
    process = subprocess.Popen(
        command("127.0.0.1", port), cwd=ROOT, env=env, stdout=log, stderr=log, start_new_session=True
    )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
        deadline = time.monotonic() + 60
        while not answers(client):
            assert process.poll() is None, (home / "access.log").read_text()[-3000:]
            assert time.monotonic() < deadline, (home / "access.log").read_text()[-3000:]
            time.sleep(0.2)
        yield client
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    log.close()


def answers(client: httpx.Client) -> bool:
    try:
        return client.get("/ok").is_success
    except httpx.HTTPError:
        return False


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
