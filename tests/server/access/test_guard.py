"""Who gets past the guard, as whom, and what the others are told."""

import logging
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp
from starlette.websockets import WebSocketDisconnect

from schemas.errors import AidevError
from server.access.roles import Identity, allows
from server.access.visit import PageOf, Visit
from state import tokens
from state.database import close_pool
from state.tokens import ROLES
from tests.conftest import Configure
from tests.server.access.conftest import HTML, Enter, bearing

STATUS = "/orchestrator/status/w"
RESUME = {"assistant_id": "developer", "command": {"resume": "approve"}}


@pytest.mark.parametrize("path", [STATUS, "/threads/t", "/metrics", "/docs", "/mcp", "/what/is/this"])
@pytest.mark.parametrize("address", ["127.0.0.1", "203.0.113.9"])
def test_nobody_gets_in_without_a_token(enter: Enter, no_tokens: None, path: str, address: str) -> None:
    answer = enter(address=address).get(path)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "about:blank#not-authenticated"


@pytest.mark.parametrize("path", ["/health", "/ok", "/app/login"])
def test_what_is_open_is_open(enter: Enter, path: str) -> None:
    assert enter().get(path).status_code == 200


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("header", ["authorization", "x-api-key"])
def test_a_token_says_who_calls(enter: Enter, held: dict[str, str], role: str, header: str) -> None:
    shown = f"Bearer {held[role]}" if header == "authorization" else held[role]
    answer = enter().get(STATUS, headers={header: shown})
    assert answer.json() == {"name": f"the-{role}", "role": role}


@pytest.mark.parametrize(
    ("method", "path", "body", "least"),
    [
        ("GET", STATUS, None, "reader"),
        ("POST", "/orchestrator/execute", {"number": 1}, "operator"),
        ("POST", "/orchestrator/approve/w", {}, "approver"),
        ("POST", "/threads/search", {}, "reader"),
        ("POST", "/threads/t/runs/wait", {"assistant_id": "developer"}, "operator"),
        ("POST", "/threads/t/runs/wait", RESUME, "approver"),
        ("POST", "/threads/t/state", {"values": {}}, "approver"),
        ("POST", "/some/new/route", {}, "approver"),
    ],
)
def test_a_role_may_do_what_those_below_it_may(
    enter: Enter, held: dict[str, str], method: str, path: str, body: Any, least: str
) -> None:
    client = enter()
    for role in ROLES:
        answer = client.request(method, path, json=body, headers=bearing(held[role]))
        may = allows(Identity("x", role), least)  # type: ignore[arg-type]
        assert answer.status_code == (200 if may else 403), role
        if not may:
            assert answer.json()["type"] == "about:blank#forbidden"
            assert least in answer.json()["detail"]


def test_a_body_that_was_looked_into_still_arrives(enter: Enter, held: dict[str, str]) -> None:
    answer = enter().post("/runs", json={"assistant_id": "ä"}, headers=bearing(held["operator"]))
    assert answer.json() == {"body": '{"assistant_id":"ä"}', "name": "the-operator"}


def test_a_body_that_cannot_be_looked_into_is_for_approvers(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    assert client.post("/runs", content=b"{'", headers=bearing(held["operator"])).status_code == 403
    assert client.post("/runs", content=b"{'", headers=bearing(held["approver"])).status_code == 200


@pytest.mark.parametrize("path", ["/internal/truncate", "/deploy"])
def test_what_is_closed_is_closed_to_approvers_too(enter: Enter, held: dict[str, str], path: str) -> None:
    assert enter().post(path, headers=bearing(held["approver"])).status_code == 403


def test_a_socket_is_for_approvers(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    path = "/threads/t/stream/events"
    for headers in ({}, bearing(held["operator"])):
        with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(path, headers=headers):
            pass
        assert refused.value.code == 1008
    with client.websocket_connect(path, headers=bearing(held["approver"])):
        pass


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ("", "needed"),
        ("Bearer", "needed"),
        ("Bearer ", "needed"),
        ("Basic YTpi", "needed"),
        ("Bearer lsv2_pt_somebody", "not known"),
        ("Bearer aidev_\x7f", "not known"),
    ],
)
def test_other_text_is_no_token(enter: Enter, held: dict[str, str], shown: str, said: str) -> None:
    answer = enter().get(STATUS, headers={"authorization": shown})
    assert answer.status_code == 401
    assert said in answer.json()["detail"]


