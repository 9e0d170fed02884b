"""Which role each of LangGraph's paths needs."""

from typing import Any

import pytest

from server.access.paths import need_of

THREAD = "/threads/3f0e"
RESUME = {"command": {"resume": {"decision": "approve"}}}
CASES: list[tuple[str, str, Any, str]] = [
    ("GET", "/info", None, "reader"),
    ("GET", "/metrics", None, "reader"),
    ("GET", "/docs", None, "reader"),
    ("GET", "/assistants/a/schemas", None, "reader"),
    ("POST", "/assistants/search", {}, "reader"),
    ("POST", "/assistants/count", {}, "reader"),
    ("POST", "/assistants/a/versions", {}, "reader"),
    ("POST", "/assistants", {"context": {"auto_approve": True}}, "approver"),
    ("PATCH", "/assistants/a", {}, "approver"),
    ("DELETE", "/assistants/a", None, "approver"),
    ("POST", "/assistants/a/latest", {}, "approver"),
    ("POST", "/threads", {}, "operator"),
    ("POST", "/threads", {"supersteps": [{"updates": []}]}, "approver"),
    ("POST", "/threads/search", {}, "reader"),
    ("POST", "/threads/count", {}, "reader"),
    ("POST", "/threads/prune", {}, "approver"),
    ("GET", THREAD, None, "reader"),
    ("PATCH", THREAD, {"metadata": {}}, "operator"),
    ("DELETE", THREAD, None, "approver"),
    ("GET", f"{THREAD}/state", None, "reader"),
    ("GET", f"{THREAD}/state/c1", None, "reader"),
    ("POST", f"{THREAD}/state", {"values": {}}, "approver"),
    ("POST", f"{THREAD}/state/checkpoint", {}, "reader"),
    ("GET", f"{THREAD}/history", None, "reader"),
    ("POST", f"{THREAD}/history", {}, "reader"),
    ("POST", f"{THREAD}/copy", {}, "approver"),
    ("GET", f"{THREAD}/stream", None, "reader"),
    ("POST", f"{THREAD}/stream/events", {}, "reader"),
    ("POST", f"{THREAD}/commands", {"method": "input.respond"}, "approver"),
    ("POST", f"{THREAD}/commands", {"method": "run.start"}, "approver"),
    ("WEBSOCKET", f"{THREAD}/stream/events", None, "approver"),
    ("GET", f"{THREAD}/runs", None, "reader"),
    ("GET", f"{THREAD}/runs/r/join", None, "reader"),
    ("POST", f"{THREAD}/runs/r/cancel", None, "operator"),
    ("DELETE", f"{THREAD}/runs/r", None, "approver"),
    ("POST", "/runs/cancel", {}, "operator"),
    ("POST", "/runs/crons", {"assistant_id": "a"}, "approver"),
    ("POST", f"{THREAD}/runs/crons", {"assistant_id": "a"}, "approver"),
    ("POST", "/runs/crons/search", {}, "reader"),
    ("POST", "/store/items/search", {}, "reader"),
    ("POST", "/store/namespaces", {}, "reader"),
    ("GET", "/store/items", None, "reader"),
    ("PUT", "/store/items", {}, "approver"),
    ("POST", "/mcp", {"method": "tools/list"}, "reader"),
    ("POST", "/mcp", {"method": "notifications/initialized"}, "reader"),
    ("POST", "/mcp", {"method": "tools/call"}, "operator"),
    ("POST", "/mcp", [{"method": "tools/list"}], "approver"),
    ("POST", "/a2a/x", {"method": "tasks/get"}, "reader"),
    ("POST", "/a2a/x", {"method": "tasks/cancel"}, "operator"),
    ("POST", "/a2a/x", {"method": "message/send"}, "approver"),
    ("POST", "/a2a/x", None, "approver"),
    ("GET", "/.well-known/agent-card.json", None, "reader"),
    ("POST", "/threads/search/", {}, "approver"),
    ("POST", "//threads", {}, "approver"),
    ("GET", "/what/is/new", None, "approver"),
    ("PURGE", "/threads", None, "approver"),
]
RUN_PATHS = ["/runs", "/runs/stream", "/runs/wait", f"{THREAD}/runs", f"{THREAD}/runs/stream", f"{THREAD}/runs/wait"]
RUN_BODIES: list[tuple[Any, str]] = [
    ({"assistant_id": "a", "input": {"request": "x"}}, "operator"),
    ({"assistant_id": "a", "command": None}, "operator"),
    ({"assistant_id": "a", "context": {"auto_approve": False, "model": "offline"}}, "operator"),
    ({"assistant_id": "a", **RESUME}, "approver"),
    ({"assistant_id": "a", "command": {"update": {"status": "x"}}}, "approver"),
    ({"assistant_id": "a", "command": {"goto": "publish"}}, "approver"),
    ({"assistant_id": "a", "context": {"auto_approve": True}}, "approver"),
    ({"assistant_id": "a", "config": {"configurable": {"auto_approve": 1}}}, "approver"),
    ({"assistant_id": "a", "config": "nonsense"}, "operator"),
    (None, "approver"),
    ("text", "approver"),
]


def role(method: str, path: str, body: Any) -> str | None:
    need = need_of(method, path, {})
    return need if need is None or isinstance(need, str) else need(body)


@pytest.mark.parametrize(("method", "path", "body", "expected"), CASES)
def test_a_path_of_langgraph_needs_its_role(method: str, path: str, body: Any, expected: str) -> None:
    assert role(method, path, body) == expected


@pytest.mark.parametrize("path", RUN_PATHS)
@pytest.mark.parametrize(("body", "expected"), RUN_BODIES)
def test_a_run_that_answers_is_for_approvers(path: str, body: Any, expected: str) -> None:
    assert role("POST", path, body) == expected


def test_a_batch_needs_what_the_most_of_it_needs() -> None:
    assert role("POST", "/runs/batch", [{"assistant_id": "a"}, {"assistant_id": "b"}]) == "operator"
    assert role("POST", "/runs/batch", [{"assistant_id": "a"}, RESUME]) == "approver"


def test_a_reader_cannot_cancel_by_hanging_up() -> None:
    join = f"{THREAD}/runs/r/join"
    assert need_of("GET", join, {"cancel_on_disconnect": "true"}) == "operator"
    assert need_of("GET", join, {"cancel_on_disconnect": "false"}) == "reader"


@pytest.mark.parametrize("path", ["/internal/truncate", "/internal/debug/thread/t", "/deploy", "/deploy/1/stream"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_debugging_and_deploying_are_closed_to_everybody(method: str, path: str) -> None:
    assert need_of(method, path, {}) is None
