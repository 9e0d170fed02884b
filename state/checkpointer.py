"""Where LangGraph keeps the steps of a workflow: the same Postgres, for the command line and for the server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache

import psycopg
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool

from state.database import CONNECTION, MAX_CONNECTIONS, Pool, database_uri, pool, setting_up


def checkpointer() -> PostgresSaver:
    """The checkpointer of this process. Raises DatabaseUnavailable."""
    return _saver(pool())


@asynccontextmanager
async def server_checkpointer() -> AsyncIterator[AsyncPostgresSaver]:
    """The checkpointer of a LangGraph server, which enters this once per event loop. Raises DatabaseUnavailable."""
    await asyncio.to_thread(checkpointer)
    connections: AsyncConnectionPool[psycopg.AsyncConnection[DictRow]] = AsyncConnectionPool(
        _database_uri,
        kwargs=CONNECTION,
        min_size=1,
        max_size=MAX_CONNECTIONS,
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
    async with connections:
        yield AsyncPostgresSaver(connections)


async def _database_uri() -> str:
    return await asyncio.to_thread(database_uri)


@lru_cache(maxsize=1)
def _saver(connections: Pool) -> PostgresSaver:
    with setting_up() as connection:
        PostgresSaver(connection).setup()
    return PostgresSaver(connections)
