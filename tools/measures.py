"""What is measured: each function reads one group of metrics with few queries over indexes (state/sql/4_steps.sql)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, LiteralString, get_args

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from schemas.todo import Role
from settings import settings
from state.database import Connection
from state.developer import WorkflowStatus
from tools.plan.template import TEMPLATE

Rows = list[dict[str, Any]]
_OUTCOMES: LiteralString = """
    with ended as (
        select distinct on (workflow_id, task_id)
               workflow_id, task_id, data ->> 'status' as status, (data ->> 'attempt')::int as attempt
        from events
        where event_type in ('task.completed', 'task.failed') and data ->> 'status' <> 'reopen'
        order by workflow_id, task_id, seq desc
    ), begun as (
        select distinct on (workflow_id, task_id) workflow_id, task_id, data ->> 'role' as role
        from events where event_type = 'task.dispatched' order by workflow_id, task_id
    )
    select case when task_id like '%%\\_merge' then 'merge'
                when task_id = any(%(steps)s) then task_id
                when role = any(%(roles)s) then role
                else 'other' end as task_type,
           status, count(*) as todos, sum(attempt) as attempts
    from ended left join begun using (workflow_id, task_id) group by 1, 2 order by 1, 2 """
_STEPS: LiteralString = """
    select role, count(*) as todos, sum(steps) as steps, sum(seconds) as seconds,
           sum(sandbox_runs) as sandbox_runs, sum(sandbox_seconds) as sandbox_seconds
    from (select role, count(*) as steps, sum(seconds) as seconds, sum(sandbox_runs) as sandbox_runs,
                 sum(sandbox_seconds) as sandbox_seconds
          from steps group by role, workflow_id, task_id) as by_todo
    group by role order by role """
_MODEL: LiteralString = "case when model like 'script:%' then 'script' else model end"
_CALLS: LiteralString = f"""
    select {_MODEL} as model, role, status as outcome, count(*) as calls, sum(cost_usd) as usd,
           sum(input_tokens) as input, sum(output_tokens) as output
    from model_calls where status <> 'reserved' group by 1, 2, 3 order by 1, 2, 3 """  # noqa: S608
_COST_PER_TODO: LiteralString = f"""
    select model, sum(usd) / count(*) as usd
    from (select {_MODEL} as model, sum(cost_usd) as usd from model_calls where task_id is not null
          group by 1, workflow_id, task_id) as by_todo
    group by 1 order by 1 """  # noqa: S608
_VERDICTS: LiteralString = """
    select event_type, count(*) as verdicts from events
    where event_type in ('test.passed', 'test.failed') and task_id is not null group by 1 """
_DISAGREED: LiteralString = """
    select count(*) as verdicts from events
    where event_type = 'workflow.branch.created' and data ->> 'failure_class' = 'flaky_test' """
_OPEN: LiteralString = """
    select name, count(*) as questions, extract(epoch from clock_timestamp() - min(asked_at)) as seconds
    from questions join workflows using (workflow_id)
    where answered_at is null and status in ('running', 'waiting') group by 1 order by 1 """
_UNSENT: LiteralString = """
    select (select count(*) from events where position is null)
         + coalesce((select placed - published from relay), 0) as waiting """
_WEBHOOKS: LiteralString = """
    select count(*) filter (where next_at is not null) as waiting,
           count(*) filter (where next_at is null) as given_up
    from webhook_deliveries where delivered_at is null """


def todos(connection: Connection) -> Iterator[Metric]:
    """How todos ended, and in how many attempts."""
    rows = _rows(connection, _OUTCOMES, {"steps": list(TEMPLATE), "roles": list(get_args(Role))})
    tried = [row for row in rows if row["status"] != "blocked"]
    kinds = sorted({row["task_type"] for row in tried})
    done = [row for row in tried if row["status"] == "done"]
    yield _gauge(
        "task_pass_rate",
        "Share of the todos that were worked on and have ended which are done",
        ["task_type"],
        [((kind,), _total(_of(done, kind)) / _total(_of(tried, kind))) for kind in kinds],
    )
    passed = [((), sum(row["attempts"] for row in done) / _total(done))] if done else []
    yield _gauge("avg_iterations", "Attempts of a todo that is done, on average; 1: at once", [], passed)
    counts = [((row["task_type"], row["status"]), row["todos"]) for row in rows]
    yield _gauge("aidev_todos", "Todos that have ended, by how", ["task_type", "status"], counts)


def roles(connection: Connection) -> Iterator[Metric]:
    """What each role took."""
    rows = _rows(connection, _STEPS)
    per_todo = [((row["role"],), row["seconds"] / row["todos"]) for row in rows]
    yield _gauge(
        "avg_time_per_task", "Seconds that a role works on a todo, on average, over all attempts", ["role"], per_todo
    )
    for column, name, told in (
        ("steps", "aidev_steps", "Finished steps"),
        ("seconds", "aidev_step_seconds", "Seconds of finished steps"),
        ("sandbox_runs", "aidev_sandbox_runs", "Runs in the sandbox"),
        ("sandbox_seconds", "aidev_sandbox_seconds", "Seconds in the sandbox; runs side by side each count"),
    ):
        yield _counter(name, told, ["role"], [((row["role"],), row[column]) for row in rows])


def models(connection: Connection) -> Iterator[Metric]:
    """Model calls, tokens and cost."""
    cost = [((row["model"],), row["usd"]) for row in _rows(connection, _COST_PER_TODO)]
    yield _gauge("llm_cost_per_task", "US dollars for a todo's calls of a model, on average", ["model"], cost)
    rows = _rows(connection, _CALLS)
    calls = [((row["role"], row["model"], row["outcome"]), row["calls"]) for row in rows]
    yield _counter("aidev_model_calls", "Requests to models that have ended", ["role", "model", "outcome"], calls)
    read, written = _summed(rows, "input"), _summed(rows, "output")
    tokens = [((*key, "input"), count) for key, count in read] + [((*key, "output"), count) for key, count in written]
    yield _counter("aidev_model_tokens", "Tokens that models read and wrote", ["role", "model", "direction"], tokens)
    yield _counter("aidev_llm_cost_usd", "US dollars for model calls", ["role", "model"], _summed(rows, "usd"))


def verdicts(connection: Connection) -> Iterator[Metric]:
    """What the tester said, and how often reruns disagreed."""
    counts = {row["event_type"].partition(".")[2]: row["verdicts"] for row in _rows(connection, _VERDICTS)}
    disagreed = _rows(connection, _DISAGREED)[0]["verdicts"]
    rate = [((), disagreed / sum(counts.values()))] if counts else []
    yield _gauge("test_flakiness_rate", "Share of todos' test verdicts whose reruns disagreed", [], rate)
    values = [((name,), counts.get(name, 0)) for name in ("passed", "failed")]
    yield _counter("aidev_test_verdicts", "Test verdicts of todos", ["verdict"], values)


def workflows(connection: Connection) -> Iterator[Metric]:
    """Where workflows stand, and what people are asked."""
    found = _rows(connection, "select status, count(*) as workflows from workflows group by 1")
    counts = dict.fromkeys(get_args(WorkflowStatus), 0) | {row["status"]: row["workflows"] for row in found}
    values = [((status,), count) for status, count in counts.items()]
    yield _gauge("aidev_workflows", "Workflows, by where they stand", ["status"], values)
    rows = _rows(connection, _OPEN)
    waiting = [((row["name"],), row["questions"]) for row in rows]
    yield _gauge("aidev_questions_open", "Questions that wait for a person", ["name"], waiting)
    oldest = [((), max((row["seconds"] for row in rows), default=0))]
    yield _gauge("aidev_question_oldest_seconds", "Age of the oldest question that waits; 0: none does", [], oldest)


def backlog(connection: Connection) -> Iterator[Metric]:
    """What is still to be delivered to others."""
    if settings().redis_host:
        waiting = _rows(connection, _UNSENT)[0]["waiting"]
        yield _gauge("aidev_events_unsent", "Events that Redis has not got yet", [], [((), waiting)])
    row = _rows(connection, _WEBHOOKS)[0]
    states = [((state,), row[state]) for state in ("waiting", "given_up")]
    yield _gauge("aidev_webhooks_undelivered", "Webhooks that have not arrived", ["state"], states)


MEASURES: tuple[Callable[[Connection], Iterable[Metric]], ...] = (todos, roles, models, verdicts, workflows, backlog)


def _rows(connection: Connection, query: LiteralString, values: Mapping[str, Any] | None = None) -> Rows:
    return connection.execute(query, values).fetchall()


def _of(rows: Rows, kind: str) -> Rows:
    return [row for row in rows if row["task_type"] == kind]


def _total(rows: Rows) -> int:
    return sum(row["todos"] for row in rows)


def _summed(rows: Rows, column: str) -> list[tuple[tuple[str, str], Any]]:
    """Over all outcomes, by role and model."""
    keys = dict.fromkeys((row["role"], row["model"]) for row in rows)
    return [(key, sum(row[column] for row in rows if (row["role"], row["model"]) == key)) for key in keys]


def _gauge(name: str, told: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], Any]]) -> Metric:
    return _filled(GaugeMetricFamily(name, told, labels=labels), values)


def _counter(name: str, told: str, labels: list[str], values: Iterable[tuple[tuple[str, ...], Any]]) -> Metric:
    return _filled(CounterMetricFamily(name, told, labels=labels), values)


def _filled(family: Any, values: Iterable[tuple[tuple[str, ...], Any]]) -> Metric:
    for labels, value in values:
        family.add_metric(labels, float(value))
    metric: Metric = family
    return metric
