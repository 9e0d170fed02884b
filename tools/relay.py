"""Brings events out of the log, to Redis and to webhooks, in threads of their own: work never waits for either."""

import atexit
import threading
import time

from settings import settings
from tools import webhooks
from tools.leader import Job, Leader
from tools.redis_stream import RedisStream

FLUSH_SECONDS = 1.0
"""What a process that ends gives to what it has not told yet; the next process tells the rest."""

_running: dict[str, Leader] = {}
_changing = threading.Lock()


def start() -> None:
    """Relay what any process writes, until `stop`: for a process that serves. Raises BadInput for unusable settings."""
    webhooks.key()
    _leader("webhook sender", webhooks.deliver)
    if settings().redis_host:
        _leader("relay", _to_redis())


def stop(seconds: float = FLUSH_SECONDS) -> None:
    """Tell what there is to tell, for at most so long."""
    with _changing:
        leaders = list(_running.values())
        _running.clear()
    until = time.monotonic() + seconds
    for leader in leaders:
        leader.stop()
    for leader in leaders:
        leader.join(max(0.0, until - time.monotonic()))


def wake(has_webhook: bool) -> None:
    """A new event was written."""
    if settings().redis_host:
        (_running.get("relay") or _leader("relay", _to_redis())).wake()
    if has_webhook:
        _leader("webhook sender", webhooks.deliver).wake()


def _to_redis() -> Job:
    return RedisStream(str(settings().redis_host), settings().redis_port).relay


def _leader(name: str, job: Job) -> Leader:
    """The one of this name; started when there is none."""
    with _changing:
        if name not in _running:
            _running[name] = Leader(name, job)
        return _running[name]


atexit.register(stop)
