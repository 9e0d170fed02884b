"""The server beside a bare LangGraph server: latency of requests, events per second, many workflows at once."""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from benchmarks.bare_server import bare_server, new_thread, run, run_through, waiting_thread
from benchmarks.row import Row
from tests.e2e.conftest import ROOT
from tests.e2e.scripted import COUNTS, WORDS, given, plan
from tests.e2e.serving import ENDED, Server, script, serving

READS, STARTS, EVENTS, AT_ONCE = 200, 30, 500, 50
ENTRIES = [plan("counts"), given("architect"), given("coder")]
CODE = next(file["content"] for file in given("coder")["respond"]["files"] if file["path"] == COUNTS)
MEMORY = re.compile(r"^process_resident_memory_bytes (\S+)$", re.MULTILINE)
EMIT = """
import sys
from tools.events import emit
for number in range({count}):
    emit("task.progress", sys.argv[1], "benchmark", step=f"benchmark/{{number}}")
"""


def rows() -> Iterator[Row]:
    """Each against the same of a bare server, in the same minute."""
    with tempfile.TemporaryDirectory() as folder:
        body = {"request": WORDS, "model": script(Path(folder), ENTRIES)}
        with bare_server(Path(folder)) as other, serving(RATE_LIMIT="none") as ours:
            yield from beside(ours, other, body)
        yield many({**body, "auto_approve": True})


def beside(ours: Server, other: httpx.Client, body: dict[str, Any]) -> Iterator[Row]:
    """One request after the other, over a connection that stays open."""
    with httpx.Client(base_url=ours.url, timeout=60) as client:
        waiting = [ours.execute(**body) for _ in range(STARTS)]
        for workflow_id in waiting:
            ours.waits(workflow_id, "approve_plan")
        yield reading("GET status", client, f"/orchestrator/status/{waiting[0]}", other)
        yield reading("GET workflows", client, "/orchestrator/workflows", other)
        yield starting(client, body, other)
        yield streaming(ours, client, waiting[0], other)
        yield answering(client, waiting, other)


def reading(what: str, client: httpx.Client, path: str, other: httpx.Client) -> Row:
    """Of a read, against the state of a thread that waits."""
    state = f"/threads/{waiting_thread(other)}/state"
    mine, theirs = timed(lambda: client.get(path), READS), timed(lambda: other.get(state), READS)
    return compared(what, mine, "GET thread state", theirs)


def starting(client: httpx.Client, body: dict[str, Any], other: httpx.Client) -> Row:
    """Of a start, against a thread and a run; the planning that follows goes on meanwhile."""
    mine = timed(lambda: client.post("/orchestrator/execute", json=body), STARTS)
    theirs = timed(lambda: run(other, new_thread(other), "counter", input={"number": 0, "until": 1}), STARTS)
    return compared("POST execute", mine, "POST thread, POST run", theirs)


def answering(client: httpx.Client, waiting: list[str], other: httpx.Client) -> Row:
    """Of an answer to a plan, against the run that resumes a thread."""
    ids, threads = iter(waiting), iter([waiting_thread(other) for _ in waiting])
    no = {"decision": "reject"}
    mine = timed(lambda: client.post(f"/orchestrator/approve/{next(ids)}", json=no), len(waiting))
    theirs = timed(lambda: run(other, next(threads), "asker", command={"resume": 1}), len(waiting))
    return compared("POST approve", mine, "POST run that resumes", theirs)


def timed(request: Callable[[], httpx.Response], times: int) -> list[float]:
    """Seconds of each request; all must succeed."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        request().raise_for_status()
        taken.append(time.perf_counter() - began)
    return taken


def compared(what: str, mine: list[float], against: str, theirs: list[float]) -> Row:
    """Median and 95th percentile, in milliseconds."""
    figures = [f"{1e3 * statistics.median(each):.1f} ms, p95 {1e3 * p95(each):.1f}" for each in (mine, theirs)]
    ratio = statistics.median(mine) / statistics.median(theirs)
    return Row(what, figures[0], f"bare LangGraph server, {against}: {figures[1]}", f"{ratio:.2f}")


def p95(taken: list[float]) -> float:
    """The 95th percentile."""
    return sorted(taken)[int(0.95 * (len(taken) - 1))]


def streaming(ours: Server, client: httpx.Client, workflow_id: str, other: httpx.Client) -> Row:
    """Events per second from a process that writes them to a client that reads them."""
    command = [sys.executable, "-c", EMIT.format(count=EVENTS), workflow_id]
    times = []
    with client.stream("GET", f"/orchestrator/events/{workflow_id}") as answer:
        writer = subprocess.Popen(command, cwd=ROOT, env=ours.environment)
        for line in answer.iter_lines():
            if '"source":"benchmark"' in line:
                times.append(time.perf_counter())
            if len(times) == EVENTS:
                break
        assert writer.wait(timeout=60) == 0
    mine, theirs = [(EVENTS - 1) / each for each in (times[-1] - times[0], run_through(other, EVENTS))]
    against = f"bare LangGraph server, updates of a run: {theirs:.0f} per second"
    return Row("events to a reader, each durable first", f"{mine:.0f} per second", against, f"{mine / theirs:.2f}")


def many(body: dict[str, Any]) -> Row:
    """Workflows at once, each with one todo, to the release."""
    with serving(RATE_LIMIT="none", SANDBOX_READY="2") as ours:
        alone, wrong, _ = carried_out(ours, body, 1)
        together, failed, memory = carried_out(ours, body, AT_ONCE)
    what = f"{AT_ONCE} workflows of one todo at once; {len(wrong + failed)} ended wrong"
    figure = f"{together:.0f} s, {memory / 1e6:.0f} MB in the server"
    return Row(what, figure, f"one alone: {alone:.1f} s", f"{together / alone:.1f}")


def carried_out(ours: Server, body: dict[str, Any], count: int) -> tuple[float, list[str], float]:
    """Seconds of so many workflows, those that went wrong, and the most memory seen, in bytes."""
    began, memory = time.perf_counter(), 0.0
    ids = [ours.execute(**body) for _ in range(count)]
    for workflow_id in ids:
        ours.until(workflow_id, lambda found: found["status"] in ENDED, 1800)
        memory = max(memory, resident(ours))
    taken = time.perf_counter() - began
    return taken, [workflow_id for workflow_id in ids if not right(ours, workflow_id)], memory


def resident(ours: Server) -> float:
    """Bytes of the server's process."""
    found = MEMORY.search(httpx.get(f"{ours.url}/metrics").text)
    assert found
    return float(found[1])


def right(ours: Server, workflow_id: str) -> bool:
    """Whether it ended well, with the release that it should have and no model call too many."""
    found = ours.status(workflow_id)
    code = httpx.get(f"{ours.url}/orchestrator/artifacts/{workflow_id}/release/{COUNTS}").text
    return (found["status"], found["model_calls"], code) == ("completed", len(ENTRIES), CODE)
