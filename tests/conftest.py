"""What all tests share: a home of their own with its own Postgres, real Redis, no way to a real model."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from redis import Redis, RedisError
from redis.client import PubSub

from settings import Settings, settings
from state.database import close_pool, stop_embedded
from tools import listen, relay
from tools.sandbox.image import image_name

UNSET = ("DB_URL", "REDIS_HOST", "REDIS_PORT", "GOOGLE_API_KEY", "GEMINI_API_KEY", "MODEL_NAME", "SANDBOX_IMAGE")
SCRIPTS = Path(__file__).parents[1] / "scripts"
WHOLE = ("e2e", "server", "browser")
"""Folders of the long tests."""
NOBODY_LISTENS = "http://127.0.0.1:9"
LIKE_THE_SANDBOX = {"PYTEST_PLUGINS": "pytest_cov.plugin,pytest_timeout,pytest_randomly,_hypothesis_pytestplugin"}
"""For pytest as a program: the plugins of the sandbox image."""

Configure = Callable[..., None]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whole workflows first: short tests then fill what is left of each worker's time."""
    items.sort(key=lambda item: item.path.parent.name not in WHOLE)
    if config.getoption("loadgroup", False):
        for item in items:
            put_into_its_group(item)


def put_into_its_group(item: pytest.Item) -> None:
    """xdist 3.8 writes the group where pytest 9.2 no longer looks: github.com/pytest-dev/pytest-xdist/issues/1386."""
    if mark := item.get_closest_marker("xdist_group"):
        item._id = type(item.id).parse(f"{item.nodeid}@{mark.args[0]}")


@pytest.fixture(scope="session", autouse=True)
def home() -> Iterator[Path]:
    """AIDEV_HOME of this test run, with a path short enough for a socket; no key, no `.env`, no real Gemini."""
    folder = Path(tempfile.mkdtemp(prefix="aidev-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Settings.model_config, "env_file", None)
        patch.setenv("AIDEV_HOME", str(folder))
        patch.setenv("GOOGLE_GEMINI_BASE_URL", NOBODY_LISTENS)
        patch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # pytest as a program takes seconds for those of ours
        for name in UNSET:
            patch.delenv(name, raising=False)
        settings.cache_clear()
        yield folder
        settings.cache_clear()
        settle_down()
        stop_embedded()
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def fresh_settings() -> Iterator[None]:
    """No test sees the settings of another."""
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch) -> Configure:
    """`configure(REDIS_HOST="…")` sets variables of the environment for this test, and the settings follow."""

    def set_variables(**variables: object) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        settings.cache_clear()

    return set_variables


@pytest.fixture
def new_home(configure: Configure) -> Iterator[Path]:
    """A home for this test alone, where a database may be broken."""
    folder = Path(tempfile.mkdtemp(prefix="aidev-"))
    settle_down()
    configure(AIDEV_HOME=folder)
    yield folder
    configure(AIDEV_HOME=folder)
    settle_down()
    stop_embedded()
    shutil.rmtree(folder)


def settle_down() -> None:
    """Nothing in this process uses its database any more."""
    relay.stop()
    listen.close()
    close_pool()


class RedisServer:
    """A real Redis on a port of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.client = Redis(port=self.port, decode_responses=True)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self._folder)]
        self._process = subprocess.Popen(["redis-server", *options], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not self._answers():
            assert time.monotonic() < deadline, "redis-server does not start"
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill it, if it runs."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def pubsub(self) -> PubSub:
        """A subscriber that hears messages only."""
        return PubSub(self.client.connection_pool, ignore_subscribe_messages=True)

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def redis_server(tmp_path: Path, configure: Configure) -> Iterator[RedisServer]:
    """A real Redis, which the settings name."""
    server = RedisServer(tmp_path)
    server.start()
    configure(REDIS_HOST="127.0.0.1", REDIS_PORT=server.port)
    yield server
    server.client.close()
    server.stop()


@pytest.fixture(scope="session")
def sandbox_image() -> str:
    """The sandbox image, on an engine that answers; what is missing of the two is made."""
    for script in ("engine.sh", "image.sh"):
        subprocess.run([SCRIPTS / script], check=True, env={**os.environ, "PYTHON": sys.executable})
    return image_name()
