"""Signing in on the page: a cookie that ends, and forms that only this browser's page can send."""

import pytest
from starlette.testclient import TestClient

from server.access.callers import COOKIE, holders, sessions
from state import tokens
from state.database import pool
from tests.conftest import Configure
from tests.server.access.conftest import HTML, Enter, bearing

STATUS = "/orchestrator/status/w"


def signed_in(client: TestClient, token: str) -> str:
    """The page's CSRF token."""
    assert client.post("/app/login", data={"token": token}).status_code == 200
    return client.get("/app", headers=HTML).text


def test_signing_in_opens_a_session(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    signed_in(client, held["operator"])
    assert client.get(STATUS).json() == {"name": "the-operator", "role": "operator"}
    kept = client.cookies[COOKIE]
    with pool().connection() as connection:
        (row,) = connection.execute("select session_hash, expires_at - now() as left from sessions").fetchall()
    assert row["session_hash"] == tokens.digest(kept)
    assert kept.encode() not in row["session_hash"]
    assert 0 < row["left"].total_seconds() <= 12 * 3600


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(enter: Enter, held: dict[str, str], scheme: str) -> None:
    answer = enter(f"{scheme}://host.example").post("/app/login", data={"token": held["reader"]})
    (cookie,) = answer.headers.get_list("set-cookie")
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert ("Secure" in cookie) is (scheme == "https")


def test_a_wrong_token_opens_nothing(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    assert client.post("/app/login", data={"token": "aidev_wrong"}).status_code != 200
    assert client.get(STATUS).status_code == 401


def test_signing_out_ends_it_for_every_copy_of_the_cookie(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    csrf = signed_in(client, held["approver"])
    copy = {"cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert client.post("/app/logout", headers={"x-csrf-token": csrf}).status_code == 200
    assert enter().get(STATUS, headers=copy).status_code == 401


def test_a_revoked_token_and_an_old_session_end_it(enter: Enter, held: dict[str, str]) -> None:
    client, other = enter(), enter()
    signed_in(client, held["approver"])
    signed_in(other, held["reader"])
    tokens.revoke("the-approver")
    with pool().connection() as connection:
        connection.execute("update sessions set expires_at = now() - interval '1 second'")
    for jar in (client, other):
        sessions.forget(jar.cookies[COOKIE])
        holders.forget(held["approver"])
        assert jar.get(STATUS).status_code == 401


def test_a_form_needs_the_pages_word(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    csrf = signed_in(client, held["approver"])
    assert client.post("/app/answer", data={"text": "a"}).status_code != 200
    assert client.post("/app/answer", data={"text": "a", "csrf_token": csrf[:-1] + "x"}).status_code != 200
    assert client.post("/app/answer", data={"text": "a", "csrf_token": "ä"}).status_code != 200
    assert client.post("/app/answer", data={"text": "a", "csrf_token": csrf}).json() == "the-approver a"
    assert client.post("/app/answer", data={"text": "b"}, headers={"x-csrf-token": csrf}).json() == "the-approver b"


def test_the_word_of_one_session_is_none_in_another(enter: Enter, held: dict[str, str]) -> None:
    client, other = enter(), enter()
    csrf = signed_in(client, held["approver"])
    signed_in(other, held["approver"])
    assert other.post("/app/answer", headers={"x-csrf-token": csrf}).status_code != 200


@pytest.mark.parametrize("path", ["/app/answer", "/orchestrator/approve/w", "/threads/t/state"])
def test_another_sites_page_cannot_use_the_session(enter: Enter, held: dict[str, str], path: str) -> None:
    client = enter("https://host.example")
    csrf = signed_in(client, held["approver"])
    headers = {"x-csrf-token": csrf}
    assert client.post(path, headers=headers | {"origin": "https://host.example"}).status_code == 200
    assert client.post(path, headers=headers | {"origin": "https://evil.example"}).status_code == 403
    assert client.post(path, headers=headers | {"sec-fetch-site": "same-site"}).status_code == 403
    assert client.post("/threads/t/state", headers=bearing(held["approver"]) | {"origin": "x"}).status_code == 200


def test_the_page_at_this_machine_has_a_word_without_signing_in(
    enter: Enter, no_tokens: None, configure: Configure
) -> None:
    configure(AUTH="loopback")
    client = enter()
    csrf = client.get("/app").text
    assert client.get("/app").text == csrf
    assert client.post("/app/answer", data={"text": "a"}).status_code != 200
    assert client.post("/app/answer", data={"text": "a", "csrf_token": csrf}).json() == "local a"
    assert enter().post("/app/answer", data={"csrf_token": csrf}).status_code != 200
