"""A job that one process at a time does, in a thread of its own: whoever holds its lock in Postgres."""

import logging
import threading
from collections.abc import Callable
from contextlib import closing

import psycopg

from schemas.errors import DatabaseUnavailable
from state.database import CONNECTION, Connection, database_uri
from tools.listen import subscribe_changes

Job = Callable[[Connection], float]
"""Does what there is to do; the seconds until it looks again unless it is woken."""
PAUSE_SECONDS = 2.0
"""Between two looks at whether the job, or the database, can be had."""

_logger = logging.getLogger(__name__)


class Leader:
    """Another process takes over when the connection that holds the lock is gone."""

    def __init__(self, name: str, job: Job) -> None:
        self._name = name
        self._job = job
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """There may be something to do."""
        self._woken.set()

    def stop(self) -> None:
        """Do what there is to do once more, then end; does not wait for it."""
        self._stopping.set()
        self._woken.set()

    def join(self, seconds: float) -> None:
        """Wait at most so long for the end."""
        self._thread.join(seconds)

    def _run(self) -> None:
        away = False
        while True:
            try:
                with closing(psycopg.connect(database_uri(), **CONNECTION)) as connection:
                    away = False
                    self._serve(connection)
                return
            except (psycopg.Error, DatabaseUnavailable) as error:
                if not away:
                    _logger.warning("The %s has lost Postgres (%s)", self._name, type(error).__name__)
                away = True
            except Exception:
                _logger.exception("The %s failed; it is tried again", self._name)
            if self._stopping.wait(PAUSE_SECONDS):
                return

    def _serve(self, connection: Connection) -> None:
        """Until it is stopped."""
        while not self._leads(connection):
            if self._stopping.wait(PAUSE_SECONDS):
                return
        unsubscribe = subscribe_changes(lambda _: self.wake())
        try:
            self._work(connection)
        finally:
            unsubscribe()
        connection.execute("select pg_advisory_unlock_all()")

    def _leads(self, connection: Connection) -> bool:
        query = "select pg_try_advisory_lock(hashtextextended('aidev ' || %s, 0)) as leads"
        row = connection.execute(query, [self._name]).fetchone()
        return row is not None and bool(row["leads"])

    def _work(self, connection: Connection) -> None:
        while not self._stopping.is_set():
            self._woken.clear()
            self._woken.wait(self._job(connection))
        self._job(connection)
