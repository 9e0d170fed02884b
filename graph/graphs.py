"""Every graph by its name, and how one is opened with the checkpointer of this process."""

from functools import lru_cache
from typing import Any

from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.graph.state import CompiledStateGraph

from graph import developer, roles
from schemas.errors import BadInput
from state.checkpointer import checkpointer

Graph = CompiledStateGraph[Any, Any, Any, Any]
GRAPHS: dict[str, Graph] = {
    "developer": developer.graph,
    "todo": roles.todo,
    "branch": roles.branch,
    "planner": roles.planner,
    "architect": roles.architect,
    "coder": roles.coder,
    "tester": roles.tester,
    "debugger": roles.debugger,
}


def opened(name: str = "developer") -> Graph:
    """The graph; it remembers its steps. Raises BadInput."""
    if name not in GRAPHS:
        raise BadInput(f"There is no graph {name!r}.", f"Graphs: {', '.join(GRAPHS)}")
    return _with(name, checkpointer())


@lru_cache(maxsize=len(GRAPHS))
def _with(name: str, saver: PostgresSaver) -> Graph:
    """Anew only when the database's connections are."""
    return GRAPHS[name].copy(update={"checkpointer": saver})
