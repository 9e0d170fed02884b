"""One todo: specify, write, judge; whatever fails goes into a branch loop."""

from typing import Literal

from langgraph.graph import END, START, StateGraph

from graph.branch import graph as branch
from nodes.architect import architect
from nodes.coder import coder
from nodes.gates import gates
from nodes.prepare import prepare
from nodes.red import red
from nodes.settle import settle
from nodes.tester import tester
from state.options import RunContext
from state.todo import TodoOutput, TodoState


def started(state: TodoState) -> Literal["prepare", "branch"]:
    """A todo that is opened again goes on where it failed."""
    return "branch" if state.get("failure") or state.get("asking") else "prepare"


def prepared(state: TodoState) -> Literal["architect", "settle"]:
    """Dependencies that do not merge cannot be built on."""
    return "settle" if state.get("failure") else "architect"


def specified(state: TodoState) -> Literal["red", "branch"]:
    """See whether what is sealed can fail."""
    return "branch" if state.get("failure") else "red"


def proven(state: TodoState) -> Literal["coder", "branch"]:
    """Code what is sealed and can fail."""
    return "branch" if state.get("failure") else "coder"


def coded(state: TodoState) -> Literal["gates", "branch", "settle"]:
    """Judge what was written; there is nothing to mend where nobody does the work."""
    if state.get("verdict"):
        return "settle"
    return "branch" if state.get("failure") else "gates"


def clean(state: TodoState) -> Literal["tester", "branch"]:
    """Run it only when every gate is clean."""
    return "branch" if state.get("failure") else "tester"


def judged(state: TodoState) -> Literal["settle", "branch"]:
    """Done, or debugged."""
    return "branch" if state.get("failure") else "settle"


builder = StateGraph(TodoState, context_schema=RunContext, output_schema=TodoOutput)
builder.add_node("prepare", prepare)
builder.add_node("architect", architect)
builder.add_node("red", red)
builder.add_node("coder", coder)
builder.add_node("gates", gates)
builder.add_node("tester", tester)
builder.add_node("branch", branch)
builder.add_node("settle", settle)

builder.add_conditional_edges(START, started)
builder.add_conditional_edges("prepare", prepared)
builder.add_conditional_edges("architect", specified)
builder.add_conditional_edges("red", proven)
builder.add_conditional_edges("coder", coded)
builder.add_conditional_edges("gates", clean)
builder.add_conditional_edges("tester", judged)
builder.add_edge("branch", "settle")
builder.add_edge("settle", END)

graph = builder.compile(name="todo")
