"""A LangGraph development server with nothing but the graphs of `benchmarks.bare`."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from server.dev import QUIET
from tests.conftest import _free_port
from tests.e2e.conftest import ROOT

GRAPHS = {"counter": "benchmarks.bare:counter", "asker": "benchmarks.bare:asker"}


@contextmanager
def bare_server(folder: Path) -> Iterator[httpx.Client]:
    """A client of a server that runs; `folder` is for its files."""
    config, port = folder / "langgraph.json", _free_port()
    config.write_text(json.dumps({"dependencies": ["."], "graphs": GRAPHS}))
    flags = ["--no-browser", "--no-reload", "--n-jobs-per-worker", "10", "--config", str(config), "--port", str(port)]
    command = [sys.executable, "-m", "langgraph_cli", "dev", *flags]
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("w") as log, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=120) as client:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        try:
            await_answer(client, process)
            yield client
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def await_answer(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    """Until it is there."""
    while not answers(client):
        assert process.poll() is None, "the bare server did not start"
        time.sleep(0.2)


def answers(client: httpx.Client) -> bool:
    """Whether it is there."""
    try:
        return client.get("/ok").is_success
    except httpx.HTTPError:
        return False


def new_thread(client: httpx.Client) -> str:
    """Its id."""
    return str(client.post("/threads", json={}).json()["thread_id"])


def run(client: httpx.Client, thread: str, graph: str, **given: Any) -> httpx.Response:
    """Begin a run."""
    return client.post(f"/threads/{thread}/runs", json={"assistant_id": graph, **given})


def waiting_thread(client: httpx.Client) -> str:
    """The id of a thread that waits for an answer."""
    thread = new_thread(client)
    body = {"assistant_id": "asker", "input": {"number": 0, "until": 1}}
    client.post(f"/threads/{thread}/runs/wait", json=body).raise_for_status()
    return thread


def run_through(client: httpx.Client, updates: int) -> float:
    """Seconds from the first update that a reader of a run gets to the last."""
    body = {"assistant_id": "counter", "input": {"number": 0, "until": updates}, "stream_mode": "updates"}
    body |= {"config": {"recursion_limit": updates + 10}}
    times = []
    with client.stream("POST", f"/threads/{new_thread(client)}/runs/stream", json=body) as answer:
        for line in answer.iter_lines():
            if line.startswith("event: updates"):
                times.append(time.perf_counter())
    assert len(times) == updates
    return times[-1] - times[0]
