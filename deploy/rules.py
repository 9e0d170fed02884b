"""What the sandbox asks of a Docker engine, for engine_proxy.py."""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

IMAGE = re.compile(os.environ.get("SANDBOX_IMAGE_PATTERN", r"aidev-sandbox:[0-9a-z._-]+"))
NETWORK = os.environ.get("DOCKER_NETWORK", "none")
SYSTEM_CALLS = Path(__file__).parents[1] / "tools/sandbox/seccomp.json"
SECURITY = ["no-new-privileges", f"seccomp={SYSTEM_CALLS.read_text(encoding='utf-8')}"]
_VERSION = r"(/v[0-9.]+)?"
_ID = r"[a-zA-Z0-9][a-zA-Z0-9_.-]*"
_ONE = re.compile(rf"{_VERSION}/containers/(?P<id>{_ID})(/(json|start|attach|wait))?")
ALLOWED = [
    (method, re.compile(f"{_VERSION}({path})"))
    for method, path in [
        ("HEAD", "/_ping"),
        ("GET", "/_ping|/version|/info|/events|/containers/json"),
        ("GET", r"/images/[a-z0-9._/:-]+/json"),
        ("GET", rf"/containers/{_ID}/json"),
        ("POST", "/containers/create"),
        ("POST", rf"/containers/{_ID}/(start|attach|wait)"),
        ("DELETE", rf"/containers/{_ID}"),
    ]
]
HOST_OPTIONS = {
    "CapDrop",
    "Init",
    "IpcMode",
    "LogConfig",
    "Memory",
    "MemorySwap",
    "NanoCpus",
    "NetworkMode",
    "PidsLimit",
    "ReadonlyRootfs",
    "Runtime",
    "SecurityOpt",
    "ShmSize",
    "Tmpfs",
    "Ulimits",
}
"""What tools/sandbox/limits.py sets; nothing else may be set."""
OPTIONS = {
    "AttachStderr",
    "AttachStdin",
    "AttachStdout",
    "Cmd",
    "HostConfig",
    "Hostname",
    "Image",
    "Labels",
    "OpenStdin",
    "StdinOnce",
    "Tty",
    "User",
}


@dataclass
class Request:
    """One request to the engine."""

    method: str
    target: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def path(self) -> str:
        """Without the query."""
        return urlsplit(self.target).path

    @property
    def makes(self) -> bool:
        """A container."""
        return self.path.endswith("/containers/create")

    @property
    def opens_stream(self) -> bool:
        """Of a container's input and output."""
        return self.method == "POST" and self.path.endswith("/attach")

    @staticmethod
    def answered_with_label(answer: bytes) -> bool:
        """Whether an answer describes a sandbox container."""
        head, _, body = answer.partition(b"\r\n\r\n")
        if head.split(b" ")[1:2] != [b"200"]:
            return False
        found = json.loads(body)
        return (found["Config"].get("Labels") or {}).get("aidev") == "1"


def needs_ours(request: Request) -> str | None:
    """The container that a request is about."""
    found = _ONE.fullmatch(request.path)
    return found["id"] if found and found["id"] not in ("json", "create") else None


def faults(request: Request) -> list[str]:
    """Why a request is not one of the sandbox's; none for those that are."""
    if not any(method == request.method and path.fullmatch(request.path) for method, path in ALLOWED):
        return ["not something that the sandbox asks"]
    if request.path.endswith("/containers/json") and not _lists_ours(request):
        return ["lists more than the sandbox's containers"]
    if request.makes:
        return container_faults(request.body)
    return []


def container_faults(body: bytes) -> list[str]:
    """What a container would have that a sandbox container has not."""
    try:
        asked = json.loads(body)
        return [name for name, holds in _demands(asked, asked["HostConfig"]).items() if not holds]
    except (ValueError, KeyError, TypeError, AttributeError):
        return ["not a container's description"]


def as_looked_at(body: bytes) -> bytes:
    """The description, with nothing that the engine reads otherwise: Go takes `privileged` for `Privileged`."""
    asked = json.loads(body)
    host = {name: value for name, value in asked["HostConfig"].items() if name in HOST_OPTIONS}
    kept = {name: value for name, value in asked.items() if name in OPTIONS}
    return json.dumps(kept | {"HostConfig": host}).encode()


def _demands(asked: Mapping[str, Any], host: Mapping[str, Any]) -> dict[str, bool]:
    extra = {name for name, value in asked.items() if value} - OPTIONS
    extra |= {name for name, value in host.items() if value} - HOST_OPTIONS
    return {
        f"options {sorted(extra)}": not extra,
        "image": bool(IMAGE.fullmatch(asked["Image"])),
        "label": asked["Labels"]["aidev"] == "1",
        "user": asked["User"] == "1000:1000",
        "network": host["NetworkMode"] == NETWORK,
        "read-only root": host["ReadonlyRootfs"] is True,
        "capabilities": host["CapDrop"] == ["ALL"],
        "security": host["SecurityOpt"] == SECURITY,
        "ipc": host["IpcMode"] == "private",
        "log": host["LogConfig"] == {"Type": "none", "Config": {}},
        "tmpfs": set(host["Tmpfs"]) == {"/work", "/tmp"},  # noqa: S108 - inside the container
        "memory": 0 < host["Memory"] == host["MemorySwap"],
        "processes": host["PidsLimit"] > 0,
        "processor": host["NanoCpus"] > 0,
    }


def _lists_ours(request: Request) -> bool:
    wanted = parse_qs(urlsplit(request.target).query).get("filters", ["{}"])[0]
    try:
        return any(str(label).startswith("aidev") for label in json.loads(wanted).get("label", []))
    except (ValueError, AttributeError):
        return False
