"""The API keeps to its own description, whatever is thrown at it: no 500, and no answer that is not described."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import jsonschema
import pytest
from starlette.testclient import TestClient

from server.app import app
from server.problems import MEDIA_TYPE, SCHEMA
from state import tokens
from state.database import pool
from tests.conftest import Configure
from tests.e2e.conftest import ROOT
from tests.e2e.scripted import WORDS, given, plan
from tests.e2e.serving import Server, script, serving

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.timeout(300)]
CONFIG = Path(__file__).with_name("schemathesis.toml")
STREAM = "^/orchestrator/events/"
NOBODY = "00000000-0000-4000-8000-000000000000"
OPEN = {"GET /health", "GET /ready"}
EVERY = {
    f"{method.upper()} {path}": route
    for path, routes in app.openapi()["paths"].items()
    for method, route in routes.items()
}
GUARDED = EVERY.keys() - OPEN
WRITING = {name for name in EVERY if name.startswith("POST")}
TAKING = {name for name, route in EVERY.items() if "requestBody" in route}
"""Routes with a body."""
NAMED = {name for name in EVERY if name.startswith("GET") and "_id}" in name}
"""Reads of something by its id."""


@pytest.fixture(scope="module")
def server(sandbox_image: str) -> Iterator[Server]:
    with serving(MODEL_NAME="offline") as started:
        yield started


@pytest.fixture(scope="module")
def session(server: Server, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What examples/api.sh prints, from the request to the release."""
    model = script(tmp_path_factory.mktemp("script"), [plan("counts"), given("architect"), given("coder")])
    environment = {**os.environ, "URL": server.url, "MODEL": model, "REQUEST": WORDS}
    done = subprocess.run([ROOT / "examples/api.sh"], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, (done.stdout, done.stderr, server.log)
    return done.stdout


@pytest.fixture(scope="module")
def completed(session: str) -> str:
    """The id of its workflow."""
    return session.split()[-1]


@pytest.fixture
def tokens_end() -> Iterator[None]:
    """The tokens of a test end with it."""
    yield
    with pool().connection() as connection:
        connection.execute("delete from tokens")


def schemathesis(server: Server, workflow_id: str, *which: str) -> subprocess.CompletedProcess[str]:
    """Right and wrong requests in large number, the same in every run."""
    command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(CONFIG), "run", *which]
    return subprocess.run(
        [*command, f"{server.url}/api/openapi.json"],
        cwd=ROOT,
        env={**os.environ, "WORKFLOW_ID": workflow_id},
        capture_output=True,
        text=True,
    )


def test_the_example_goes_from_a_request_to_a_release(server: Server, session: str, completed: str) -> None:
    for shown in (
        f"once only: {completed}",
        "approve_plan",
        "approve_release",
        "+def count_words",
        "textlib/counts.py",
    ):
        assert shown in session
    found = server.status(completed)
    assert (found["status"], found["model_calls"], len(found["approvals"])) == ("completed", 2, 2)


def test_any_request_is_answered_as_described(server: Server, completed: str) -> None:
    done = schemathesis(server, completed, "--exclude-path-regex", STREAM)
    assert done.returncode == 0, done.stdout


def test_the_stream_of_nothing_is_refused_as_described(server: Server) -> None:
    done = schemathesis(server, NOBODY, "--include-path-regex", STREAM)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("status", "role", "limits", "refused"),
    [
        (401, None, {}, GUARDED),
        (403, "reader", {}, WRITING),
        (404, "reader", {}, NAMED),
        (413, "approver", {"MAX_BODY_BYTES": 1}, EVERY.keys()),
        (415, "approver", {}, TAKING),
        (429, "approver", {"RATE_LIMIT": "1/hour"}, GUARDED),
    ],
    ids=["no token", "a reader", "an id that nobody knows", "a large body", "no JSON", "too often"],
)
def test_every_refusal_is_described(
    configure: Configure,
    tokens_end: None,
    status: int,
    role: tokens.Role | None,
    limits: dict[str, Any],
    refused: set[str],
) -> None:
    configure(**limits)
    headers = {"Authorization": f"Bearer {tokens.add(f'openapi-{status}', role)}"} if role else {}
    TestClient(app).get("/agent/planner/status", headers=headers)  # the one that RATE_LIMIT allows
    found = set()
    for number, (name, route) in enumerate(EVERY.items()):
        method, path = name.split()
        answer = TestClient(app, client=(f"10.0.0.{number}", 1)).request(method, path, headers=headers, content=b"{}")
        if answer.status_code == status:
            found.add(name)
            assert answer.headers["content-type"] in route["responses"][str(status)]["content"], name
            jsonschema.validate(answer.json(), SCHEMA)
            assert answer.json()["status"] == status
    assert found == refused


def test_another_method_is_refused_as_described(server: Server) -> None:
    for path, routes in app.openapi()["paths"].items():
        answer = httpx.patch(server.url + path)
        assert (answer.status_code, answer.headers["content-type"]) == (405, MEDIA_TYPE), path
        assert answer.headers["allow"] == ", ".join(sorted(method.upper() for method in routes))


def test_a_query_that_a_route_does_not_know_is_refused(server: Server) -> None:
    for name in sorted(GUARDED):
        method, path = name.split()
        answer = httpx.request(method, server.url + path, params={"stauts": "waiting"})
        assert (answer.status_code, "stauts: " in answer.text) == (422, True), name


def test_the_page_names_every_route() -> None:
    page = (ROOT / "docs/api.md").read_text()
    assert [name for name in EVERY if f"`{name}`" not in page] == []


def test_every_route_has_words_and_its_own_errors() -> None:
    assert len(EVERY) > 20
    for name, route in EVERY.items():
        assert route["description"], name
        for status, answer in route["responses"].items():
            shown = {"application/json"} if (name, status) == ("GET /ready", "503") else {MEDIA_TYPE}
            assert status.startswith("2") or answer["content"].keys() == shown, (name, status)


@pytest.mark.parametrize("body", ["PlanIn", "ExecuteIn", "AnswerIn", "ResultIn", "AgentTaskIn"])
def test_a_body_is_shown_by_example(body: str) -> None:
    document = app.openapi()
    assert document["info"]["version"]
    assert document["components"]["schemas"][body]["examples"]
