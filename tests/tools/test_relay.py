"""Events reach Redis in order and once, whatever dies meanwhile; work waits for none of it."""

import logging
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from redis import ResponseError
from redis.client import PubSub

from schemas.events import STREAM, Channel, Event
from state.database import database_uri, pool
from tests.conftest import Configure, RedisServer
from tools import redis_stream, relay
from tools.events import emit, recorded

ROOT = Path(__file__).parents[2]
EMITS = """
import sys
from tools.events import emit
for step in range(40):
    emit("artifact.created", sys.argv[1], "test", step=f"{sys.argv[2]} {step}")
"""
DIES = """
import os, sys
from settings import settings
from state.database import pool
from tools.redis_stream import RedisStream
stream = RedisStream("127.0.0.1", settings().redis_port)
send = stream._script
stream._script = lambda **given: (send(**given), os.kill(os.getpid(), 9))
with pool().connection() as connection:
    stream.relay(connection)
"""
OLD_TABLE = """
create table events (
    seq bigint generated always as identity, event_id text primary key, workflow_id text not null, task_id text,
    event_type text not null, correlation_id text not null, "timestamp" timestamptz not null, source text not null,
    data jsonb not null);
insert into events (event_id, workflow_id, event_type, correlation_id, "timestamp", source, data)
    values ('old', 'w', 'workflow.started', 'w', '2026-01-01T00:00:00Z', 'intake', '{}');
"""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Redis is tried again soon; no thread outlives its test."""
    monkeypatch.setattr(redis_stream, "PAUSE_SECONDS", 0.1)
    yield
    relay.stop(30)


@pytest.fixture
def workflow_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    """A Redis that is told of nothing that earlier tests did."""
    with pool().connection() as connection:
        connection.execute("update events set position = 0")
    return redis_server


@pytest.fixture
def listening(redis: RedisServer) -> Iterator[PubSub]:
    """A subscriber of every channel."""
    with redis.pubsub() as pubsub:
        pubsub.psubscribe("*")
        assert pubsub.get_message(timeout=5) is None
        yield pubsub


def await_that(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def many(workflow_id: str, count: int, first: int = 0) -> list[Event]:
    return [emit("artifact.created", workflow_id, "test", step=str(step)) for step in range(first, first + count)]


def texts(redis: RedisServer) -> list[str]:
    found: Any = redis.client.xrange(STREAM)
    return [fields["event"] for _, fields in found]


def in_stream(redis: RedisServer, workflow_id: str) -> list[Event]:
    events = [Event.model_validate_json(text) for text in texts(redis)]
    return [event for event in events if event.workflow_id == workflow_id]


def published(redis: RedisServer) -> int:
    """Messages that this Redis has sent on channels since it was started."""
    found: Any = redis.client.info("commandstats")
    return int(found.get("cmdstat_publish", {"calls": 0})["calls"])


def messages(pubsub: PubSub, count: int) -> list[tuple[str, Event]]:
    found: list[tuple[str, Event]] = []

    def heard() -> bool:
        while message := pubsub.get_message():
            found.append((message["channel"], Event.model_validate_json(message["data"])))
        return len(found) >= count

    await_that(heard)
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
def test_an_event_is_heard_once_on_the_right_channels(
    workflow_id: str, listening: PubSub, event_type: Any, channels: list[Channel]
) -> None:
    event = emit(event_type, workflow_id, "coder", text="ünï")
    emit(event_type, workflow_id, "coder", text="ünï")
    last = emit("artifact.committed", workflow_id, "coder", step="last")
    expected = [*((channel, event) for channel in channels), ("audit.logs", last)]
    assert messages(listening, len(expected)) == expected


def test_work_goes_on_without_redis_which_hears_of_it_later(
    workflow_id: str, redis: RedisServer, caplog: pytest.LogCaptureFixture
) -> None:
    redis.stop()
    missed = many(workflow_id, 150)
    await_that(lambda: len(caplog.records) > 0)
    redis.start()
    await_that(lambda: in_stream(redis, workflow_id) == missed)
    assert published(redis) == 150
    assert [record.levelno for record in caplog.records] == [logging.WARNING]


def test_work_goes_on_with_a_redis_that_hangs(
    workflow_id: str, configure: Configure, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        configure(REDIS_HOST="127.0.0.1", REDIS_PORT=silent.getsockname()[1])
        told = many(workflow_id, 20)
        await_that(lambda: len(caplog.records) > 0)
        assert recorded(workflow_id) == told
        relay.stop(30)


def test_a_redis_that_lost_everything_gets_its_stream_again_and_repeats_nothing(
    workflow_id: str, redis: RedisServer
) -> None:
    before = many(workflow_id, 30)
    await_that(lambda: in_stream(redis, workflow_id) == before)
    redis.stop()
    missed = many(workflow_id, 30, first=30)
    redis.start()
    await_that(lambda: in_stream(redis, workflow_id) == before + missed)
    assert published(redis) == 30


def test_a_redis_that_lost_its_last_events_gets_only_those_again(workflow_id: str, redis: RedisServer) -> None:
    before = many(workflow_id, 20)
    await_that(lambda: in_stream(redis, workflow_id) == before)
    redis.client.save()
    lost = many(workflow_id, 10, first=20)
    await_that(lambda: in_stream(redis, workflow_id) == before + lost)
    redis.stop()
    missed = many(workflow_id, 5, first=30)
    redis.start()
    await_that(lambda: in_stream(redis, workflow_id) == before + lost + missed)
    assert published(redis) == 5


def test_a_stream_that_is_made_again_is_no_longer_than_it_may_be(
    workflow_id: str, redis: RedisServer, configure: Configure
) -> None:
    configure(EVENT_STREAM_LENGTH=100)
    told = many(workflow_id, 350)
    await_that(lambda: in_stream(redis, workflow_id)[-1:] == told[-1:])
    assert published(redis) == 350
    redis.stop()
    redis.start()
    await_that(lambda: in_stream(redis, workflow_id)[-1:] == told[-1:])
    assert in_stream(redis, workflow_id) == told[-100:]
    assert published(redis) == 0


def test_what_was_sent_by_a_process_that_died_at_once_is_not_sent_again(
    workflow_id: str, redis: RedisServer, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REDIS_HOST")
    configure()
    sent = many(workflow_id, 10)
    configure(REDIS_HOST="127.0.0.1")
    died = subprocess.run([sys.executable, "-c", DIES], cwd=ROOT, capture_output=True, timeout=60)
    assert died.returncode == -9, died.stderr
    assert (in_stream(redis, workflow_id), published(redis)) == (sent, 10)
    later = emit("artifact.committed", workflow_id, "test")
    await_that(lambda: in_stream(redis, workflow_id) == [*sent, later])
    assert published(redis) == 11


def test_processes_that_emit_at_once_are_heard_in_the_order_of_the_log(
    workflow_id: str, redis: RedisServer, listening: PubSub
) -> None:
    commands = [[sys.executable, "-c", EMITS, workflow_id, name] for name in ("one", "two")]
    running = [subprocess.Popen(command, cwd=ROOT) for command in commands]
    assert [process.wait(60) for process in running] == [0, 0]
    relay.start()
    log = recorded(workflow_id)
    assert len(log) == 80
    await_that(lambda: in_stream(redis, workflow_id) == log)
    assert [event for _, event in messages(listening, 80)] == log


def test_a_short_command_tells_its_events_before_it_ends(workflow_id: str, redis: RedisServer) -> None:
    subprocess.run([sys.executable, "-c", EMITS, workflow_id, "one"], cwd=ROOT, check=True)
    assert in_stream(redis, workflow_id) == recorded(workflow_id)


def test_a_consumer_group_misses_nothing_even_when_redis_loses_it(workflow_id: str, redis: RedisServer) -> None:
    before = many(workflow_id, 10)
    await_that(lambda: in_stream(redis, workflow_id) == before)
    redis.client.xgroup_create(STREAM, "shop", id="0")
    taken = consumed(redis, 6)
    assert [event for _, event in taken] == before[:6]
    redis.stop()
    missed = many(workflow_id, 3, first=10)
    redis.start()
    await_that(lambda: in_stream(redis, workflow_id) == before + missed)
    with pytest.raises(ResponseError, match="NOGROUP"):
        consumed(redis, 1)
    redis.client.xgroup_create(STREAM, "shop", id=taken[-1][0])
    assert [event for _, event in consumed(redis, 100)] == before[6:] + missed


def consumed(redis: RedisServer, count: int) -> list[tuple[str, Event]]:
    answer: Any = redis.client.xreadgroup("shop", "one", {STREAM: ">"}, count=count)
    ((_, found),) = answer
    redis.client.xack(STREAM, "shop", *(position for position, _ in found))
    return [(position, Event.model_validate_json(fields["event"])) for position, fields in found]


def test_a_database_that_was_put_back_goes_on_behind_the_stream(workflow_id: str, redis: RedisServer) -> None:
    with pool().connection() as connection:
        row = connection.execute("select coalesce(max(placed), 0) + 1000 as ahead from relay").fetchone()
    assert row is not None
    redis.client.xadd(STREAM, {"event": "of another life"}, id=f"{row['ahead']}-0")
    event = emit("workflow.started", workflow_id, "intake")
    await_that(lambda: texts(redis)[1:] == [event.model_dump_json()])


def test_events_of_an_older_version_are_no_news(new_home: Path, redis_server: RedisServer, workflow_id: str) -> None:
    with psycopg.connect(database_uri(), autocommit=True) as connection:
        connection.execute(OLD_TABLE)
    event = emit("workflow.started", workflow_id, "intake")
    await_that(lambda: redis_server.client.xlen(STREAM) > 0)
    assert texts(redis_server) == [event.model_dump_json()]
    relay.stop(30)


def test_another_process_takes_over_from_one_that_was_killed(workflow_id: str, redis: RedisServer) -> None:
    relays = "from tools import relay; import time; relay.start(); print('up', flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", relays], cwd=ROOT, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"up\n"
        before = many(workflow_id, 5)
        await_that(lambda: in_stream(redis, workflow_id) == before)
        other.kill()
    after = many(workflow_id, 5, first=5)
    await_that(lambda: in_stream(redis, workflow_id) == before + after)
    assert published(redis) == 10
