"""Faults in the surroundings, planted while a todo is at work: each is real, and none touches what classifies it."""

import json
import os
from collections.abc import Callable, Mapping
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import docker
from docker import APIClient
from langchain_core.callbacks import BaseCallbackHandler

from corpus.failures import Surroundings
from settings import settings
from tools.sandbox.owner import owner

NOBODY_LISTENS = "tcp://127.0.0.1:9"
SMALL = "24m"
"""Memory in which no interpreter finds room for pytest."""
VARIABLES = {
    "image_missing": ("SANDBOX_IMAGE", "aidev-sandbox:was-never-built"),
    "runtime_missing": ("SANDBOX_RUNTIME", "no-such-runtime"),
    "engine_away": ("DOCKER_HOST", NOBODY_LISTENS),
    "oom_kill": ("SANDBOX_MEMORY", SMALL),
}
TAKEN: Mapping[str, Callable[[APIClient, str], None]] = {
    "kill_container": APIClient.kill,
    "remove_container": partial(APIClient.remove_container, force=True),
    "pause_container": APIClient.pause,
}
"""What is done to a container that has started."""


class Planter(BaseCallbackHandler):
    """Plants a fault when a node starts, and takes it back when its times are over."""

    raise_error = True
    run_inline = True

    def __init__(self, planned: Surroundings) -> None:
        self._planned = planned
        self._left = planned.times
        self._before: tuple[str, str | None] | None = None
        self._seen: set[object] = set()

    def on_chain_start(self, serialized: Any, inputs: Any, *, metadata: Any = None, **told: Any) -> None:
        """A node begins, or something inside it."""
        node, checkpoint = (metadata or {}).get("langgraph_node"), (metadata or {}).get("langgraph_checkpoint_ns")
        if node is None or told.get("name") != node or checkpoint in self._seen:
            return
        self._seen.add(checkpoint)
        if node == self._planned.at and self._left > 0:
            self._plant()
        elif self._left <= 0:
            self.take_back()

    def _plant(self) -> None:
        fault = self._planned.fault
        if way := TAKEN.get(fault):
            take_away(way, self._left)
            self._left = 0
            return
        self._left -= 1
        name, value = VARIABLES.get(fault) or ("DOCKER_HOST", engine_with_a_full_disk())
        if self._before is None:
            self._before = name, os.environ.get(name)
        os.environ[name] = value
        settings.cache_clear()

    def take_back(self) -> None:
        """The variable as it was."""
        if self._before is None:
            return
        name, value = self._before
        os.environ.pop(name)
        if value is not None:
            os.environ[name] = value
        self._before = None
        settings.cache_clear()


def take_away(way: Callable[[APIClient, str], None], times: int) -> None:
    """From now on, do this to so many containers of this process as soon as they have started."""
    client = docker.from_env()
    starts = client.events(decode=True, filters={"event": "start", "label": f"aidev.owner={owner()}"})

    def watch() -> None:
        for _, event in zip(range(times), starts, strict=False):
            way(client.api, event["id"])

    Thread(target=watch, name="taken-away", daemon=True).start()


class _FullDisk(BaseHTTPRequestHandler):
    """An engine that tells its version and has no room for a container: what Docker 20.10 answers on a full disk."""

    def do_GET(self) -> None:
        self._answer(200, {"ApiVersion": "1.41", "MinAPIVersion": "1.12", "Version": "20.10.24"})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer(500, {"message": "mkdir /var/lib/docker/overlay2/3f1c-init: no space left on device"})

    def _answer(self, status: int, said: dict[str, str]) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


def engine_with_a_full_disk() -> str:
    """Its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _FullDisk)
    Thread(target=server.serve_forever, name="full-disk", daemon=True).start()
    return f"tcp://127.0.0.1:{server.server_port}"
