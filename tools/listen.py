"""Hears from Postgres that events were written, by whatever process: one connection for all who ask."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing

import psycopg

from schemas.errors import DatabaseUnavailable
from state.database import CONNECTION, database_uri

EVERYTHING = ""
"""Stands for all workflows: the connection is new, and what was written before is not known."""
LOOK_SECONDS = 1.0
"""Between two looks at whether anybody still asks."""
PAUSE_SECONDS = 0.5
"""Between two tries while Postgres is away."""
Callback = Callable[[str], None]

_logger = logging.getLogger(__name__)


def subscribe_changes(callback: Callback) -> Callable[[], None]:
    """Be told, in another thread, the id of each workflow with new events, or EVERYTHING. Returns how to stop.

    May tell more than once, or of what is known already; one that raises harms no other.
    """
    return _listener.subscribe(callback)


def close() -> None:
    """Tell nobody any more, and give the connection back: for whoever is about to use another database."""
    _listener.close()


class Listener:
    """A thread that lives as long as anybody asks."""

    def __init__(self) -> None:
        self._callbacks: list[Callback] = []
        self._changing = threading.Lock()
        self._thread: threading.Thread | None = None

    def subscribe(self, callback: Callback) -> Callable[[], None]:
        """Returns how to stop."""
        with self._changing:
            self._callbacks.append(callback)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="listen", daemon=True)
                self._thread.start()

        def unsubscribe() -> None:
            with self._changing:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return unsubscribe

    def close(self) -> None:
        """Returns when the thread has ended."""
        with self._changing:
            self._callbacks.clear()
            thread = self._thread
        if thread:
            thread.join()

    def _run(self) -> None:
        away = False
        while not self._is_over():
            try:
                self._listen()
                return
            except (psycopg.Error, DatabaseUnavailable) as error:
                if not away:
                    _logger.warning("Postgres is away (%s); listening goes on when it is back", type(error).__name__)
                away = True
            time.sleep(PAUSE_SECONDS)

    def _listen(self) -> None:
        """Until nobody asks any more."""
        with closing(psycopg.connect(database_uri(), **CONNECTION)) as connection:
            connection.execute("listen aidev_events")
            self._tell(EVERYTHING)
            while not self._is_over():
                for notification in connection.notifies(timeout=LOOK_SECONDS):
                    self._tell(notification.payload)

    def _is_over(self) -> bool:
        """Decided under the lock: whoever asks after this gets a new thread."""
        with self._changing:
            if not self._callbacks:
                self._thread = None
            return not self._callbacks

    def _tell(self, workflow_id: str) -> None:
        for callback in tuple(self._callbacks):
            try:
                callback(workflow_id)
            except Exception:
                _logger.exception("Whoever was told of changes in %s failed", workflow_id or "all workflows")


_listener = Listener()
