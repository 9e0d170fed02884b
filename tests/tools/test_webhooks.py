"""A webhook is told what is true, signed, until it has taken it in; nothing is sent where nothing may go."""

import base64
import hashlib
import hmac
import json
import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Thread
from typing import Any

import psycopg
import pytest

from schemas.errors import BadInput
from schemas.events import Event
from state import workflows
from state.database import CONNECTION, Connection, database_uri, pool
from state.developer import WorkflowStatus
from state.options import Options
from tests.conftest import Configure
from tools import addresses, relay, webhooks
from tools.events import emit
from tools.webhooks import checked_webhook, deliver, headers

OPTIONS: Options = {
    "model": "offline",
    "budget_usd": None,
    "budget_tokens": None,
    "budget_calls": None,
    "budget_seconds": None,
    "auto_approve": False,
}
SECRET = base64.b64encode(b"0123456789abcdef").decode()


class Hook(ThreadingHTTPServer):
    """The other side: what it was sent, and how it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[int | Callable[[], int]] = []
        self.url = f"http://127.0.0.1:{self.server_port}/hook?token=hush"

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(content) for _, content in self.taken]


class Receiver(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        content = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append(({name.lower(): value for name, value in self.headers.items()}, content))
        answer = self.server.answers.pop(0) if self.server.answers else 204
        self.send_response(answer() if callable(answer) else answer)
        self.send_header("location", "/elsewhere")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    with pool().connection() as connection:
        connection.execute("delete from webhook_deliveries")
    with Hook() as server:
        thread = Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """Who holds the sender's lock, so that nothing is sent but by `send_due`; what failed is due again at once."""
    monkeypatch.setattr(webhooks, "FIRST_PAUSE_SECONDS", 0)
    with psycopg.connect(database_uri(), **CONNECTION) as connection:
        connection.execute("select pg_advisory_lock(hashtextextended('aidev webhook sender', 0))")
        yield connection
        relay.stop(30)


def told(url: str, status: WorkflowStatus = "waiting", kind: Any = "approval.requested") -> Event:
    """An event of a new workflow that stands so."""
    workflow_id = str(uuid.uuid4())
    workflows.create(workflow_id, {"request": "x"}, {**OPTIONS, "webhook": url})
    workflows.update(workflow_id, status, None if status == "waiting" else "error", "why")
    return emit(kind, workflow_id, "test", name="approve_plan", interrupt_id="i1")


def send_due() -> None:
    with pool().connection() as connection:
        deliver(connection)


def delivery(event: Event) -> dict[str, Any]:
    with pool().connection() as connection:
        row = connection.execute(
            "select *, next_at is null as is_over from webhook_deliveries where event_id = %s", [event.event_id]
        ).fetchone()
    return row or {}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("approval.requested", "waiting"),
        ("workflow.completed", "completed"),
        ("workflow.failed", "blocked"),
        ("workflow.failed", "cancelled"),
        ("workflow.paused", "failed"),
    ],
)
def test_it_is_told_what_is_true(hook: Hook, kind: str, status: WorkflowStatus) -> None:
    event = told(hook.url, status, kind)
    send_due()
    stop = None if status == "waiting" else "error"
    facts = {"workflow_id": event.workflow_id, "status": status, "stop_reason": stop, "reason": "why"}
    assert hook.told == [{"event": event.model_dump(mode="json"), **facts}]
    send_due()
    assert len(hook.taken) == 1
    assert delivery(event)["delivered_at"] is not None


def test_other_events_and_workflows_without_a_webhook_send_nothing(hook: Hook) -> None:
    event = told(hook.url, kind="task.started")
    unwatched = told("")
    send_due()
    assert hook.taken == []
    assert delivery(event) == delivery(unwatched) == {}


def test_an_event_that_is_taken_back_is_not_told(hook: Hook) -> None:
    workflow_id = told(hook.url, kind="task.started").workflow_id
    with pool().connection() as connection, connection.transaction(force_rollback=True):
        event = emit("workflow.completed", workflow_id, "test", connection=connection)
    assert delivery(event) == {}


def test_the_signature_is_that_of_standard_webhooks(hook: Hook, configure: Configure) -> None:
    configure(WEBHOOK_SECRET=f"whsec_{SECRET}")
    event = told(hook.url)
    send_due()
    ((sent, content),) = hook.taken
    signed = f"{event.event_id}.{sent['webhook-timestamp']}.".encode() + content
    expected = base64.b64encode(hmac.new(b"0123456789abcdef", signed, hashlib.sha256).digest()).decode()
    assert (sent["webhook-id"], sent["webhook-signature"]) == (event.event_id, f"v1,{expected}")
    assert abs(time.time() - int(sent["webhook-timestamp"])) < 60


