"""A graph with nothing in it, for a bare LangGraph server to compare with: as many updates as it is asked for."""

from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict


class Counter(TypedDict):
    """How far it has come."""

    number: int
    until: int


def count(state: Counter) -> dict[str, int]:
    """One further."""
    return {"number": state.get("number", 0) + 1}


def further(state: Counter) -> str:
    """Until it is there."""
    return "count" if state["number"] < state["until"] else END


builder = StateGraph(Counter)
builder.add_node("count", count)
builder.add_edge(START, "count")
builder.add_conditional_edges("count", further, ["count", END])
graph = builder.compile(name="bare")
