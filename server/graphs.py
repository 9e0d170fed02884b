"""The graphs as the LangGraph server runs them: every run drives its workflow alone, as the command line does."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph_sdk.runtime import ServerRuntime

from graph.driving import cancelled, driving, working
from graph.graphs import GRAPHS, Graph
from server.stopping import stopping
from tools.steps import await_end
from tools.tracing import drive

Factory = Callable[[RunnableConfig, ServerRuntime[Any]], AbstractAsyncContextManager[Graph]]


def driven(name: str) -> Factory:
    """A graph that the server opens anew for each run; reading and drawing it needs nothing around it."""

    @asynccontextmanager
    async def graph(config: RunnableConfig, runtime: ServerRuntime[Any]) -> AsyncIterator[Graph]:
        if runtime.access_context != "threads.create_run":
            yield GRAPHS[name]
            return
        async with alone(str(config["configurable"]["thread_id"]), name):
            yield GRAPHS[name]

    return graph


@asynccontextmanager
async def alone(workflow_id: str, name: str) -> AsyncIterator[None]:
    """Drives a workflow. A run that a person cancels leaves it cancelled; one that the server's stop ends, running."""
    around = ExitStack()
    with drive(workflow_id):
        await asyncio.to_thread(_enter, around, workflow_id, name)
        try:
            yield
        except asyncio.CancelledError:
            if not stopping.is_set():
                await asyncio.to_thread(cancelled, workflow_id, "its run was cancelled")
            raise
        finally:
            await asyncio.shield(asyncio.to_thread(_leave, around, workflow_id, sys.exc_info()))


def _enter(around: ExitStack, workflow_id: str, name: str) -> None:
    with around:
        around.enter_context(driving(workflow_id, name, "server"))
        around.enter_context(working(workflow_id, name))
        kept = around.pop_all()
    around.push(kept)


def _leave(around: ExitStack, workflow_id: str, error: tuple[Any, Any, Any]) -> None:
    """Not before the threads of a run that was cancelled have ended: until then nobody else may drive."""
    await_end(workflow_id)
    around.__exit__(*error)


developer = driven("developer")
todo = driven("todo")
branch = driven("branch")
planner = driven("planner")
architect = driven("architect")
coder = driven("coder")
tester = driven("tester")
debugger = driven("debugger")
