"""What the server is started with, and when it refuses to."""

import socket

import pytest

from schemas.errors import SetupError
from server.dev import STUDIO, check_port, check_somebody_may_enter, environment
from state import tokens
from state.database import pool
from tests.conftest import Configure


@pytest.mark.parametrize(
    ("host", "ask", "auth"),
    [
        ("127.0.0.1", False, "loopback"),
        ("localhost", False, "loopback"),
        ("::1", False, "loopback"),
        ("127.0.0.1", True, "required"),
        ("0.0.0.0", False, "required"),
        ("::", False, "required"),
        ("192.168.1.5", False, "required"),
    ],
)
def test_only_a_server_of_this_machine_alone_needs_no_tokens(
    host: str, ask: bool, auth: str, configure: Configure
) -> None:
    configure(AUTH="loopback")
    assert environment(host, ask)["AUTH"] == auth


def test_studio_is_let_in_when_asked_for(configure: Configure) -> None:
    configure(CORS_ORIGINS="https://chat.example.com")
    assert environment()["CORS_ORIGINS"] == "https://chat.example.com"
    assert environment(studio=True)["CORS_ORIGINS"] == f"https://chat.example.com,{STUDIO}"


@pytest.mark.parametrize(("host", "ask"), [("0.0.0.0", False), ("127.0.0.1", True)])
def test_a_server_that_nobody_could_enter_does_not_start(host: str, ask: bool) -> None:
    with pool().connection() as connection:
        connection.execute("truncate tokens, sessions")
    check_somebody_may_enter("127.0.0.1", False)
    with pytest.raises(SetupError) as refused:
        check_somebody_may_enter(host, ask)
    assert "aidev token add" in refused.value.hint
    tokens.add("maria", "reader")
    check_somebody_may_enter(host, ask)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(SetupError, match="cannot be listened on"):
            check_port("127.0.0.1", port)
    check_port("127.0.0.1", port)
