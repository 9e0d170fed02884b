"""Graphs with nothing in them, for a bare LangGraph server to compare with: one that counts, one that asks."""

from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
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


def ask(state: Counter) -> dict[str, int]:
    """Wait for a number."""
    return {"number": interrupt("Which number?")}


counting = StateGraph(Counter)
counting.add_node("count", count)
counting.add_edge(START, "count")
counting.add_conditional_edges("count", further, ["count", END])
counter = counting.compile(name="counter")

asking = StateGraph(Counter)
asking.add_node("ask", ask)
asking.add_edge(START, "ask")
asking.add_edge("ask", END)
asker = asking.compile(name="asker")
