"""Every event is recorded once and told once, and nobody who listens can hold up the work."""

import json
import logging
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from redis.client import PubSub

from schemas.events import Channel, Event
from tests.conftest import Configure, RedisServer
from tools import bus, events
from tools.events import emit, recorded, subscribe

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-1e15, 1e15) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def workflow_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def heard() -> Iterator[list[Event]]:
    """The events that a subscriber heard."""
    found: list[Event] = []
    unsubscribe = subscribe(found.append)
    yield found
    unsubscribe()


def test_an_event_is_recorded_and_told(workflow_id: str, heard: list[Event]) -> None:
    first = emit("task.started", workflow_id, "coder", task_id="t1", step="coder-1", attempt=1)
    second = emit("test.passed", workflow_id, "tester", task_id="t1", total=4)
    assert recorded(workflow_id) == [first, second] == heard
    assert first.data == {"attempt": 1}
    assert first.correlation_id == workflow_id


def test_the_same_step_again_is_the_same_event_and_is_not_told(workflow_id: str, heard: list[Event]) -> None:
    first = emit("task.started", workflow_id, "coder", task_id="t1", step="coder-1", attempt=1)
    again = emit("task.started", workflow_id, "coder", task_id="t1", step="coder-1", attempt=1)
    assert again.event_id == first.event_id
    assert recorded(workflow_id) == [first] == heard
    for other in (("t1", "coder-2"), ("t2", "coder-1"), (None, "coder-1")):
        emit("task.started", workflow_id, "coder", task_id=other[0], step=other[1])
    assert len(recorded(workflow_id)) == 4


def test_threads_that_emit_the_same_event_record_it_once(workflow_id: str, heard: list[Event]) -> None:
    threads = [threading.Thread(target=emit, args=("task.failed", workflow_id, "coder")) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == len(recorded(workflow_id)) == 1


def test_a_subscriber_that_raises_harms_no_other(
    workflow_id: str, heard: list[Event], caplog: pytest.LogCaptureFixture
) -> None:
    def fails(event: Event) -> None:
        raise KeyError("oh")

    late: list[Event] = []
    stops = [subscribe(fails), subscribe(late.append)]
    event = emit("workflow.started", workflow_id, "intake")
    for stop in stops:
        stop()
    emit("workflow.completed", workflow_id, "publish")
    assert heard[0] == event
    assert late == [event]
    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    assert event.event_id in caplog.text


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.dictionaries(st.text(), JSON, max_size=3), step=st.text(), source=st.text())
def test_any_text_survives_the_log_and_json(data: dict[str, Any], step: str, source: str) -> None:
    workflow_id = str(uuid.uuid4())
    event = emit("task.progress", workflow_id, source, step=step, details=data)
    assert recorded(workflow_id) == [event]
    assert Event.model_validate_json(event.model_dump_json()) == event


def test_what_postgres_refuses_is_cleaned(workflow_id: str) -> None:
    event = emit("task.progress", workflow_id, "co\x00der", step="\ud800", note="a\x00b", rate=float("nan"))
    assert recorded(workflow_id) == [event]
    assert event.data == {"note": "ab", "rate": None}


def test_an_unknown_type_is_refused(workflow_id: str) -> None:
    with pytest.raises(ValueError, match="event_type"):
        emit("task.exploded", workflow_id, "coder")  # type: ignore[arg-type]
    assert recorded(workflow_id) == []


@pytest.fixture
def listening(redis_server: RedisServer) -> Iterator[PubSub]:
    """A subscriber of every channel."""
    with redis_server.pubsub() as pubsub:
        pubsub.psubscribe("*")
        assert pubsub.get_message(timeout=5) is None
        yield pubsub


def messages(pubsub: PubSub, count: int) -> list[tuple[str, Event]]:
    deadline = time.monotonic() + 5
    found: list[tuple[str, Event]] = []
    while len(found) < count and time.monotonic() < deadline:
        if message := pubsub.get_message(timeout=0.2):
            found.append((message["channel"], Event.model_validate_json(message["data"])))
    return found


@pytest.mark.parametrize(
    ("event_type", "channels"),
    [
        ("task.dispatched", ["audit.logs", "agent.requests", "workflow.events"]),
        ("task.completed", ["audit.logs", "agent.results", "workflow.events"]),
        ("approval.requested", ["audit.logs", "workflow.events"]),
        ("artifact.committed", ["audit.logs"]),
    ],
)
def test_redis_hears_it_on_the_right_channels(
    workflow_id: str, listening: PubSub, event_type: Any, channels: list[Channel]
) -> None:
    event = emit(event_type, workflow_id, "coder", text="ünï")
    emit(event_type, workflow_id, "coder", text="ünï")
    assert messages(listening, len(channels)) == [(channel, event) for channel in channels]
    assert listening.get_message(timeout=0.1) is None


def test_redis_away_delays_nothing_and_hears_it_later(
    workflow_id: str,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(bus, "PAUSE_SECONDS", 1.0)
    redis_server.stop()
    began = time.monotonic()
    missed = [emit("artifact.created", workflow_id, "coder", step=str(step)) for step in range(50)]
    assert time.monotonic() - began < 2
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    redis_server.start()
    with redis_server.pubsub() as pubsub:
        pubsub.subscribe("audit.logs")
        pubsub.get_message(timeout=5)
        time.sleep(bus.PAUSE_SECONDS)
        last = emit("artifact.committed", workflow_id, "coder")
        assert [event for _, event in messages(pubsub, 51)] == [*missed, last]
    assert len(caplog.records) == 1


def test_redis_that_hangs_delays_it_once(
    workflow_id: str, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(REDIS_HOST="127.0.0.1", REDIS_PORT=silent.getsockname()[1])
        began = time.monotonic()
        for step in range(20):
            emit("task.progress", workflow_id, "coder", step=str(step))
        assert time.monotonic() - began < 2
    assert len(recorded(workflow_id)) == 20
    assert len(caplog.records) == 1


def test_recorded_events_are_json(workflow_id: str) -> None:
    emit("workflow.created", workflow_id, "intake", request="x")
    assert json.loads(recorded(workflow_id)[0].model_dump_json())["timestamp"].endswith("Z")
    assert events.recorded(str(uuid.uuid4())) == []
