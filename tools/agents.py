"""Which servers are here to do the roles' work, told by events of no workflow; a server's id is their correlation."""

import logging
import threading
import uuid
from datetime import UTC, datetime
from typing import Any

import psycopg

from schemas.errors import DatabaseUnavailable
from schemas.roles import ROLES
from state.database import pool
from tools.events import emit

NO_WORKFLOW = str(uuid.UUID(int=0))
BEAT_SECONDS = 60.0
SOURCE = "server"

_logger = logging.getLogger(__name__)


def register(instance: str) -> None:
    """A server with this id is here for every role."""
    for role in ROLES:
        facts: dict[str, Any] = {"instance": instance, "role": role}
        emit("agent.registered", NO_WORKFLOW, SOURCE, step=f"{instance}/{role}", correlation_id=instance, **facts)


def heartbeat(instance: str) -> None:
    """It still is, in this minute; heartbeats older than a day are forgotten."""
    step = f"{instance}/{datetime.now(UTC):%Y-%m-%dT%H:%M}"
    facts: dict[str, Any] = {"instance": instance, "roles": list(ROLES)}
    emit("agent.heartbeat", NO_WORKFLOW, SOURCE, step=step, correlation_id=instance, **facts)
    with pool().connection() as connection:
        connection.execute(
            """delete from events where workflow_id = %s and event_type = 'agent.heartbeat'
                   and "timestamp" < now() - interval '1 day'""",
            [NO_WORKFLOW],
        )


def offline(instance: str) -> None:
    """It goes. A server that was killed cannot say so: its heartbeats end."""
    for role in ROLES:
        facts: dict[str, Any] = {"instance": instance, "role": role}
        emit("agent.offline", NO_WORKFLOW, SOURCE, step=f"{instance}/{role}", correlation_id=instance, **facts)


class Presence:
    """Says of this process, as long as it serves, that it is here."""

    def __init__(self) -> None:
        self.instance = str(uuid.uuid4())
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="presence", daemon=True)

    def start(self) -> None:
        """From now on."""
        register(self.instance)
        self._thread.start()

    def stop(self) -> None:
        """No longer."""
        self._ending.set()
        self._thread.join()
        offline(self.instance)

    def _beat(self) -> None:
        while not self._ending.wait(BEAT_SECONDS):
            try:
                heartbeat(self.instance)
            except (psycopg.Error, DatabaseUnavailable) as error:
                _logger.warning("No heartbeat was written: %s", error)
