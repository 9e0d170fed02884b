"""LangGraph's own pages on a real server: what they are shown, and what they send, letter by letter."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph_sdk import get_sync_client
from langgraph_sdk.client import SyncLangGraphClient

from tests.e2e.scripted import WORDS, given, plan
from tests.e2e.serving import Server, script, serving

pytestmark = [pytest.mark.xdist_group("api"), pytest.mark.timeout(300)]
ONE = [plan("counts"), given("architect"), given("coder")]
CONTEXT = ["model", "budget_usd", "budget_tokens", "budget_calls", "budget_seconds", "auto_approve"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def client(server: Server) -> Iterator[SyncLangGraphClient]:
    client = get_sync_client(url=server.url, api_key=None)
    yield client
    client.http.client.close()


def schemas(client: SyncLangGraphClient, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The fields of the input's form and of the settings."""
    (one,) = client.assistants.search(graph_id=name, metadata={"created_by": "system"})
    found = client.assistants.get_schemas(one["assistant_id"])
    shown, context = found["input_schema"], found["context_schema"]
    assert shown and context
    return shown["properties"], context["properties"]


def test_studio_shows_what_each_graph_is_for(client: SyncLangGraphClient) -> None:
    found = client.assistants.search(metadata={"created_by": "system"}, limit=50)
    assert {one["name"] for one in found} == {one["graph_id"] for one in found} >= {"developer", "todo", "planner"}
    assert all((one["description"] or "").endswith(".") for one in found), found


def test_studio_shows_forms_that_explain_themselves(client: SyncLangGraphClient) -> None:
    form, settings = schemas(client, "developer")
    assert list(form) == ["request", "repo", "todo_list"]
    assert list(settings)[:6] == CONTEXT
    fields = [*form.values(), *settings.values()]
    assert all(field["title"] and field["description"] for field in fields)
    assert settings["auto_approve"]["default"] is False


def test_studio_shows_a_setting_at_the_nodes_that_it_is_about(client: SyncLangGraphClient) -> None:
    nodes = {
        str(node["id"])
        for one in client.assistants.search(limit=50)
        for node in client.assistants.get_graph(one["assistant_id"])["nodes"]
    }
    _, settings = schemas(client, "developer")
    named = {node for field in settings.values() for node in field.get("langgraph_nodes", [])}
    assert "planner" in named <= nodes


def in_agent_inbox(thread: dict[str, Any]) -> dict[str, Any]:
    """What Agent Inbox reads of a thread. Source: langchain-ai/agent-inbox contexts/utils.ts."""
    ((asked,),) = thread["interrupts"].values()
    value: dict[str, Any] = asked["value"]
    assert set(value["config"]) == {"allow_accept", "allow_edit", "allow_respond", "allow_ignore"}
    assert isinstance(value["action_request"]["args"], dict)
    assert value["description"]
    return value


def in_agent_chat_ui(asked: dict[str, Any]) -> dict[str, Any]:
    """What its type guard lets through. Source: langchain-ai/agent-chat-ui lib/agent-inbox-interrupt.ts."""
    value: dict[str, Any] = asked["value"]
    assert value["action_requests"]
    assert value["review_configs"]
    assert all(isinstance(one["name"], str) and isinstance(one["args"], dict) for one in value["action_requests"])
    assert all(isinstance(one["action_name"], str) for one in value["review_configs"])
    assert all(isinstance(one["allowed_decisions"], list) for one in value["review_configs"])
    return value


def test_an_assistant_of_its_own_answered_from_both_pages(
    server: Server, client: SyncLangGraphClient, tmp_path: Path
) -> None:
    settings: Any = {"model": script(tmp_path, ONE), "budget_calls": 20}
    mine = client.assistants.create("developer", context=settings, name="scripted", description="Twenty calls.")
    thread = client.threads.create()["thread_id"]
    client.runs.wait(thread, mine["assistant_id"], input={"request": WORDS})
    begun = server.status(thread)
    assert (begun["model"], begun["budget"]["calls"]) == (settings["model"], 20)

    (listed,) = client.threads.search(metadata={"graph_id": "developer"}, status="interrupted", ids=[thread])
    action = in_agent_inbox(dict(listed))["action_request"]
    assert refused(server, thread, [edited(action, "{broken")])
    assert [asked["name"] for asked in server.status(thread)["questions"]] == ["approve_plan"]
    action["args"]["todo_list"]["items"][0]["title"] = "Words, counted"
    assert not refused(server, thread, [edited(action, json.dumps(action["args"]["todo_list"]))])

    (asked,) = client.threads.get_state(thread)["interrupts"]
    assert in_agent_chat_ui(dict(asked))["action_requests"][0]["name"] == "approve_release"
    assert not refused(server, thread, {"decisions": [{"type": "approve"}]})

    ended = server.ended(thread)
    assert ended["status"] == "completed", ended
    assert [todo["title"] for todo in ended["plan"]["items"]] == ["Words, counted"]
    taken = [(one["name"], one["decision"]) for one in ended["approvals"]]
    assert sorted(taken) == [("approve_plan", "edit"), ("approve_release", "approve")]


def edited(action: dict[str, Any], text: str) -> dict[str, Any]:
    """Agent Inbox's edit: every field is a text."""
    return {"type": "edit", "args": {"action": action["action"], "args": {"todo_list": text}}}


def refused(server: Server, thread: str, answer: Any) -> bool:
    """Whether the run that both pages resume a thread with ends in an error; Agent Chat UI sends an empty input too."""
    body = {"assistant_id": "developer", "input": {}, "command": {"resume": answer}, "stream_mode": ["values"]}
    told = httpx.post(f"{server.url}/threads/{thread}/runs/stream", json=body, timeout=120)
    assert told.is_success, told.text
    return "event: error" in told.text
