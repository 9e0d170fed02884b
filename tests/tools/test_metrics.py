"""Metrics: what the database holds, in Prometheus' words; a database that is away is told, and breaks nothing."""

import asyncio
import json
import re
import subprocess
import sys
import uuid
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from prometheus_client import REGISTRY, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from psycopg.conninfo import make_conninfo

from schemas.errors import DatabaseUnavailable
from schemas.ports import Job, Outcome
from state import workflows
from state.database import close_pool, database_uri, pool
from state.options import Options
from tests.conftest import Configure, settle_down
from tools import ledger, metrics
from tools.events import emit
from tools.ledger import Claim
from tools.metrics import FreshMetrics, WorkflowCollector
from tools.steps import watched, working

ROOT = Path(__file__).parents[2]
OPTIONS: Options = {
    "model": "offline",
    "budget_usd": None,
    "budget_tokens": None,
    "budget_calls": None,
    "budget_seconds": None,
    "auto_approve": True,
}
Found = dict[str, dict[tuple[str, ...], float]]


@pytest.fixture(autouse=True)
def empty(home: Path, configure: Configure) -> Iterator[None]:
    """A database of its own, in which nothing has happened yet."""
    name, uri = f"metrics_{uuid.uuid4().hex}", database_uri()
    with pool().connection() as connection:
        connection.execute(f"create database {name}".encode())
    settle_down()
    configure(DB_URL=make_conninfo(uri, dbname=name))
    yield
    settle_down()


def found() -> Found:
    """Sample → values of its labels, in the labels' order → value."""
    samples: Found = {}
    for family in text_string_to_metric_families(metrics.text(metrics.read())):
        for sample in family.samples:
            samples.setdefault(sample.name, {})[tuple(sample.labels[name] for name in sorted(sample.labels))] = (
                sample.value
            )
    return samples


def workflow(status: Any = "running") -> str:
    """A new one."""
    workflow_id = str(uuid.uuid4())
    workflows.create(workflow_id, {"request": "x", "repo": None, "todo_list": None}, OPTIONS)
    workflows.update(workflow_id, status)
    return workflow_id


def todo(workflow_id: str, task_id: str, *statuses: str, role: str = "coder", attempts: int = 1) -> None:
    """A todo that was begun, and ended so."""
    emit("task.dispatched", workflow_id, "prepare", task_id=task_id, role=role)
    for number, status in enumerate(statuses):
        event: Any = "task.completed" if status == "done" else "task.failed"
        emit(event, workflow_id, "settle", task_id=task_id, step=str(number), status=status, attempt=attempts)


def call(workflow_id: str, task_id: str | None, model: str, read: int) -> Decimal:
    """A call that was answered; its cost."""
    claim = Claim(str(uuid.uuid4()), workflow_id, task_id, "coder" if task_id else "planner", 1, model, read)
    with pool().connection() as connection:
        call_id = ledger.enter(connection, claim, 60.0)
    usage: Any = {"input_tokens": read, "output_tokens": 10, "total_tokens": read + 10}
    return ledger.settle(call_id, model, AIMessage("yes", usage_metadata=usage), 0.5)


def test_nothing_has_happened_yet_and_no_rate_is_made_up() -> None:
    now = found()
    assert now["aidev_database_up"] == {(): 1}
    assert set(now["aidev_workflows"].values()) == {0}
    assert now["aidev_question_oldest_seconds"] == {(): 0}
    for name in ("task_pass_rate", "avg_iterations", "avg_time_per_task", "llm_cost_per_task", "test_flakiness_rate"):
        assert name not in now


def test_the_pass_rate_is_that_of_todos_that_were_worked_on_by_type() -> None:
    one = workflow()
    todo(one, "t1", "done")
    todo(one, "t2", "failed")
    todo(one, "t3", "blocked")
    todo(one, "t4")
    todo(one, "t2_indicators", "done")
    todo(one, "t2_merge", "stopped")
    todo(one, "t5", "done", role="somebody")
    now = found()
    assert now["task_pass_rate"] == {("coder",): 0.5, ("t2_indicators",): 1, ("merge",): 0, ("other",): 1}
    assert now["aidev_todos"][("blocked", "coder")] == 1