def test_a_revoked_token_opens_nothing_within_seconds(
    enter: Enter, held: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, headers = enter(), bearing(held["reader"])
    assert client.get(STATUS, headers=headers).status_code == 200
    tokens.revoke("the-reader")
    monkeypatch.setattr("server.access.callers.FRESH_SECONDS", 0.0)
    expire_what_is_known(monkeypatch)
    assert client.get(STATUS, headers=headers).status_code == 401


def expire_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    later = time.monotonic() + 5
    monkeypatch.setattr("server.access.callers.time.monotonic", lambda: later)


def test_many_requests_ask_the_database_once(
    enter: Enter, held: dict[str, str], monkeypatch: pytest.MonkeyPatch, configure: Configure
) -> None:
    configure(RATE_LIMIT="none")
    asked: list[str] = []
    look_up = tokens.holder

    def noted(token: str) -> tokens.Token | None:
        asked.append(token)
        return look_up(token)

    monkeypatch.setattr("state.tokens.holder", noted)
    client = enter()
    assert all(client.get(STATUS, headers=bearing(held["reader"])).is_success for _ in range(50))
    assert len(asked) == 1


def test_calls_from_within_the_process_need_nothing(no_tokens: None) -> None:
    from tests.server.access.conftest import small_app

    inside = TestClient(small_app(), "http://inside", root_path="/noauth")
    assert inside.get("/threads/t").json()["name"] == "nobody"


@pytest.mark.parametrize("path", ["/noauth/threads/t", "/noauth"])
def test_a_path_from_outside_does_not_look_like_one_from_within(enter: Enter, no_tokens: None, path: str) -> None:
    assert enter().get(path).status_code == 401


def test_a_browser_that_is_not_signed_in_is_led_to_the_door(enter: Enter, no_tokens: None) -> None:
    answer = enter().get("/app/workflows/w?skip=1", headers=HTML)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/login?next=/app/workflows/w%3Fskip%3D1")
    part = enter().get("/app/workflows/w/live", headers=HTML | {"hx-request": "true"})
    assert part.status_code == 401
    assert part.headers["hx-redirect"].startswith("/app/login")


def test_a_browser_is_shown_a_page_when_it_is_turned_away(enter: Enter, no_tokens: None) -> None:
    client = enter()
    sent = client.post("/app/answer", headers=HTML)
    assert (sent.status_code, sent.headers["www-authenticate"]) == (401, "Bearer")
    assert "what you sent was not taken" in sent.text
    answers = [client.post("/app/login", data={"token": "x"}, headers=HTML) for _ in range(32)]
    assert (answers[-1].status_code, answers[-1].headers["content-type"]) == (429, "text/html; charset=utf-8")
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "More than 30 per 1 minute requests." in answers[-1].text
    part = client.post("/app/login", data={"token": "x"}, headers=HTML | {"hx-request": "true"})
    assert part.headers["content-type"] == "application/problem+json"


def test_who_is_turned_away_leaves_nothing_behind(
    enter: Enter, no_tokens: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that is raised again holds on to every request that it was raised for."""
    seen: list[Exception] = []
    refusal = Visit.refusal

    def noted(visit: Visit, error: AidevError, page_of: PageOf) -> ASGIApp:
        seen.append(error)
        return refusal(visit, error, page_of)

    monkeypatch.setattr(Visit, "refusal", noted)
    client = enter()
    for headers in ({}, {}, bearing("x"), bearing("x"), bearing("aidev_x"), bearing("aidev_x")):
        assert client.get(STATUS, headers=headers).status_code == 401
    assert len(set(map(id, seen))) == len(seen) == 6


def test_a_database_that_is_away_lets_nobody_in(enter: Enter, held: dict[str, str], configure: Configure) -> None:
    close_pool()
    configure(DB_URL="postgresql://somebody:secret@127.0.0.1:9/nothing")
    answer = enter().get(STATUS, headers=bearing(held["approver"]))
    assert answer.status_code == 503
    assert "secret" not in answer.text


def test_a_token_is_in_no_answer_and_no_log(
    enter: Enter, held: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client, token = enter(), held["approver"]
    wrong = f"aidev_{'x' * 43}"
    answers = [
        client.get(STATUS, headers=bearing(wrong)),
        client.get("/deploy", headers=bearing(token)),
        client.post("/orchestrator/execute", json={"number": token}, headers=bearing(token)),
        client.get("/orchestrator/crash", headers=bearing(token)),
    ]
    assert [answer.status_code for answer in answers] == [401, 403, 422, 500]
    said = "".join(answer.text + str(answer.headers) for answer in answers)
    assert token not in said
    assert wrong not in said
    refused = [record.getMessage() for record in caplog.records if record.name == "server.access.visit"]
    assert len(refused) == 2
    assert not any(secret in line for secret in (token, wrong) for line in refused)
    assert "the-approver" in refused[1]


def test_every_answer_carries_the_headers(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    for answer in (client.get(STATUS), client.get("/app/login"), client.get("/orchestrator/crash")):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
