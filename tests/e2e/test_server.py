"""The real LangGraph server: graphs, forms, and a whole workflow through its SDK with its interrupts."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from tests.e2e.conftest import Aidev
from tests.e2e.serving import Server, running

pytestmark = pytest.mark.xdist_group("server")
REQUEST = "Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss"
NAMES = {"developer", "todo", "branch", "planner", "architect", "coder", "tester", "debugger"}


@pytest.fixture(scope="module")
def url(home: Path, sandbox_image: str) -> Iterator[str]:
    """A server of this module's own, in the home of the command line."""
    with running(Server(home)) as server:
        yield server.url


@pytest.fixture
def client(url: str) -> Iterator[SyncLangGraphClient]:
    client = get_sync_client(url=url)
    yield client
    client.http.client.close()


def assistants(client: SyncLangGraphClient) -> dict[str, str]:
    return {found["graph_id"]: found["assistant_id"] for found in client.assistants.search(limit=50)}


def test_every_graph_opens_with_its_shape(client: SyncLangGraphClient) -> None:
    found = assistants(client)
    assert set(found) == NAMES
    for name, assistant_id in found.items():
        drawn: dict[str, Any] = client.assistants.get_graph(assistant_id, xray=True)
        nodes = {str(node["id"]) for node in drawn["nodes"]}
        edges = {(edge["source"], edge["target"]) for edge in drawn["edges"]}
        assert nodes, name
        reached = {target for _, target in edges} | {"__start__"}
        assert nodes <= reached, (name, nodes - reached)
    drawn = client.assistants.get_graph(found["developer"], xray=True)
    edges = {(edge["source"], edge["target"]) for edge in drawn["edges"]}
    assert ("todo:branch:debugger", "todo:branch:escalate") in edges
    assert ("approve_plan", "planner") in edges


def test_input_schemas_are_small_forms(client: SyncLangGraphClient) -> None:
    for name, assistant_id in assistants(client).items():
        schema = client.assistants.get_schemas(assistant_id)["input_schema"]
        assert schema is not None
        fields = schema["properties"]
        assert set(fields) <= {"request", "repo", "todo_list", "todo", "commit"}, name
        assert all(field.get("description") for field in fields.values()), (name, fields)


def test_a_workflow_through_the_sdk(client: SyncLangGraphClient, aidev: Aidev) -> None:
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, "developer", input={"request": REQUEST}, context={"model": "offline"})
    for name in ("approve_plan", "approve_release"):
        (asked,) = client.threads.get_state(thread)["interrupts"]
        assert asked["value"]["action_requests"][0]["name"] == name
        answer = {asked["id"]: {"decisions": [{"type": "approve"}]}}
        client.runs.wait(thread, "developer", command={"resume": answer})
    values: Any = client.threads.get_state(thread)["values"]
    assert values["status"] == "completed"
    assert {result["status"] for result in values["results"].values()} == {"done"}
    assert '"completed"' in aidev("status", thread, "--json").out


@pytest.mark.parametrize("given", [{}, {"request": "  "}, {"request": "make me rich"}, {"nonsense": 1}])
def test_nonsense_is_refused_before_any_work(client: SyncLangGraphClient, given: dict[str, Any]) -> None:
    thread = client.threads.create()["thread_id"]
    ended: Any = client.runs.wait(thread, "developer", input=given, context={"model": "offline"}, raise_error=False)
    assert ended.get("__error__"), ended


def test_a_role_by_itself(client: SyncLangGraphClient) -> None:
    thread = client.threads.create()["thread_id"]
    ended: Any = client.runs.wait(thread, "planner", input={"request": REQUEST}, context={"model": "offline"})
    assert next(item["id"] for item in ended["plan"]["items"]) == "t1_data_integration"
    todo = ended["plan"]["items"][0]
    thread = client.threads.create()["thread_id"]
    made: Any = client.runs.wait(thread, "architect", input={"todo": todo, "request": REQUEST})
    assert made["sealed"] == made["head"]
