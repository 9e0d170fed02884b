"""LangGraph's own hooks follow the same roles."""

import asyncio
from typing import Any

import pytest
from langgraph_sdk import Auth

from server.access.langgraph_auth import authenticate, decide, role_for
from server.access.roles import Identity
from state.tokens import ROLES


class User:
    def __init__(self, name: str) -> None:
        self.identity = name


CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("threads", "read", {}, "reader"),
    ("assistants", "search", {}, "reader"),
    ("store", "list_namespaces", {}, "reader"),
    ("threads", "create", {"thread_id": "t"}, "operator"),
    ("threads", "create_run", {"kwargs": {"input": {}}}, "operator"),
    ("threads", "create_run", {"kwargs": {"command": {"resume": 1}}}, "approver"),
    ("threads", "create_run", {"kwargs": {"context": {"auto_approve": True}}}, "approver"),
    ("threads", "update", {"thread_id": "t", "metadata": {}}, "operator"),
    ("threads", "update", {"thread_id": "t"}, "approver"),
    ("threads", "delete", {}, "approver"),
    ("assistants", "create", {}, "approver"),
    ("crons", "create", {}, "approver"),
    ("store", "put", {}, "approver"),
    ("anything", "new", {}, "approver"),
]


@pytest.mark.parametrize(("resource", "action", "value", "least"), CASES)
def test_an_action_needs_its_role(resource: str, action: str, value: dict[str, Any], least: str) -> None:
    assert role_for(resource, action, value) == least
    for role in ROLES:
        ctx = Auth.types.AuthContext(permissions=[role], user=User("x"), resource=resource, action=action)  # type: ignore[arg-type]
        assert asyncio.run(decide(ctx, value)) is (ROLES.index(role) >= ROLES.index(least))


def test_a_run_is_the_callers_whom_the_guard_let_in() -> None:
    scope = {"type": "http", "state": {"identity": Identity("maria", "operator")}}
    assert asyncio.run(authenticate(scope)) == {
        "identity": "maria",
        "display_name": "maria",
        "permissions": ["operator"],
    }


@pytest.mark.parametrize(
    "headers", [[], [(b"authorization", b"Bearer aidev_wrong")], [(b"x-auth-scheme", b"langsmith")]]
)
def test_without_the_guard_nobody_gets_in_either(headers: list[tuple[bytes, bytes]], no_tokens: None) -> None:
    scope = {"type": "http", "method": "GET", "path": "/threads", "headers": headers, "query_string": b"", "state": {}}
    with pytest.raises(Auth.exceptions.HTTPException) as refused:
        asyncio.run(authenticate(scope))
    assert refused.value.status_code == 401
