"""What the server is started with, what it says first, and when it refuses to start."""

import socket
import subprocess
from pathlib import Path

import pytest

from schemas.errors import SetupError
from server.dev import ROOT, STUDIO, check_port, check_somebody_may_enter, command, environment, greeting
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


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000/app"),
        ("0.0.0.0", "http://127.0.0.1:8000/app"),
        ("::", "http://[::1]:8000/app"),
        ("localhost", "http://localhost:8000/app"),
    ],
)
def test_the_page_can_be_opened_where_the_greeting_says(host: str, url: str, configure: Configure) -> None:
    configure(AUTH="loopback")
    assert url in greeting(host, 8000).split()


@pytest.mark.parametrize(
    ("auth", "origins", "shown", "hidden"),
    [
        ("loopback", "", "no token is needed", STUDIO),
        ("required", "", "aidev token add", STUDIO),
        ("loopback", STUDIO, f"{STUDIO}/studio/?baseUrl=http://127.0.0.1:8000", "--studio"),
    ],
)
def test_the_greeting_offers_what_is_open(
    auth: str, origins: str, shown: str, hidden: str, configure: Configure
) -> None:
    configure(AUTH=auth, CORS_ORIGINS=origins)
    said = greeting("127.0.0.1", 8000)
    assert shown in said
    assert hidden not in said


def test_only_our_greeting_is_heard(tmp_path: Path) -> None:
    nowhere = {"AIDEV_HOME": str(tmp_path), "DB_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        command("127.0.0.1", 8000), env=environment() | nowhere, cwd=ROOT, capture_output=True, text=True
    )
    assert "http://127.0.0.1:8000/app" in done.stderr
    assert "Application startup failed" in done.stdout
    assert f"{STUDIO}/studio" not in done.stdout + done.stderr
    assert "/docs" not in done.stdout + done.stderr


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