def test_the_example_of_the_standard(configure: Configure) -> None:
    configure(WEBHOOK_SECRET="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    found = headers("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert found["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_without_a_secret_nothing_is_signed_and_a_wrong_one_is_refused(hook: Hook, configure: Configure) -> None:
    told(hook.url)
    send_due()
    assert "webhook-signature" not in hook.taken[0][0]
    configure(WEBHOOK_SECRET="not base64!")
    with pytest.raises(BadInput, match="WEBHOOK_SECRET") as refused:
        checked_webhook(hook.url)
    assert "not base64!" not in str(refused.value)


@pytest.mark.parametrize(("answer", "error"), [(500, "answered 500"), (302, "answered 302"), (404, "answered 404")])
def test_what_is_not_taken_in_is_sent_again_under_the_same_id(
    hook: Hook, caplog: pytest.LogCaptureFixture, answer: int, error: str
) -> None:
    hook.answers = [answer, answer]
    event = told(hook.url)
    for _ in range(2):
        send_due()
        assert delivery(event)["last_error"] == error
        assert not delivery(event)["is_over"]
    send_due()
    assert {sent["webhook-id"] for sent, _ in hook.taken} == {event.event_id}
    assert (len(hook.taken), delivery(event)["attempts"], delivery(event)["last_error"]) == (3, 3, None)
    assert "hush" not in caplog.text
    assert error in caplog.text


def test_a_retry_says_how_the_workflow_stands_then(hook: Hook) -> None:
    hook.answers = [503]
    event = told(hook.url)
    send_due()
    workflows.update(event.workflow_id, "completed", "completed", "done")
    send_due()
    assert [told["status"] for told in hook.told] == ["waiting", "completed"]


def test_one_that_is_slow_holds_up_no_other(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_SECONDS", 0.5)

    def slow() -> int:
        time.sleep(1.5)
        return 204

    hook.answers = [slow]
    first = told(hook.url)
    with pool().connection() as connection:
        connection.execute("update webhook_deliveries set next_at = now() - interval '1 second'")
    second = told(hook.url)
    send_due()
    outcomes = {delivery(event)["last_error"] for event in (first, second)}
    assert outcomes == {"no answer in 0.5 seconds", None}


def test_nobody_there_is_an_error_that_is_kept(hook: Hook) -> None:
    event = told("http://127.0.0.1:9/nobody")
    send_due()
    assert delivery(event)["last_error"].startswith("ConnectError")


def test_pauses_double(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "FIRST_PAUSE_SECONDS", 100)
    event = told("http://127.0.0.1:9/nobody")
    pauses = []
    for _ in range(3):
        with pool().connection() as connection:
            connection.execute("update webhook_deliveries set next_at = now()")
        before = time.time()
        send_due()
        pauses.append(round((delivery(event)["next_at"].timestamp() - before) / 100))
    assert pauses == [1, 2, 4]


def test_after_a_day_it_is_given_up_and_stays_visible(hook: Hook, caplog: pytest.LogCaptureFixture) -> None:
    hook.answers = [500]
    event = told(hook.url)
    with pool().connection() as connection:
        connection.execute("update webhook_deliveries set created_at = now() - interval '25 hours'")
    send_due()
    found = delivery(event)
    assert (found["is_over"], found["delivered_at"], found["last_error"]) == (True, None, "answered 500")
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


@contextmanager
def loopback_refused(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(addresses, "REFUSED", [ip_network("127.0.0.0/8"), ip_network("::1/128")])
        yield


def test_a_name_that_stands_for_a_refused_address_is_sent_nothing(hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    event = told(hook.url.replace("127.0.0.1", "localhost"))
    with loopback_refused(monkeypatch):
        send_due()
    assert hook.taken == []
    assert "is refused for webhooks" in delivery(event)["last_error"]


def test_what_is_allowed_no_longer_is_not_sent(hook: Hook, configure: Configure) -> None:
    event = told(hook.url)
    configure(WEBHOOK_HOSTS="hooks.example.org")
    send_due()
    assert hook.taken == []
    assert "WEBHOOK_HOSTS" in delivery(event)["last_error"]


def test_it_is_sent_by_a_thread_of_its_own(hook: Hook, by_hand: Connection) -> None:
    by_hand.execute("select pg_advisory_unlock_all()")
    event = told(hook.url)
    deadline = time.monotonic() + 30
    while not delivery(event)["delivered_at"]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert len(hook.taken) == 1


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org/aidev?token=1",
        "http://127.0.0.1:8080/",
        "https://[2001:db8::1]:8443/x",
        "https://EXAMPLE.com",
    ],
)
def test_urls_that_may_be_webhooks(url: str) -> None:
    assert checked_webhook(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "ftp://example.org/",
        "file:///etc/passwd",
        "http://",
        "http://example.org:99999/",
        "http://example.org:0/",
        "http://[::1",
        "https://user:password@example.org/",
        "https://user@example.org/",
        "https://@example.org/",
        "http://example.org/a b",
        "http://example.org\\@other.org/",
        "http://example.org/\r\nx: y",
        "http://exämple.org/",
        "http://169.254.169.254/latest/meta-data",
        "http://169.254.169.254./latest/meta-data",
        "http://2852039166/",
        "http://0xA9FEA9FE/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://[::ffff:169.254.169.254]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://[fe80::1%25eth0]/",
        "http://[fd00:ec2::254]/",
        f"http://example.org/{'x' * 2048}",
    ],
)
def test_urls_that_may_not(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        checked_webhook(url)
    assert refused.value.hint


@pytest.mark.parametrize(
    ("hosts", "url", "fits"),
    [
        ("hooks.example.org", "https://hooks.example.org/x", True),
        ("a.org, *.example.org", "https://HOOKS.example.org./x", True),
        ("*.example.org", "https://example.org/x", False),
        ("*.example.org", "https://example.org.evil.net/x", False),
        ("hooks.example.org", "https://evil.net/hooks.example.org", False),
    ],
)
def test_hosts_may_be_limited(configure: Configure, hosts: str, url: str, fits: bool) -> None:
    configure(WEBHOOK_HOSTS=hosts)
    if fits:
        assert checked_webhook(url) == url
    else:
        with pytest.raises(BadInput, match="may not go to"):
            checked_webhook(url)
