"""The LangGraph server as `aidev serve` starts it: the environment that it needs, and who may enter."""

import os
import socket
import sys
from pathlib import Path

from schemas.errors import SetupError
from server.access.origins import is_loopback
from settings import settings
from state import tokens

ROOT = Path(__file__).parents[1]
STUDIO = "https://smith.langchain.com"
QUIET = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "1", "LANGSMITH_TRACING": "false"}
"""Nothing is sent anywhere at its start."""


def command(host: str, port: int) -> list[str]:
    """The command line of the server."""
    return [sys.executable, "-m", "server.launch", host, str(port)]


def environment(host: str = "127.0.0.1", ask_for_tokens: bool = False, studio: bool = False) -> dict[str, str]:
    """The environment of the server: tokens are needed unless only this machine reaches it."""
    local = is_loopback(host) and not ask_for_tokens
    origins = ",".join(filter(None, [settings().cors_origins, STUDIO if studio else ""]))
    access = {"AUTH": "loopback" if local else "required", "CORS_ORIGINS": origins}
    return {**os.environ, **QUIET, **access, "PYTHONPATH": str(ROOT)}


def check_somebody_may_enter(host: str, ask_for_tokens: bool) -> None:
    """Raises SetupError for a server that needs tokens while there is none."""
    if (is_loopback(host) and not ask_for_tokens) or tokens.any_live():
        return
    raise SetupError(
        f"A server on {host} needs tokens, and there is none.", "Make one: aidev token add NAME --role approver"
    )


def check_port(host: str, port: int) -> None:
    """Raises SetupError where something else listens; LangGraph's server would quietly take another port."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        raise SetupError(f"{host}:{port} cannot be listened on: {error.strerror}.", "Give another --port.") from None
