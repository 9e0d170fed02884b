"""The message bus: events go out on Redis channels, when there is a Redis; work never waits for it."""

import atexit
import logging
import threading
import time
from collections import deque
from functools import lru_cache

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from schemas.events import Event, channels
from settings import settings

PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 30.0
"""Between two tries while Redis is away."""
MAX_WAITING = 10_000
"""Events kept for a Redis that is away; beyond it the oldest are only in the log."""

_logger = logging.getLogger(__name__)


def publish(event: Event) -> None:
    """Send an event on its channels, in order; while Redis is away it waits in this process."""
    host, port = settings().redis_host, settings().redis_port
    if host:
        _bus(host, port).publish(event)


class Bus:
    """One Redis server, as seen from this process."""

    def __init__(self, host: str, port: int) -> None:
        self._address = f"{host}:{port}"
        self._redis = Redis(
            host=host,
            port=port,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        atexit.register(self._redis.close)
        self._waiting: deque[Event] = deque(maxlen=MAX_WAITING)
        self._sending = threading.Lock()
        self._away_until = 0.0

    def publish(self, event: Event) -> None:
        """Send what waits, this event last."""
        with self._sending:
            self._waiting.append(event)
            if time.monotonic() >= self._away_until:
                self._send_waiting()

    def _send_waiting(self) -> None:
        try:
            while self._waiting:
                self._send(self._waiting[0])
                self._waiting.popleft()
        except (RedisError, OSError) as error:
            if not self._away_until:
                _logger.warning("Redis at %s is away (%s); events are kept and sent later", self._address, error)
            self._away_until = time.monotonic() + PAUSE_SECONDS
        else:
            self._away_until = 0.0

    def _send(self, event: Event) -> None:
        message = event.model_dump_json()
        with self._redis.pipeline(transaction=False) as pipeline:
            for channel in channels(event):
                pipeline.publish(channel, message)
            pipeline.execute()


@lru_cache(maxsize=1)
def _bus(host: str, port: int) -> Bus:
    return Bus(host, port)
