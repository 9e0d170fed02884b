"""Requests that carry no token but come from a browser: from which pages they may come, and to which names."""

import re
from ipaddress import ip_address

from starlette.requests import HTTPConnection

from schemas.errors import Forbidden
from settings import settings

_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:/@\s]+)(:[0-9]+)?", re.IGNORECASE)
READS = ("GET", "HEAD", "OPTIONS")


def allowed_origins() -> list[str]:
    """Of CORS_ORIGINS."""
    return [origin.strip().rstrip("/") for origin in settings().cors_origins.split(",") if origin.strip()]


def is_loopback(host: str) -> bool:
    """Whether a name or address always means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_local(connection: HTTPConnection) -> None:
    """It comes from this machine and asks for it by name: another site's name may be made to point here.

    Raises Forbidden.
    """
    peer = connection.client.host if connection.client else ""
    if not is_loopback(peer):
        raise Forbidden("Without a token, only this machine is served.", "Set AUTH=required and use a token.")
    host = _HOST.fullmatch(connection.headers.get("host", ""))
    if not host or not is_loopback(host["name"]):
        raise Forbidden("The Host header does not name this machine.", "Use localhost or 127.0.0.1 in the address.")


def check_origin(connection: HTTPConnection) -> None:
    """What changes something comes from a page of this server or of CORS_ORIGINS, or from no page. Raises Forbidden."""
    if connection.scope["type"] == "http" and connection.scope["method"] in READS:
        return
    origin, site = connection.headers.get("origin"), connection.headers.get("sec-fetch-site")
    if origin is not None and origin in allowed_origins():
        return
    if origin not in (None, _own(connection)) or site not in (None, "same-origin", "none"):
        raise Forbidden("The request comes from another site's page.", "Allow its origin with CORS_ORIGINS.")


def _own(connection: HTTPConnection) -> str:
    scheme = {"ws": "http", "wss": "https"}.get(connection.url.scheme, connection.url.scheme)
    return f"{scheme}://{connection.headers.get('host', '')}"
