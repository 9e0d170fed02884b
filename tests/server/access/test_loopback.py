"""AUTH=loopback: whoever sits at this machine, and no other site's page."""

import pytest
from starlette.websockets import WebSocketDisconnect

from server.access.origins import is_loopback
from tests.conftest import Configure
from tests.server.access.conftest import Enter, bearing

STATUS = "/orchestrator/status/w"
EXECUTE = "/orchestrator/execute"
SITE = "http://127.0.0.1:2024"


@pytest.fixture(autouse=True)
def _loopback(configure: Configure) -> None:
    configure(AUTH="loopback")


def test_the_person_at_this_machine_may_do_all(enter: Enter, no_tokens: None) -> None:
    client = enter()
    assert client.get(STATUS).json() == {"name": "local", "role": "approver"}
    assert client.post("/orchestrator/approve/w").status_code == 200
    assert client.post("/threads/t/state", json={}).status_code == 200


@pytest.mark.parametrize("host", ["localhost:2024", "app.localhost", "127.0.0.1", "[::1]:2024", "127.8.8.8:1"])
def test_names_of_this_machine_are_served(enter: Enter, host: str) -> None:
    assert enter().get(STATUS, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "0.0.0.0:2024", "[::", "a b", "@", ":1"],
)
def test_another_name_for_this_machine_is_refused(enter: Enter, host: str) -> None:
    assert enter().get(STATUS, headers={"host": host}).status_code == 403


@pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.1", "0.0.0.0", ""])
def test_another_machine_is_refused_whatever_it_calls_this_one(enter: Enter, address: str) -> None:
    assert enter(address=address).get(STATUS).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:3000"},
        {"origin": "https://127.0.0.1:2024"},
        {"origin": SITE, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_changes_nothing(enter: Enter, headers: dict[str, str]) -> None:
    client = enter()
    assert client.post(EXECUTE, json={"number": 1}, headers=headers).status_code == 403
    assert client.post("/threads/t/runs", content=b"{}", headers=headers).status_code == 403
    assert client.get(STATUS, headers=headers).status_code == 200
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/threads/t/stream/events", headers=headers):
        pass


@pytest.mark.parametrize(
    "headers", [{}, {"origin": SITE}, {"origin": SITE, "sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}]
)
def test_the_servers_own_page_and_programs_do(enter: Enter, headers: dict[str, str]) -> None:
    assert enter().post(EXECUTE, json={"number": 1}, headers=headers).json() == "local"


def test_an_allowed_origin_does(enter: Enter, configure: Configure) -> None:
    configure(CORS_ORIGINS="https://chat.example.com/, http://localhost:3000")
    client = enter()
    headers = {"origin": "https://chat.example.com", "sec-fetch-site": "cross-site"}
    answer = client.post(EXECUTE, json={"number": 1}, headers=headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "https://chat.example.com"
    asked = {"access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    assert client.options(EXECUTE, headers=headers | asked).headers["access-control-allow-headers"] == "x-api-key"
    other = client.post(EXECUTE, json={"number": 1}, headers={"origin": "https://evil.example"})
    assert other.status_code == 403
    assert "access-control-allow-origin" not in other.headers


def test_a_token_counts_here_too(enter: Enter, held: dict[str, str]) -> None:
    client = enter()
    assert client.get(STATUS, headers=bearing(held["reader"])).json()["name"] == "the-reader"
    assert client.get(STATUS, headers=bearing("aidev_wrong")).status_code == 401


def test_somebody_elses_key_is_no_wrong_token(enter: Enter, no_tokens: None) -> None:
    """LangGraph's SDK sends LANGSMITH_API_KEY where it finds it."""
    assert enter().get(STATUS, headers={"x-api-key": "lsv2_pt_1"}).json()["name"] == "local"


@pytest.mark.parametrize(
    ("host", "expected"),
    [("localhost", True), ("127.0.0.1", True), ("::1", True), ("[::1]", True), ("0.0.0.0", False), ("::", False)],
)
def test_loopback_is_known_by_its_names(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected
