"""From the log to Redis: to a stream for those who must miss nothing, and to channels; in order, each event once."""

import logging
from datetime import UTC, datetime

import psutil
from psycopg.rows import DictRow
from redis import Redis, RedisError, ResponseError
from redis.backoff import NoBackoff
from redis.retry import Retry

from schemas.events import COLUMNS, STREAM, channels, from_row
from settings import settings
from state.database import Connection

PATIENCE_SECONDS = 0.5
PAUSE_SECONDS = 2.0
"""Between two tries while Redis is away."""
POLL_SECONDS = 5.0
"""Between two looks when nothing is heard of new events."""
BATCH = 100
"""Events sent at once."""
SEND = """
for i = 2, #ARGV, 3 do
    local position, message, heard_on = ARGV[i], ARGV[i + 1], ARGV[i + 2]
    local added = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], position .. '-0', 'event', message)
    if type(added) ~= 'table' then
        for channel in string.gmatch(heard_on, '%S+') do redis.call('PUBLISH', channel, message) end
    elseif not string.find(added.err, 'equal or smaller', 1, true) then
        return added
    end
end
"""
"""Atomic for each event. The stream refuses a position that it has passed: that event was sent and heard before."""

_logger = logging.getLogger(__name__)


class RedisStream:
    """One Redis server. What it holds says how far it is; what was told on the channels is in the database."""

    def __init__(self, host: str, port: int) -> None:
        self._address = f"{host}:{port}"
        self._redis = Redis(
            host=host,
            port=port,
            socket_connect_timeout=PATIENCE_SECONDS,
            socket_timeout=PATIENCE_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        self._script = self._redis.register_script(SEND)
        self._away = False

    def relay(self, connection: Connection) -> float:
        """Send what there is; the seconds until it looks again. Only the leader may call it."""
        begin(connection)
        try:
            while self._send(connection):
                self._away = False
        except (RedisError, OSError) as error:
            if not self._away:
                _logger.warning("Redis at %s is away (%s); events are kept and sent later", self._address, error)
            self._away = True
            return PAUSE_SECONDS
        self._away = False
        return POLL_SECONDS

    def _send(self, connection: Connection) -> int:
        """Send the next events; how many."""
        last = self._last()
        reach(connection, last)
        place(connection)
        rows, published = unsent(connection, last)
        if rows:
            told = [part for row in rows for part in message(row, row["position"] > published)]
            self._script(keys=[STREAM], args=[settings().event_stream_length, *told])
            query = "update relay set published = greatest(published, %s)"
            connection.execute(query, [rows[-1]["position"]])
        return len(rows)

    def _last(self) -> int:
        """The position that the stream has reached, whether or not it still holds that event; 0: there is no stream."""
        try:
            last = self._redis.xinfo_stream(STREAM)["last-generated-id"]
        except ResponseError as error:
            if "no such key" in str(error):
                return 0
            raise
        return int(last.partition(b"-")[0])


def begin(connection: Connection) -> None:
    """The first time that there is a Redis: what was written before this process began is no news."""
    connection.execute(
        """with first as (insert into relay default values on conflict do nothing returning 1)
           update events set position = 0
           where position is null and "timestamp" < %s and exists (select from first)""",
        [datetime.fromtimestamp(psutil.Process().create_time(), UTC)],
    )


def reach(connection: Connection, last: int) -> None:
    """What the stream has passed is told, and no later event gets a place there, even in a database put back."""
    connection.execute(
        "update relay set placed = greatest(placed, %(last)s), published = %(last)s where published < %(last)s",
        {"last": last},
    )


def place(connection: Connection) -> int:
    """Give the next events their positions, in the order of `seq`; how many."""
    return connection.execute(
        """with waiting as (select seq from events where position is null order by seq limit %s),
                numbered as (select seq, row_number() over (order by seq) as number from waiting),
                moved as (update relay set placed = placed + (select count(*) from waiting)
                          where exists (select from waiting)
                          returning placed - (select count(*) from waiting) as before)
           update events set position = before + number from numbered, moved where events.seq = numbered.seq""",
        [BATCH],
    ).rowcount


def unsent(connection: Connection, last: int) -> tuple[list[DictRow], int]:
    """The next events for a stream that has reached `last`, and the position up to which they were heard before.

    A stream that is behind what was heard has lost events: it gets them again, as many as it holds.
    """
    row = connection.execute("select placed, published from relay").fetchone()
    placed, published = (row["placed"], row["published"]) if row else (0, 0)
    kept = max(0, min(published, placed - settings().event_stream_length))
    query = f"select position, {COLUMNS} from events where position > %s order by position limit %s"  # noqa: S608
    return list(connection.execute(query, [max(last, kept), BATCH])), published


def message(row: DictRow, is_news: bool) -> tuple[int, str, str]:
    """What the script takes: position, text, and the channels to tell."""
    event = from_row(row)
    return row["position"], event.model_dump_json(), " ".join(channels(event)) if is_news else ""
