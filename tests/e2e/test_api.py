"""The API of a real server: the seed's session, work from outside, and nothing lost when something dies."""

import json
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from schemas.events import STREAM
from tests.conftest import RedisServer
from tests.e2e.conftest import ROOT
from tests.e2e.scripted import given, plan
from tests.e2e.serving import Server, script, serving

pytestmark = [pytest.mark.xdist_group("api"), pytest.mark.timeout(300)]
REQUEST = "Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss"
ONE = [plan("counts"), given("architect"), given("coder")]
SAMPLE = "workflow_sample_20251104_001"
TODO = json.loads((ROOT / "examples/sample_todo_list.json").read_text())["items"][0]
WORDS = {"request": "Build a small text library"}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    started = RedisServer(tmp_path_factory.mktemp("redis"))
    started.start()
    yield started
    started.client.close()
    started.stop()


@pytest.fixture(scope="module")
def server(redis: RedisServer) -> Iterator[Server]:
    with serving(REDIS_HOST="127.0.0.1", REDIS_PORT=str(redis.port)) as started:
        yield started


def curl(server: Server, *arguments: str) -> Any:
    """As the seed writes it, with another port."""
    assert shutil.which("curl")
    done = subprocess.run(["curl", "-s", *arguments], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def posted(server: Server, path: str, body: Any) -> Any:
    header = ("-H", "Content-Type: application/json")
    return curl(server, "-X", "POST", server.url + path, *header, "-d", json.dumps(body))


def test_the_seeds_session(server: Server) -> None:
    planned = posted(server, "/planner/plan", {"request": REQUEST})
    listed = curl(server, f"{server.url}/planner/todo_list/{planned['todo_list_id']}")
    assert listed["items"][0]["id"] == "t1_data_integration"
    assert [item["id"] for item in listed["items"]] == [item["id"] for item in planned["todo_list"]["items"]]
    sample = posted(server, "/orchestrator/execute", {"todo_list_id": SAMPLE})
    workflow_id = sample["workflow_id"]
    asked = server.waits(workflow_id, "approve_plan")["interrupt_id"]
    for args in ({"foo": 1}, None):
        edit = {"decision": "edit", "args": args}
        assert "args.todo_list" in posted(server, f"/orchestrator/approve/{workflow_id}", edit)["hint"]
    approve = {"decision": "approve", "interrupt_id": "bad"}
    wrong = server.post(f"/orchestrator/approve/{workflow_id}", approve, 409)
    assert (wrong["detail"], asked in wrong["hint"]) == ("Nothing waits under 'bad'.", True)
    assert posted(server, f"/orchestrator/approve/{workflow_id}", {"decision": "reject"})["decision"] == "reject"
    assert server.ended(workflow_id)["status"] == "rejected"
    late = server.post(f"/orchestrator/approve/{workflow_id}", {**approve, "interrupt_id": asked}, 409)
    assert "local has answered already: reject" in late["detail"]
    assert "has ended" in server.post(f"/orchestrator/budget/{workflow_id}", {"calls": 9}, 422)["detail"]
    listed = curl(server, f"{server.url}/orchestrator/workflows?status=rejected")
    assert workflow_id in [entry["workflow_id"] for entry in listed["items"]]
    dispatched = posted(server, "/agent/planner/task", {"request": REQUEST, "model": "offline"})
    assert server.ended(dispatched["workflow_id"])["status"] == "completed"
    assert curl(server, f"{server.url}/agent/planner/status")["model_calls"] >= 2


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        ("/planner/plan", {"request": REQUEST, "repo": "/nowhere/x"}, "There is no folder /nowhere/x."),
        ("/agent/coder/task", {"todo": TODO, "repo": "/nowhere/x"}, "There is no folder /nowhere/x."),
        ("/orchestrator/execute", {"todo_list_id": SAMPLE, "external": ["nope"]}, "the list has no todo nope."),
    ],
)
def test_what_cannot_be_done_is_refused_at_once(server: Server, path: str, body: Any, said: str) -> None:
    before = server.get("/orchestrator/workflows")["items"]
    assert said in server.post(path, body, 422)["detail"]
    assert server.get("/orchestrator/workflows")["items"] == before


