"""The server beside a bare LangGraph server: latency of requests, events per second, many workflows at once."""

import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from benchmarks.row import Row
from server.dev import QUIET
from tests.conftest import _free_port
from tests.e2e.conftest import ROOT
from tests.e2e.scripted import given, plan
from tests.e2e.serving import Server, script, serving

REQUESTS, EVENTS, AT_ONCE = 200, 500, 50
ENTRIES = [plan("counts"), given("architect"), given("coder")]
EMIT = """
import sys
from tools.events import emit
for number in range({count}):
    emit("task.progress", sys.argv[1], "benchmark", step=str(number), number=number)
"""


def rows() -> Iterator[Row]:
    """Each against the same of a bare server, in the same minute."""
    with tempfile.TemporaryDirectory() as folder, bare(Path(folder)) as other, serving(RATE_LIMIT="none") as ours:
        model = script(Path(folder), ENTRIES)
        workflow_id, thread = ours.execute(request="Build a small text library", model=model), new_thread(other)
        ours.waits(workflow_id, "approve_plan")
        run_through(other, thread, 1)
        yield latency("GET status", ours.url, f"/orchestrator/status/{workflow_id}", other, thread)
        yield latency("GET workflows", ours.url, "/orchestrator/workflows", other, thread)
        yield starting(ours, model, other)
        yield streaming(ours, workflow_id, other)
    yield many()


def latency(what: str, ours: str, path: str, other: str, thread: str) -> Row:
    """Of a read, against the state of a thread."""
    mine, theirs = timed(lambda: httpx.get(ours + path)), timed(lambda: httpx.get(f"{other}/threads/{thread}/state"))
    return compared(what, mine, "GET thread state", theirs)


def starting(ours: Server, model: str, other: str) -> Row:
    """Of a start, against a thread and a run; the work that follows is that of planning."""
    body = {"request": "Build a small text library", "model": model}
    mine = timed(lambda: httpx.post(f"{ours.url}/orchestrator/execute", json=body, timeout=60), 10)
    theirs = timed(lambda: started(other), 10)
    return compared("POST execute", mine, "POST thread and run", theirs)


def compared(what: str, mine: list[float], against: str, theirs: list[float]) -> Row:
    """Median and 95th percentile, in milliseconds."""
    figures = [f"{1e3 * statistics.median(each):.1f} ms, p95 {1e3 * p95(each):.1f}" for each in (mine, theirs)]
    ratio = statistics.median(mine) / statistics.median(theirs)
    return Row(what, figures[0], f"bare LangGraph server, {against}: {figures[1]}", f"{ratio:.2f}")


def p95(taken: list[float]) -> float:
    """The 95th percentile."""
    return sorted(taken)[int(0.95 * (len(taken) - 1))]


def timed(request: Callable[[], httpx.Response], times: int = REQUESTS) -> list[float]:
    """Seconds of each request; all must succeed."""
    taken = []
    for _ in range(times):
        started_at = time.perf_counter()
        request().raise_for_status()
        taken.append(time.perf_counter() - started_at)
    return taken


def streaming(ours: Server, workflow_id: str, other: str) -> Row:
    """Events per second from a process that writes them to a client that reads them."""
    with httpx.stream("GET", f"{ours.url}/orchestrator/events/{workflow_id}", timeout=60) as answer:
        lines = answer.iter_lines()
        command = [sys.executable, "-c", EMIT.format(count=EVENTS), workflow_id]
        writer = subprocess.Popen(command, cwd=ROOT, env=ours.environment)
        first = next(line for line in lines if '"number":0' in line)
        began = time.perf_counter()
        next(line for line in lines if f'"number":{EVENTS - 1}' in line)
        mine = EVENTS / (time.perf_counter() - began)
        assert first and writer.wait(timeout=60) == 0
    theirs = EVENTS / run_through(other, new_thread(other), EVENTS)
    against = f"bare LangGraph server, updates of a run: {theirs:.0f} per second"
    return Row("events to a reader, each durable first", f"{mine:.0f} per second", against, f"{mine / theirs:.2f}")


def many() -> Row:
    """Workflows at once, each with one todo, to the release."""
    with tempfile.TemporaryDirectory() as folder, serving(RATE_LIMIT="none", SANDBOX_READY="2") as ours:
        model, began = script(Path(folder), ENTRIES), time.perf_counter()
        body = {"request": "Build a small text library", "model": model, "auto_approve": True}
        one = ended(ours, [ours.execute(**body)])
        alone, began = time.perf_counter() - began, time.perf_counter()
        found = ended(ours, [ours.execute(**body) for _ in range(AT_ONCE)])
        together = time.perf_counter() - began
    wrong = [each for each in [*one, *found] if (each["status"], each["model_calls"]) != ("completed", 3)]
    what = f"{AT_ONCE} workflows of one todo at once: {len(wrong)} ended wrong"
    return Row(what, f"{together:.0f} s", f"one alone: {alone:.1f} s", f"{together / alone:.1f}")


def ended(ours: Server, ids: list[str]) -> list[dict[str, Any]]:
    """How they stand at their ends."""
    return [ours.until(each, lambda found: found["status"] not in ("running", "waiting"), 1800) for each in ids]


@contextmanager
def bare(folder: Path) -> Iterator[str]:
    """A LangGraph development server with nothing but a graph that counts."""
    (folder / "langgraph.json").write_text(
        json.dumps({"dependencies": ["."], "graphs": {"bare": "benchmarks.bare:graph"}})
    )
    port = _free_port()
    flags = ["--no-browser", "--no-reload", "--config", str(folder / "langgraph.json"), "--port", str(port)]
    command = [sys.executable, "-m", "langgraph_cli", "dev", *flags]
    environment = {**os.environ, **QUIET, "PYTHONPATH": str(ROOT)}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
        url = f"http://127.0.0.1:{port}"
        while not answers(url):
            time.sleep(0.2)
        yield url
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(url: str) -> bool:
    """Whether it is there."""
    try:
        return httpx.get(f"{url}/ok").is_success
    except httpx.HTTPError:
        return False


def new_thread(other: str) -> str:
    """Its id."""
    return str(httpx.post(f"{other}/threads", json={"thread_id": str(uuid.uuid4())}).json()["thread_id"])


def started(other: str) -> httpx.Response:
    """A thread and a run."""
    body = {"assistant_id": "bare", "input": {"number": 0, "until": 1}}
    return httpx.post(f"{other}/threads/{new_thread(other)}/runs", json=body)


def run_through(other: str, thread: str, until: int) -> float:
    """Seconds from the first update that a reader gets to the last."""
    body = {"assistant_id": "bare", "input": {"number": 0, "until": until}, "stream_mode": "updates"}
    body |= {"config": {"recursion_limit": until + 10}}
    with httpx.stream("POST", f"{other}/threads/{thread}/runs/stream", json=body, timeout=120) as answer:
        began = 0.0
        for line in answer.iter_lines():
            if line.startswith("event: updates"):
                began = began or time.perf_counter()
        return time.perf_counter() - began
