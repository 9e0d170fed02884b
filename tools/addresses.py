"""Where a URL that somebody gave may lead."""

import socket
from fnmatch import fnmatchcase
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from schemas.errors import BadInput

LONGEST = 2048
REFUSED = [ip_network(net) for net in ("169.254.0.0/16", "fe80::/10", "fd00:ec2::/32")]
"""Link-local: there clouds keep their machines' credentials."""


def checked_url(url: str, hosts: str) -> str:
    """The URL, if it is http(s) to a host that one of the globs fits (with commas between them; empty: any).

    Raises BadInput.
    """
    parts = _parts(url)
    host = str(parts.hostname).rstrip(".")
    if parts.username is not None or parts.password is not None:
        raise BadInput("The URL holds a name or password.", "Leave it out; the signature tells who sends.")
    if refused(host):
        raise BadInput(f"{host} is refused: link-local addresses are not for webhooks.", "Give another host.")
    globs = [glob.strip().lower() for glob in hosts.split(",") if glob.strip()]
    if globs and not any(fnmatchcase(host, glob) for glob in globs):
        raise BadInput(f"Webhooks may not go to {host}.", "Give a host that WEBHOOK_HOSTS allows, or allow this one.")
    return url


def refused(host: str) -> bool:
    """Whether it is an address, however written, that nothing is sent to; a name is none."""
    found = _address(host)
    return found is not None and any(found in net for net in REFUSED)


def without_query(url: str) -> str:
    """For a log: what stands behind the path may be secret."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _parts(url: str) -> SplitResult:
    """Raises BadInput for what is no http(s) URL."""
    wrong = BadInput("This is no URL for a webhook.", "Give one such as https://hooks.example.org/aidev.")
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or set(url) & set(' \\<>"'):
        raise wrong
    try:
        parts = urlsplit(url)
        named = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        raise wrong from None
    if not named:
        raise wrong
    return parts


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Also as 2852039166 or 0xA9FEA9FE, which resolvers read as addresses."""
    try:
        found = ip_address(host.partition("%")[0])
    except ValueError:
        try:
            return IPv4Address(socket.inet_aton(host))
        except OSError:
            return None
    return getattr(found, "ipv4_mapped", None) or found