def test_how_a_todo_ended_last_counts() -> None:
    one = workflow()
    todo(one, "t1", "failed", "done")
    todo(one, "t2", "done", "reopen")
    assert found()["task_pass_rate"] == {("coder",): 1}


def test_iterations_are_those_of_todos_that_are_done() -> None:
    one = workflow()
    todo(one, "t1", "done", attempts=1)
    todo(one, "t2", "done", attempts=4)
    todo(one, "t3", "failed", attempts=9)
    assert found()["avg_iterations"] == {(): 2.5}


def test_time_is_per_role_and_todo_and_a_repeated_step_counts_once() -> None:
    class Sandbox:
        @watched
        def run(self, job: Job) -> Outcome:
            return Outcome("finished", [], "c" * 64, 0.1, "3.11", "linux")

    one = workflow()
    for attempt in (1, 1, 2):
        with working("coder", one, f"t1/coder/{attempt}", attempt, "t1"):
            Sandbox().run(Job(b"", [], one, "t1", 1))
    with working("coder", one, "t2/coder/1", 1, "t2"):
        pass
    with pytest.raises(ValueError), working("coder", one, "t2/coder/2", 2, "t2"):
        raise ValueError("stopped")
    now = found()
    assert now["aidev_steps_total"] == {("coder",): 3}
    assert now["aidev_sandbox_runs_total"] == {("coder",): 2}
    assert now["avg_time_per_task"][("coder",)] == pytest.approx(now["aidev_step_seconds_total"][("coder",)] / 2)


def test_cost_is_per_model_and_todo_and_a_script_is_only_called_script() -> None:
    one, model = workflow(), "gemini-3.5-flash-lite"
    spent = [call(one, "t1", model, 1000), call(one, "t1", model, 2000), call(one, "t2", model, 3000)]
    planned = call(one, None, model, 9000)
    call(one, "t1", "script:/somewhere/script.yaml", 1)
    now = found()
    assert now["llm_cost_per_task"] == {(model,): pytest.approx(float(sum(spent) / 2)), ("script",): 0}
    assert now["aidev_llm_cost_usd_total"][(model, "planner")] == pytest.approx(float(planned))
    assert now["aidev_model_tokens_total"][("input", model, "coder")] == 6000
    assert now["aidev_model_calls_total"][(model, "answered", "coder")] == 3


def test_flakiness_is_the_share_of_verdicts_whose_reruns_disagreed() -> None:
    one = workflow()
    for number, event in enumerate(("test.failed", "test.failed", "test.failed", "test.passed")):
        emit(event, one, "tester", task_id="t1", step=str(number))  # type: ignore[arg-type]
    emit("test.passed", one, "integrate", step="release")
    for number, failure in enumerate(("flaky_test", "implementation_bug")):
        emit("workflow.branch.created", one, "debugger", task_id="t1", step=str(number), failure_class=failure)
    now = found()
    assert now["test_flakiness_rate"] == {(): 0.25}
    assert now["aidev_test_verdicts_total"] == {("passed",): 1, ("failed",): 3}


def test_workflows_and_what_waits_for_people_are_counted() -> None:
    one = workflow("waiting")
    workflow("completed")
    with pool().connection() as connection:
        connection.execute(
            """insert into questions (workflow_id, interrupt_id, name, payload, asked_at, answered_at) values
               (%(w)s, 'a', 'approve_plan', '{}', now() - interval '1 hour', null),
               (%(w)s, 'b', 'escalation', '{}', now() - interval '2 hours', now())""",
            {"w": one},
        )
    now = found()
    assert (now["aidev_workflows"][("waiting",)], now["aidev_workflows"][("completed",)]) == (1, 1)
    assert now["aidev_questions_open"] == {("approve_plan",): 1}
    assert 3600 <= now["aidev_question_oldest_seconds"][()] < 3700


