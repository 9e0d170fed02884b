"""Metrics for Prometheus, read from the database: restarts lose nothing, and every server shows the same."""

import asyncio
import json
import logging
import threading
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

import psycopg
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from schemas.errors import DatabaseUnavailable
from state.database import WAY_OUT, pool
from tools.measures import MEASURES

PATIENCE = 3.0
"""Seconds that a reading waits for a connection."""
FRESH = 1.0
"""Seconds for which a reading serves everybody who asks."""
_LIMITS = "set local work_mem = '64MB'; set local statement_timeout = '10s'; set transaction read only"
_logger = logging.getLogger(__name__)


def read() -> list[Metric]:
    """Everything, as it stands in the database. Raises DatabaseUnavailable."""
    try:
        with pool().connection(timeout=PATIENCE) as connection, connection.transaction():
            connection.execute(_LIMITS)
            return [_up(1), *(metric for measure in MEASURES for metric in measure(connection))]
    except psycopg.Error as error:
        said = str(error).splitlines()[0]
        raise DatabaseUnavailable(f"The metrics cannot be read from the database: {said}", WAY_OUT) from error


class WorkflowCollector(Collector):
    """The metrics of the last reading; each scrape makes a new one, unless that would block an event loop."""

    def __init__(self) -> None:
        self._reading = threading.Lock()
        self._read_at = -FRESH
        self._last: list[Metric] = []

    def describe(self) -> Iterable[Metric]:
        """Nothing: to be registered asks the database nothing."""
        return []

    def collect(self) -> Iterable[Metric]:
        """The metrics. On an event loop, as LangGraph's server asks for them: those of the last reading."""
        before = self._last
        if _on_event_loop():
            threading.Thread(target=self.refresh, name="metrics", daemon=True).start()
            return before
        self.refresh()
        return self._last

    def refresh(self) -> None:
        """Read anew, unless that was done just now. A database that is away is a metric, not an error."""
        with self._reading:
            if time.monotonic() - self._read_at >= FRESH:
                self._last = self._read()
                self._read_at = time.monotonic()

    def _read(self) -> list[Metric]:
        try:
            return read()
        except DatabaseUnavailable as error:
            _logger.warning("No metrics: %s", error.message)
            return [_up(0)]


class FreshMetrics:
    """ASGI middleware: metrics are read in a thread before LangGraph's `/metrics` shows them on its event loop."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass every request on."""
        if scope["type"] == "http" and scope["path"] == "/metrics":
            await asyncio.to_thread(collector.refresh)
        await self._app(scope, receive, send)


collector = WorkflowCollector()
"""Of this process."""


@lru_cache(maxsize=1)
def register() -> None:
    """Show the metrics in Prometheus' default registry; done twice, they are there once."""
    REGISTRY.register(collector)


def text(metrics: Iterable[Metric]) -> str:
    """In Prometheus' text format."""
    registry = CollectorRegistry()
    registry.register(_Given(metrics))
    return generate_latest(registry).decode()


def as_json(metrics: Iterable[Metric]) -> str:
    """One object: name → help, type, samples (name, labels, value)."""
    return json.dumps({metric.name: _plain(metric) for metric in metrics}, indent=2)


class _Given(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _plain(metric: Metric) -> Mapping[str, Any]:
    samples = [{"name": one.name, "labels": one.labels, "value": one.value} for one in metric.samples]
    return {"help": metric.documentation, "type": metric.type, "samples": samples}


def _up(value: int) -> Metric:
    return GaugeMetricFamily("aidev_database_up", "1: the metrics could be read from the database", value)


def _on_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
