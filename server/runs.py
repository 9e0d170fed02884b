"""The LangGraph server that runs the graphs, seen through its own client."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from weakref import WeakValueDictionary

import httpx
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import ConflictError

from graph import driver
from schemas.errors import ServerUnavailable
from settings import settings
from state import drives, workflows

ACTIVE = ("pending", "running")
_locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


@lru_cache(maxsize=1)
def client() -> LangGraphClient:
    """In this process, or at LANGGRAPH_URL."""
    url, token = settings().langgraph_url, settings().langgraph_token
    headers = {"Authorization": f"Bearer {token.get_secret_value()}"} if token else None
    return get_client(url=url, api_key=None, headers=headers)


async def wake(workflow_id: str, again: bool = False) -> str | None:
    """Let a workflow go on, unless it runs already; the id of its new run, None when there is none.

    `again`: what waits for its surroundings tries once more.

    Raises ServerUnavailable.
    """
    async with _locks.setdefault(workflow_id, asyncio.Lock()):
        try:
            return await _wake(workflow_id, again)
        except ConflictError:
            return None  # somebody else has woken it
        except httpx.TransportError as error:
            raise ServerUnavailable(
                f"The server that runs the graphs does not answer: {error}.", "Check LANGGRAPH_URL."
            ) from error


async def _wake(workflow_id: str, again: bool) -> str | None:
    graph = (await asyncio.to_thread(drives.of, workflow_id)).graph
    metadata = {"workflow_id": workflow_id}
    await client().threads.create(thread_id=workflow_id, graph_id=graph, metadata=metadata, if_exists="do_nothing")
    if await active(workflow_id):
        return None
    run = await client().runs.create(workflow_id, graph, **await asyncio.to_thread(next_run, workflow_id, again))
    return run["run_id"]


async def ended(workflow_id: str) -> None:
    """Wait until the runs of a workflow have ended."""
    for run_id in await active(workflow_id):
        await client().runs.join(workflow_id, run_id)


def next_run(workflow_id: str, again: bool) -> dict[str, Any]:
    """What the next run is given: the input, the answers, or nothing but the word to go on."""
    row = workflows.get(workflow_id)
    given = driver.step(row, driver.snapshot(workflow_id), again)
    resume = getattr(given, "resume", None)
    config = driver.config(workflow_id)
    del config["configurable"]  # the server takes either this or a context
    return {
        "input": given if isinstance(given, Mapping) else None,
        "command": {"resume": resume} if resume else None,
        "context": dict(row.options),
        "config": config,
        "durability": "sync",
        "multitask_strategy": "reject",
    }


async def active(workflow_id: str) -> list[str]:
    """Ids of the runs that go on or wait for their turn."""
    runs = await client().runs.list(workflow_id, limit=20)
    return [run["run_id"] for run in runs if run["status"] in ACTIVE]


async def stop(workflow_id: str) -> None:
    """End the runs of a workflow; its finished steps stay."""
    for run_id in await active(workflow_id):
        await client().runs.cancel(workflow_id, run_id, action="interrupt")