def test_what_others_have_not_got_yet_is_counted(configure: Configure) -> None:
    assert "aidev_events_unsent" not in found()
    with pool().connection() as connection:
        connection.execute(
            """insert into events (event_id, workflow_id, event_type, correlation_id, "timestamp", source, data)
               values ('e', 'w', 'workflow.started', 'w', now(), 'x', '{}')"""
        )
        connection.execute(
            """insert into webhook_deliveries (event_id, url, next_at) values
               ('e', 'http://x', now()), ('f', 'http://x', null)"""
        )
    configure(REDIS_HOST="127.0.0.1")
    now = found()
    assert now["aidev_events_unsent"] == {(): 1}
    assert now["aidev_webhooks_undelivered"] == {("waiting",): 1, ("given_up",): 1}


@pytest.fixture
def away(configure: Configure) -> Iterator[None]:
    """The database does not answer."""
    close_pool()
    configure(DB_URL="postgresql://user:password@127.0.0.1:9/none")
    yield
    close_pool()


@pytest.mark.usefixtures("away")
def test_a_database_that_is_away_is_a_metric_and_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    (up,) = WorkflowCollector().collect()
    assert (up.name, up.samples[0].value) == ("aidev_database_up", 0)
    assert "No Postgres" in caplog.text


@pytest.mark.usefixtures("away")
def test_the_command_says_that_the_database_is_away() -> None:
    with pytest.raises(DatabaseUnavailable):
        metrics.read()


def test_the_default_registry_shows_them_once_however_often_they_are_registered() -> None:
    metrics.register()
    metrics.register()
    try:
        assert generate_latest(REGISTRY).decode().count("# TYPE aidev_workflows gauge") == 1
    finally:
        REGISTRY.unregister(metrics.collector)
        metrics.register.cache_clear()


def test_on_an_event_loop_the_last_reading_is_shown_and_the_middleware_makes_a_fresh_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fresh = WorkflowCollector()
    monkeypatch.setattr(metrics, "collector", fresh)
    shown: list[list[str]] = []

    async def langgraph(scope: Any, receive: Any, send: Any) -> None:
        shown.append([metric.name for metric in fresh.collect()])

    asyncio.run(langgraph(None, None, None))
    asyncio.run(FreshMetrics(langgraph)({"type": "http", "path": "/metrics"}, None, None))
    assert shown[0] == []
    assert "aidev_workflows" in shown[1]


def test_the_dashboard_names_only_metrics_that_exist() -> None:
    one = workflow()
    todo(one, "t1", "done")
    call(one, "t1", "offline", 10)
    emit("test.passed", one, "tester", task_id="t1")
    with working("coder", one, "t1/coder/1", 1, "t1"):
        pass
    known = set(found()) | {"aidev_events_unsent", "aidev_questions_open"}
    dashboard = json.loads((ROOT / "deploy/grafana-dashboard.json").read_text())
    queries = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]
    named = {name for query in queries for name in re.findall(r"\b(?:aidev|task|avg|llm|test)_\w+", query)}
    assert named <= known | {"task_type"}
    assert {
        "task_pass_rate",
        "avg_iterations",
        "avg_time_per_task",
        "llm_cost_per_task",
        "test_flakiness_rate",
    } <= named


def test_the_command_prints_text_or_one_object() -> None:
    workflow("completed")
    said = [
        subprocess.run(
            [sys.executable, "cli.py", "metrics", *more], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for more in ([], ["--json"])
    ]
    assert 'aidev_workflows{status="completed"} 1.0' in said[0].stdout.splitlines()
    samples = json.loads(said[1].stdout)["aidev_workflows"]["samples"]
    assert {"name": "aidev_workflows", "labels": {"status": "completed"}, "value": 1.0} in samples
