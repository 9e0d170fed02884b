"""A server as a person starts it, with a home of its own; it can be killed and started again."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import yaml

from state import postmaster
from tests.conftest import _free_port
from tests.e2e.conftest import ROOT
from tests.e2e.scripted import Entry

ENDED = {"completed", "failed", "blocked", "rejected", "cancelled"}
QUICK = {"MUTATION_SAMPLE": "0", "BACKOFF": "0", "SANDBOX_READY": "0"}


class Server:
    """`make dev PORT=…`, or with flags `aidev serve`."""

    def __init__(self, home: Path, *flags: str, **environment: str) -> None:
        self.home, self.port = home, _free_port()
        serve = [sys.executable, "cli.py", "serve", "--port", str(self.port), *flags]
        self.command = serve if flags else ["make", "dev", f"PORT={self.port}"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, **QUICK, "AIDEV_HOME": str(home), **environment}
        self._log = (home / "server.log").open("ab")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self._process = subprocess.Popen(
            self.command,
            cwd=ROOT,
            env=self.environment,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        deadline = time.monotonic() + 60
        while not self._answers():
            assert self._process.poll() is None, self.log
            assert time.monotonic() < deadline, self.log
            time.sleep(0.2)

    def end(self, number: int = signal.SIGKILL) -> None:
        """Send it a signal; returns when it has ended."""
        if self._process is not None:
            os.killpg(self._process.pid, number)
            self._process.wait(timeout=30)
            self._process = None

    def close(self) -> None:
        """No more is written."""
        self._log.close()

    @property
    def log(self) -> str:
        """The last of it."""
        return (self.home / "server.log").read_text(errors="replace")[-4000:]

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health").is_success
        except httpx.HTTPError:
            return False

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a route."""
        answer = httpx.get(self.url + path, params=query, timeout=30)
        assert answer.is_success, (path, answer.text, self.log)
        return answer.json()

    def post(self, path: str, body: Any, expected: int | None = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON that a route answers."""
        answer = httpx.post(self.url + path, json=body, headers=headers, timeout=60)
        assert answer.is_success if expected is None else answer.status_code == expected, (path, answer.text, self.log)
        return answer.json()

    def execute(self, **body: Any) -> str:
        """The id of a new workflow."""
        return str(self.post("/orchestrator/execute", body)["workflow_id"])

    def status(self, workflow_id: str) -> dict[str, Any]:
        """How it stands."""
        found: dict[str, Any] = self.get(f"/orchestrator/status/{workflow_id}")
        return found

    def until(self, workflow_id: str, done: Callable[[dict[str, Any]], bool], seconds: float = 90) -> dict[str, Any]:
        """How it stands once it is so."""
        deadline = time.monotonic() + seconds
        while not done(found := self.status(workflow_id)):
            assert time.monotonic() < deadline, (found, self.log)
            time.sleep(0.2)
        return found

    def waits(self, workflow_id: str, name: str) -> dict[str, Any]:
        """The question of this name, once it is asked."""

        def asked(found: dict[str, Any]) -> bool:
            assert found["status"] not in ENDED, found
            return name in [question["name"] for question in found["questions"]]

        found = self.until(workflow_id, asked)
        return next(question for question in found["questions"] if question["name"] == name)

    def ended(self, workflow_id: str) -> dict[str, Any]:
        """How it stands at its end."""
        return self.until(workflow_id, lambda found: found["status"] in ENDED)

    def approve(self, workflow_id: str, name: str, expected: int | None = None, **answer: Any) -> Any:
        """Answer the question of this name, once it is asked."""
        asked = self.waits(workflow_id, name)
        body = {"decision": "approve", **answer, "interrupt_id": asked["interrupt_id"]}
        return self.post(f"/orchestrator/approve/{workflow_id}", body, expected)

    def kill_database(self) -> None:
        """kill -9 of the embedded Postgres."""
        pid = int((self.home / "postgres/postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        while postmaster.answers(self.home / "postgres"):
            time.sleep(0.05)


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Started, and killed afterwards."""
    try:
        server.start()
        yield server
    finally:
        server.end()
        server.close()


@contextmanager
def serving(**environment: str) -> Iterator[Server]:
    """A server that runs, in a home of its own that is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="aidev-"))
    server = Server(home, **environment)
    try:
        with running(server):
            yield server
    finally:
        stop = [sys.executable, "-c", "from state.database import stop_embedded; stop_embedded()"]
        subprocess.run(stop, cwd=ROOT, env=server.environment, check=True)
        shutil.rmtree(home)


def script(folder: Path, entries: list[Entry]) -> str:
    """The name of a model that answers so."""
    path = folder / "script.yaml"
    path.write_text(yaml.safe_dump(entries))
    return f"script:{path}"
