"""The LangGraph server as `aidev serve` starts it: the environment that it needs, who may enter, where everything is.

`python -m server.dev HOST PORT` is the server itself.
"""

import logging
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
GREETER = "langgraph_api.cli"
"""Its greeting names pages that are closed here: Studio without `--studio`, and `/docs`."""
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Host to listen on → one that can be opened on this machine."""


def command(host: str, port: int) -> list[str]:
    """The command line of the server."""
    return [sys.executable, "-m", "server.dev", host, str(port)]


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


def greeting(host: str, port: int) -> str:
    """Where everything is, and who gets in."""
    address = ANY_ADDRESS.get(host, host)
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}"
    local = settings().auth == "loopback"
    lines = {
        "page": f"{url}/app",
        "API": f"{url}/api/openapi.json describes it, and docs/api.md",
        "LangGraph": f"{url}/openapi.json describes its own routes",
        "Studio": f"{STUDIO}/studio/?baseUrl={url}" if STUDIO in settings().cors_origins else "not let in: --studio",
        "access": "no token is needed on this machine" if local else "with a token: aidev token add NAME --role ROLE",
    }
    return "\n".join(["aidev's server", *(f"  {name:<10}{text}" for name, text in lines.items())])


def main(host: str, port: int) -> None:
    """Run the server until it is told to stop."""
    from server import launch  # sets up logging when it is imported: that is for this process alone

    logging.getLogger(GREETER).setLevel(logging.WARNING)
    print(greeting(host, port), file=sys.stderr, flush=True)
    launch.main(host, port)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