def test_a_page_goes_on_where_the_one_before_ended(server: Server, tmp_path: Path) -> None:
    ids = [server.execute(**WORDS, model=script(tmp_path, ONE)) for _ in range(2)]
    url = f"{server.url}/orchestrator/workflows?limit=1"
    first = httpx.get(url).json()
    second = httpx.get(f"{url}&cursor={first['next']}").json()
    assert [page["items"][0]["workflow_id"] for page in (first, second)] == ids[::-1]
    for workflow_id in ids:
        server.post(f"/orchestrator/cancel/{workflow_id}", {})


def test_what_is_not_there_yet_is_not_found(server: Server, tmp_path: Path) -> None:
    workflow_id = server.execute(**WORDS, model=script(tmp_path, ONE))
    server.waits(workflow_id, "approve_plan")
    for route in ("diff", "artifacts", "evidence"):
        for task, said in (("release", "no release yet"), ("counts", "counts yet"), ("nope", "no todo 'nope'")):
            answer = httpx.get(f"{server.url}/orchestrator/{route}/{workflow_id}", params={"task": task})
            assert (answer.status_code, said in answer.json()["detail"]) == (404, True), answer.text
            assert task == "counts" or "Todos: counts." in answer.json()["hint"]
    server.post(f"/orchestrator/cancel/{workflow_id}", {})


def test_a_whole_workflow_with_work_from_outside(server: Server, tmp_path: Path) -> None:
    body = {**WORDS, "model": script(tmp_path, ONE[:2]), "external": ["counts"]}
    workflow_id = server.execute(**body)
    server.approve(workflow_id, "approve_plan")
    asked = server.waits(workflow_id, "task_result")["payload"]["action_requests"][0]["args"]
    assert "count_words" in asked["contract"]
    refused = server.post("/orchestrator/task/counts/result", {"files": [{"path": "../x", "content": ""}]}, 422)
    assert "../x" in refused["detail"]
    server.post("/orchestrator/task/counts/result", {"files": given("coder")["respond"]["files"]})
    server.approve(workflow_id, "approve_release")
    found = server.ended(workflow_id)
    assert (found["status"], found["todos"][0]["status"]) == ("completed", "done")
    assert [(one["name"], one["decision"], one["by"]) for one in found["approvals"]] == [
        ("approve_plan", "approve", "local"),
        ("task_result", "edit", "local"),
        ("approve_release", "approve", "local"),
    ]
    assert "textlib/counts.py" in httpx.get(f"{server.url}/orchestrator/diff/{workflow_id}").text
    files = server.get(f"/orchestrator/artifacts/{workflow_id}")["files"]
    path = next(file["path"] for file in files if file["path"] == "textlib/counts.py")
    assert b"count_words" in httpx.get(f"{server.url}/orchestrator/artifacts/{workflow_id}/release/{path}").content
    assert server.get(f"/orchestrator/evidence/{workflow_id}", task="counts")["test_report"]["status"] == "passed"


def test_the_same_key_starts_one_workflow(server: Server, tmp_path: Path) -> None:
    body = {**WORDS, "model": script(tmp_path, ONE)}
    key = {"Idempotency-Key": "k1"}
    first, again = (server.post("/orchestrator/execute", body, headers=key) for _ in range(2))
    assert first["workflow_id"] == again["workflow_id"]
    other = {**body, "request": "Something else"}
    assert server.post("/orchestrator/execute", other, 422, key)["type"].endswith("key-reused")
    answers = [httpx.Response(200)] * 2

    def answer(place: int, decision: str) -> None:
        url = f"{server.url}/orchestrator/approve/{first['workflow_id']}"
        answers[place] = httpx.post(url, json={"decision": decision}, timeout=60)

    server.waits(first["workflow_id"], "approve_plan")
    both = [threading.Thread(target=answer, args=each) for each in ((0, "approve"), (1, "reject"))]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(found.status_code for found in answers) == [200, 409]
    loser = next(found.json() for found in answers if found.status_code == 409)
    assert "local has answered already" in loser["detail"]


def test_a_cancelled_workflow_stops_and_can_go_on(server: Server, tmp_path: Path) -> None:
    workflow_id = server.execute(**WORDS, model=script(tmp_path, ONE))
    server.waits(workflow_id, "approve_plan")
    server.post(f"/orchestrator/cancel/{workflow_id}", {"reason": "changed my mind"})
    found = server.status(workflow_id)
    assert (found["status"], found["reason"]) == ("cancelled", "cancelled by local: changed my mind")
    assert server.post(f"/orchestrator/approve/{workflow_id}", {"decision": "approve"}, 409)["type"].endswith(
        "nothing-waits"
    )
    assert server.post(f"/orchestrator/cancel/{workflow_id}", {}, 409)
    server.post(f"/orchestrator/resume/{workflow_id}", {})
    server.approve(workflow_id, "approve_plan")
    server.until(workflow_id, lambda found: found["todos"][0]["status"] == "running")
    assert server.post(f"/orchestrator/resume/{workflow_id}", {}, 409)["detail"] == "The workflow is running."
    server.post(f"/orchestrator/cancel/{workflow_id}", {})
    server.post(f"/orchestrator/resume/{workflow_id}", {})
    server.approve(workflow_id, "approve_release")
    assert server.ended(workflow_id)["status"] == "completed"
    assert server.status(workflow_id)["model_calls"] == 3


