"""Postgres: where it is, the pool of this process, our tables, and the lock of a workflow."""

import hashlib
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool

from schemas.errors import DatabaseUnavailable, WorkflowBusy
from settings import settings
from state import embedded

Connection = psycopg.Connection[DictRow]
Pool = ConnectionPool[Connection]

CONNECTION: dict[str, Any] = {
    "autocommit": True,
    "prepare_threshold": None,
    "row_factory": dict_row,
    "connect_timeout": 3,
    "keepalives_idle": 30,
}
MAX_CONNECTIONS = 20
WAY_OUT = "Check DB_URL and that the server runs, or unset DB_URL to use the embedded one."

_opening = threading.Lock()
_pool: Pool | None = None


def database_uri() -> str:
    """DB_URL, or the URI of the embedded server, which is started as needed. Raises DatabaseUnavailable."""
    return settings().db_url or embedded.start(_embedded_data())


def pool() -> Pool:
    """The connections of this process: autocommit, rows as dicts, tables present. Raises DatabaseUnavailable."""
    global _pool
    with _opening:
        if _pool is None:
            _ensure_tables()
            _pool = _open_pool()
        return _pool


def close_pool() -> None:
    """Give the connections back; the next `pool()` opens anew."""
    global _pool
    with _opening:
        if _pool is not None:
            _pool.close()
        _pool = None


def stop_embedded() -> None:
    """Stop the embedded server, if it runs, for every process that uses it."""
    close_pool()
    embedded.stop(_embedded_data())


@contextmanager
def workflow_lock(workflow_id: str) -> Iterator[None]:
    """Held while this process drives the workflow; the server frees it when the process dies.

    Raises WorkflowBusy, DatabaseUnavailable.
    """
    with connected() as connection:
        if not _try_lock(connection, f"workflow {workflow_id}"):
            raise WorkflowBusy(
                f"Another process drives workflow {workflow_id}.",
                f"Wait until it ends or stop it, then: aidev resume {workflow_id}",
            )
        try:
            yield
        finally:
            _unlock(connection)


def is_driven(workflow_id: str) -> bool:
    """Whether some process drives the workflow now."""
    with pool().connection() as connection:
        row = connection.execute(
            """select exists (select from pg_locks
                   where locktype = 'advisory' and granted and objsubid = 1
                         and (classid::bigint << 32) | objid::bigint = %s) as held""",
            [_key(f"workflow {workflow_id}")],
        ).fetchone()
    return row is not None and bool(row["held"])


@contextmanager
def setting_up() -> Iterator[Connection]:
    """A connection on which tables are made, one process at a time. Raises DatabaseUnavailable.

    The lock is polled: a query that waits for it would block `create index concurrently`.
    """
    with connected() as connection:
        try:
            while not _try_lock(connection, "setting up"):
                time.sleep(0.05)
            yield connection
        except psycopg.Error as error:
            raise _unavailable(error) from None


def _open_pool() -> Pool:
    """Asks for the address at each new connection, so that an embedded server that was killed is started again."""
    return ConnectionPool(
        database_uri,
        kwargs=CONNECTION,
        min_size=1,
        max_size=MAX_CONNECTIONS,
        check=ConnectionPool.check_connection,
        open=True,
    )


def _ensure_tables() -> None:
    with setting_up() as connection:
        for file in sorted((Path(__file__).parent / "sql").glob("*.sql")):
            connection.execute(file.read_bytes())


def connected() -> Connection:
    """A connection of its own. Raises DatabaseUnavailable."""
    try:
        return psycopg.connect(database_uri(), **CONNECTION)
    except psycopg.Error as error:
        raise _unavailable(error) from None


def _unavailable(error: psycopg.Error) -> DatabaseUnavailable:
    """Without what libpq quotes: a URL that is not well-formed puts parts of its password there."""
    if isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None:
        return DatabaseUnavailable("DB_URL is not a Postgres address (postgresql://user:password@host/name).", WAY_OUT)
    reason = re.sub(r"""(["']).*?\1""", "…", str(error))
    return DatabaseUnavailable(f"No Postgres: {re.sub(r'port [0-9]+', 'port …', reason)}", WAY_OUT)


def _try_lock(connection: Connection, name: str) -> bool:
    """Whether this connection now holds the lock of this name, until it closes."""
    row = connection.execute("select pg_try_advisory_lock(%s) as held", [_key(name)]).fetchone()
    return row is not None and bool(row["held"])


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(f"aidev {name}".encode()).digest()[:8], signed=True)


def _unlock(connection: Connection) -> None:
    """At once: the server notices only some time later that a connection was closed."""
    with suppress(psycopg.OperationalError):  # a connection that broke has taken its lock with it
        connection.execute("select pg_advisory_unlock_all()")


def _embedded_data() -> Path:
    return settings().aidev_home.expanduser().resolve() / "postgres"
