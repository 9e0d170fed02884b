"""A workflow is the same whichever checkpointer opens it: the command line's or the server's."""

import asyncio
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from schemas.errors import DatabaseUnavailable
from state.checkpointer import checkpointer, server_checkpointer
from state.database import pool, stop_embedded
from tests.conftest import Configure

ROOT = Path(__file__).parents[2]


class State(TypedDict, total=False):
    answer: str


def ask(state: State) -> State:
    return {"answer": interrupt("well?")}


def graph() -> StateGraph[State]:
    return StateGraph(State).add_node(ask).add_edge(START, "ask").add_edge("ask", END)


def thread() -> RunnableConfig:
    return {"configurable": {"thread_id": str(uuid.uuid4())}}


def test_a_step_survives_the_checkpointer_that_wrote_it() -> None:
    config = thread()
    graph().compile(checkpointer()).invoke({}, config, durability="sync")
    again = PostgresSaver(pool())
    assert graph().compile(again).invoke(Command(resume="fine"), config)["answer"] == "fine"


def test_the_server_continues_what_the_command_line_began() -> None:
    config = thread()
    graph().compile(checkpointer()).invoke({}, config, durability="sync")

    async def resume() -> Any:
        async with server_checkpointer() as saver:
            return await graph().compile(saver).ainvoke(Command(resume="fine"), config)

    assert asyncio.run(resume())["answer"] == "fine"
    assert graph().compile(checkpointer()).get_state(config).values["answer"] == "fine"


def test_a_restart_of_the_database_goes_unnoticed(new_home: Path) -> None:
    config = thread()
    compiled = graph().compile(checkpointer())
    compiled.invoke({}, config, durability="sync")
    stop = "from state.database import stop_embedded; stop_embedded()"
    subprocess.run([sys.executable, "-c", stop], cwd=ROOT, check=True)
    assert compiled.invoke(Command(resume="fine"), config)["answer"] == "fine"


def test_processes_that_set_up_at_once_all_succeed(new_home: Path) -> None:
    code = "from state.checkpointer import checkpointer; checkpointer()"
    starters = [subprocess.Popen([sys.executable, "-c", code], cwd=ROOT) for _ in range(3)]
    assert [starter.wait(timeout=60) for starter in starters] == [0, 0, 0]


def test_a_new_pool_gets_a_checkpointer_of_its_own(new_home: Path) -> None:
    first = checkpointer()
    assert checkpointer() is first
    stop_embedded()
    assert checkpointer().get_tuple(thread()) is None


def test_no_database_is_said_clearly(new_home: Path, configure: Configure) -> None:
    configure(DB_URL="postgresql://127.0.0.1:9/name")

    async def open_it() -> None:
        async with server_checkpointer():
            pass

    with pytest.raises(DatabaseUnavailable):
        checkpointer()
    with pytest.raises(DatabaseUnavailable):
        asyncio.run(open_it())