@pytest.mark.parametrize("victim", ["server", "stop", "database", "redis"])
def test_nothing_is_lost_when_something_dies(server: Server, redis: RedisServer, tmp_path: Path, victim: str) -> None:
    workflow_id = server.execute(**WORDS, model=script(tmp_path, ONE))
    server.approve(workflow_id, "approve_plan")
    server.until(workflow_id, lambda found: found["todos"][0]["status"] == "running")
    if victim == "database":
        server.kill_database()
    elif victim == "redis":
        redis.stop()
        server.waits(workflow_id, "approve_release")
        redis.start()
    else:
        server.end(signal.SIGKILL if victim == "server" else signal.SIGTERM)
        server.start()
    server.approve(workflow_id, "approve_release")
    found = server.ended(workflow_id)
    assert (found["status"], found["model_calls"]) == ("completed", 3)
    assert [one["name"] for one in found["approvals"]] == ["approve_plan", "approve_release"]
    events = server.get(f"/orchestrator/log/{workflow_id}")
    kinds = [event["event_type"] for event in events]
    for once in ("workflow.created", "workflow.completed", "task.completed", "artifact.validated"):
        assert kinds.count(once) == 1, kinds
    assert len({event["event_id"] for event in events}) == len(events)
    assert delivered(redis, workflow_id, len(events)) == [event["event_id"] for event in events]


def delivered(redis: RedisServer, workflow_id: str, count: int) -> list[str]:
    """Ids of a workflow's events in the stream, once there are so many, or time is up."""
    deadline = time.monotonic() + 45
    found: list[str] = []
    while len(found) < count and time.monotonic() < deadline:
        entries: Any = redis.client.xrange(STREAM)
        told = [json.loads(fields["event"]) for _, fields in entries]
        found = [event["event_id"] for event in told if event["workflow_id"] == workflow_id]
        time.sleep(0.2)
    return found


def test_a_stream_goes_on_where_it_broke_off(server: Server, tmp_path: Path) -> None:
    workflow_id = server.execute(**WORDS, model=script(tmp_path, ONE))
    server.waits(workflow_id, "approve_plan")
    first = streamed(server, workflow_id, 2)
    for name, place, said in (
        ("Last-Event-ID", "99999999", "beyond the newest event"),
        ("Last-Event-ID", "abc", "Last-Event-ID is not one"),
        ("cursor", "99999999", "beyond the newest event"),
        ("cursor", "abc", "cursor is not one"),
    ):
        sent: Any = {"params" if name == "cursor" else "headers": {name: place}}
        refused = httpx.get(f"{server.url}/orchestrator/events/{workflow_id}", **sent)
        assert (refused.status_code, said in refused.json()["detail"]) == (422, True)
    server.end()
    server.start()
    server.approve(workflow_id, "approve_plan", decision="reject")
    server.ended(workflow_id)
    rest = streamed(server, workflow_id, 3, first[-1][0])
    assert [name for _, name in first] == ["workflow.created", "workflow.started"]
    assert rest[0][1] == "task.progress"
    assert int(rest[0][0]) > int(first[-1][0])


def streamed(server: Server, workflow_id: str, count: int, after: str = "0") -> list[tuple[str, str]]:
    """Cursor and type of so many events."""
    found: list[tuple[str, str]] = []
    url, headers = f"{server.url}/orchestrator/events/{workflow_id}", {"Last-Event-ID": after}
    started = time.monotonic()
    with httpx.stream("GET", url, headers=headers, timeout=20) as answer:
        cursor = ""
        for line in answer.iter_lines():
            cursor = line.removeprefix("id: ") if line.startswith("id: ") else cursor
            if line.startswith("event: "):
                found.append((cursor, line.removeprefix("event: ")))
            if len(found) == count or time.monotonic() - started > 20:
                break
    return found
