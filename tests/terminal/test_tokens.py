"""`aidev token`, as a person types it."""

import json
from collections.abc import Iterator

import pytest
from typer.testing import CliRunner

from schemas.errors import BadInput, NotFound
from state import tokens
from state.database import pool
from terminal.tokens import app

aidev_token = CliRunner()


@pytest.fixture(autouse=True)
def _no_tokens() -> Iterator[None]:
    with pool().connection() as connection:
        connection.execute("truncate tokens, sessions")
    yield


def test_a_token_is_printed_once_and_listed_without_it() -> None:
    made = aidev_token.invoke(app, ["add", "maria", "--role", "approver"])
    token = made.stdout.strip()
    assert tokens.holder(token)
    shown = aidev_token.invoke(app, ["list"]).stdout
    assert "maria" in shown
    assert token not in shown
    (row,) = json.loads(aidev_token.invoke(app, ["list", "--json"]).stdout)
    assert set(row) == {"name", "role", "created_at", "last_used_at", "revoked_at"}
    assert aidev_token.invoke(app, ["revoke", "maria"]).exit_code == 0
    assert tokens.holder(token) is None


@pytest.mark.parametrize("arguments", [["add", "maria"], ["add", "maria", "--role", "owner"], ["add"], ["revoke"]])
def test_what_is_left_out_or_unknown_is_told(arguments: list[str]) -> None:
    assert aidev_token.invoke(app, arguments).exit_code == 2
    assert tokens.listed() == []


def test_errors_are_the_command_lines_to_report() -> None:
    assert isinstance(aidev_token.invoke(app, ["revoke", "nobody"]).exception, NotFound)
    assert isinstance(aidev_token.invoke(app, ["add", "a b", "--role", "reader"]).exception, BadInput)
