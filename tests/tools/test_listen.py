"""Whoever asks for changes is told of all of them, by whatever process, over a restart of Postgres."""

import logging
import os
import queue
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.events import emit
from tools.listen import EVERYTHING, Listener

ROOT = Path(__file__).parents[2]
EMITS = "import sys; from tools.events import emit; emit('workflow.started', sys.argv[1], 'test')"
Changes = queue.Queue[str]


@pytest.fixture
def changes() -> Iterator[Changes]:
    """What a subscriber is told, from the moment that it listens."""
    told: Changes = queue.Queue()
    unsubscribe = Listener().subscribe(told.put)
    assert told.get(timeout=20) == EVERYTHING
    yield told
    unsubscribe()


@pytest.fixture
def workflow_id() -> str:
    return str(uuid.uuid4())


def await_change(told: Changes, workflow_id: str) -> None:
    while told.get(timeout=20) != workflow_id:
        pass


def test_it_is_told_of_this_process_and_of_others(changes: Changes, workflow_id: str) -> None:
    emit("workflow.created", workflow_id, "test")
    assert changes.get(timeout=20) == workflow_id
    subprocess.run([sys.executable, "-c", EMITS, workflow_id], cwd=ROOT, check=True)
    assert changes.get(timeout=20) == workflow_id
    emit("workflow.created", workflow_id, "test")
    emit("workflow.created", other := str(uuid.uuid4()), "test")
    assert changes.get(timeout=20) == other, "the same event again is no change"


def test_one_that_raises_harms_no_other(workflow_id: str, caplog: pytest.LogCaptureFixture) -> None:
    def fails(_: str) -> None:
        raise KeyError("oh")

    listener, first, late = Listener(), Changes(), Changes()
    stops = [listener.subscribe(first.put)]
    assert first.get(timeout=20) == EVERYTHING
    stops += [listener.subscribe(fails), listener.subscribe(late.put)]
    emit("workflow.created", workflow_id, "test")
    await_change(late, workflow_id)
    for stop in stops:
        stop()
    assert {record.levelno for record in caplog.records} == {logging.ERROR}


def test_a_postgres_that_was_killed_is_listened_to_again(new_home: Path, workflow_id: str) -> None:
    told: Changes = queue.Queue()
    unsubscribe = Listener().subscribe(told.put)
    assert told.get(timeout=20) == EVERYTHING
    emit("workflow.created", workflow_id, "test")
    await_change(told, workflow_id)
    os.kill(int((new_home / "postgres" / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
    assert told.get(timeout=30) == EVERYTHING
    emit("workflow.started", workflow_id, "test")
    await_change(told, workflow_id)
    unsubscribe()
