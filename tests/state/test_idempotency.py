"""A key stands for one request of one caller; lists stay what they were under their id."""

import uuid
from typing import Any

import pytest

from schemas.errors import BadInput, KeyReused, NotFound
from state import todo_lists
from state.idempotency import workflow_for


def test_a_key_stands_for_one_request() -> None:
    key, body = uuid.uuid4().hex, {"request": "x"}
    first = workflow_for("ann", key, "execute", body)
    assert workflow_for("ann", key, "execute", {"request": "x"}) == first
    assert workflow_for("bob", key, "execute", body) != first
    for route, other in (("execute", {"request": "y"}), ("plan", body)):
        with pytest.raises(KeyReused):
            workflow_for("ann", key, route, other)


def test_without_a_key_every_request_is_a_new_one() -> None:
    assert workflow_for("ann", None, "execute", {}) != workflow_for("ann", None, "execute", {})


def test_a_list_keeps_its_id() -> None:
    document: dict[str, Any] = {"todo_list_id": f"l{uuid.uuid4().hex}", "workflow_name": "n", "items": [{"id": "a"}]}
    todo_lists.keep(document, "ann")
    todo_lists.keep(document, "bob")
    assert todo_lists.get(document["todo_list_id"]) == document
    with pytest.raises(BadInput, match="another todo list"):
        todo_lists.keep({**document, "workflow_name": "m"}, "bob")
    assert (todo_lists.newest(1)[0]["created_by"], todo_lists.newest(1)[0]["todos"]) == ("ann", 1)


@pytest.mark.parametrize("name", ["none", "", "a\0b", "'; drop table todo_lists; --"])
def test_an_unknown_list_is_named(name: str) -> None:
    with pytest.raises(NotFound):
        todo_lists.get(name)
