"""Tokens: shown once, kept as a hash, ended for good."""

from collections.abc import Iterator

import pytest

from schemas.errors import BadInput, NotFound
from state import tokens
from state.database import pool


@pytest.fixture(autouse=True)
def _no_tokens() -> Iterator[None]:
    with pool().connection() as connection:
        connection.execute("truncate tokens, sessions")
    yield


def test_a_token_is_known_by_its_hash_alone() -> None:
    token = tokens.add("maria", "approver")
    assert token.startswith("aidev_")
    assert len(token) == len("aidev_") + 43
    found = tokens.holder(token)
    assert found is not None
    assert (found.name, found.role) == ("maria", "approver")
    with pool().connection() as connection:
        (row,) = connection.execute("select tokens::text as all from tokens").fetchall()
    assert token not in row["all"]
    assert token.removeprefix("aidev_") not in row["all"]


def test_no_two_tokens_are_alike() -> None:
    assert tokens.add("a", "reader") != tokens.add("b", "reader")


@pytest.mark.parametrize("text", ["", "aidev_", "aidev_" + "x" * 43, "\x00", "\udc80"])
def test_other_text_is_nobodys(text: str) -> None:
    tokens.add("maria", "reader")
    assert tokens.holder(text) is None
    assert tokens.open_session(text) is None
    assert tokens.session_holder(text) is None


@pytest.mark.parametrize("name", ["", " ", "-x", "a b", "a\nb", "ä", "x" * 65, "../x", "a;drop", "\x00"])
def test_a_name_that_would_confuse_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot name a token"):
        tokens.add(name, "reader")


def test_a_name_is_taken_for_good() -> None:
    tokens.add("maria", "reader")
    tokens.revoke("maria")
    with pytest.raises(BadInput, match="there was one"):
        tokens.add("maria", "approver")


def test_its_use_is_noted_and_its_end() -> None:
    token = tokens.add("maria", "reader")
    assert tokens.listed()[0].last_used_at is None
    tokens.holder(token)
    assert tokens.listed()[0].last_used_at is not None
    assert tokens.any_live()
    session = tokens.open_session(token)
    assert session is not None
    tokens.revoke("maria")
    assert tokens.listed()[0].revoked_at is not None
    assert not tokens.any_live()
    assert tokens.holder(token) is None
    assert tokens.session_holder(session) is None


def test_what_cannot_be_revoked_is_told() -> None:
    with pytest.raises(NotFound, match="no token named"):
        tokens.revoke("nobody")
    tokens.add("maria", "reader")
    tokens.revoke("maria")
    with pytest.raises(BadInput, match="revoked before"):
        tokens.revoke("maria")
