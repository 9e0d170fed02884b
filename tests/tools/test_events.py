"""Every event is recorded once and told once, and nobody who listens can hold up the work."""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from schemas.events import Event
from state.database import pool
from tools.events import after, emit, recorded, subscribe

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


def test_a_reader_goes_on_where_it_stopped(workflow_id: str) -> None:
    told = [emit("task.progress", workflow_id, "coder", step=str(step)) for step in range(5)]
    first = after(workflow_id, 0, 2)
    rest = after(workflow_id, first[-1][0], 10)
    assert [event for _, event in first + rest] == told
    assert after(workflow_id, rest[-1][0], 10) == []


def test_an_event_is_written_with_what_it_reports_or_not_at_all(workflow_id: str) -> None:
    with pool().connection() as connection:
        with connection.transaction(force_rollback=True):
            emit("workflow.failed", workflow_id, "ending", connection=connection)
        assert recorded(workflow_id) == []
        with connection.transaction():
            event = emit("workflow.completed", workflow_id, "ending", connection=connection)
            assert recorded(workflow_id) == []
    assert recorded(workflow_id) == [event]


def test_numbers_are_in_the_order_of_commits_within_a_workflow(workflow_id: str) -> None:
    with pool().connection() as connection, connection.transaction():
        first = emit("task.started", workflow_id, "coder", connection=connection)
        later = threading.Thread(target=emit, args=("task.completed", workflow_id, "coder"))
        later.start()
        while not waits_for_a_lock():
            assert later.is_alive(), "an event overtook one that is not committed"
    later.join()
    assert [event.event_type for event in recorded(workflow_id)] == [first.event_type, "task.completed"]


def waits_for_a_lock() -> bool:
    with pool().connection() as connection:
        query = "select from pg_locks where locktype = 'advisory' and not granted"
        return connection.execute(query).fetchone() is not None


def test_recorded_events_are_json(workflow_id: str) -> None:
    emit("workflow.created", workflow_id, "intake", request="x")
    assert json.loads(recorded(workflow_id)[0].model_dump_json())["timestamp"].endswith("Z")
    assert recorded(str(uuid.uuid4())) == []
