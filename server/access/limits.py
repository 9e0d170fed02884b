"""How often a caller may ask: counted in Redis where it is named, and in this process while it is away."""

import logging
import math
import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

from schemas.errors import TooManyRequests
from settings import settings

FAILURES = parse("30/minute")
"""Requests of one address that show no token or a wrong one."""
AWAY_SECONDS = 10.0
"""Before Redis is asked again."""
_logger = logging.getLogger(__name__)


class Limits:
    """The limits of one server, or of all that share a Redis."""

    def __init__(self) -> None:
        self._own = MovingWindowRateLimiter(MemoryStorage())
        self._shared = _in_redis()
        self._away_until = 0.0

    async def count(self, caller: str) -> None:
        """A request. Raises TooManyRequests."""
        rate = settings().rate_limit
        if rate != "none":
            await self._count(parse(rate), f"calls {caller}")

    async def count_failure(self, address: str) -> None:
        """A request that nobody answers for. Raises TooManyRequests."""
        await self._count(FAILURES, f"failures {address}")

    async def _count(self, rate: RateLimitItem, key: str) -> None:
        if self._shared and time.monotonic() > self._away_until:
            try:
                return await _hit(self._shared, rate, key)
            except StorageError as error:
                _logger.warning("Redis does not answer; requests are counted here: %s", error.storage_error)
                self._away_until = time.monotonic() + AWAY_SECONDS
        await _hit(self._own, rate, key)


async def _hit(limiter: MovingWindowRateLimiter, rate: RateLimitItem, key: str) -> None:
    if not await limiter.hit(rate, key):
        window = await limiter.get_window_stats(rate, key)
        raise TooManyRequests(f"More than {rate} requests.", max(1, math.ceil(window.reset_time - time.time())))


def _in_redis() -> MovingWindowRateLimiter | None:
    host, port = settings().redis_host, settings().redis_port
    if not host:
        return None
    storage = RedisStorage(
        f"async+redis://{host}:{port}",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="aidev",
        socket_connect_timeout=0.5,
        socket_timeout=0.5,
    )
    return MovingWindowRateLimiter(storage)
