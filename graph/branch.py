"""One debugging loop: triage, mend, judge again, until it passes, the attempts end or a person is asked."""

from typing import Literal

from langgraph.graph import START, StateGraph

from graph.slots import limited
from nodes.approve_contract import agreed, approve_contract
from nodes.architect import architect
from nodes.budget import raise_budget
from nodes.coder import coder
from nodes.debugger import debugger, mender, paid
from nodes.escalate import answered, escalate
from nodes.gates import gates
from nodes.mend_tests import handed_over, mend_tests
from nodes.red import red
from nodes.tester import tester
from state.todo import TodoState


def entered(state: TodoState) -> Literal["debugger", "escalate"]:
    """Triage, or the person whose turn it is."""
    return "escalate" if state.get("asking") else "debugger"


def mended(state: TodoState) -> Literal["gates", "debugger", "__end__"]:
    """Judge what was mended, or triage why nothing was."""
    if state.get("verdict"):
        return "__end__"
    return "debugger" if state.get("failure") else "gates"


def specified(state: TodoState) -> Literal["approve_contract", "debugger"]:
    """A contract that changed may need the person; then its tests have to show again that they can fail."""
    return "debugger" if state.get("failure") else "approve_contract"


def proven(state: TodoState) -> Literal["coder", "gates", "debugger"]:
    """Judge the code that is there; without any, it is the coder's turn."""
    if state.get("failure"):
        return "debugger"
    return "gates" if state.get("written") else "coder"


def clean(state: TodoState) -> Literal["tester", "debugger"]:
    """Run it only when every gate is clean."""
    return "debugger" if state.get("failure") else "tester"


def passed(state: TodoState) -> Literal["debugger", "__end__"]:
    """Resolved, or round again."""
    return "debugger" if state.get("failure") else "__end__"


builder = StateGraph(TodoState)
builder.add_node("debugger", limited(debugger))
builder.add_node("architect", limited(architect))
builder.add_node("approve_contract", approve_contract)
builder.add_node("red", limited(red))
builder.add_node("coder", limited(coder))
builder.add_node("mend_tests", limited(mend_tests))
builder.add_node("gates", limited(gates))
builder.add_node("tester", limited(tester))
builder.add_node("escalate", escalate)
builder.add_node("raise_budget", raise_budget)

builder.add_conditional_edges(START, entered)
builder.add_conditional_edges("debugger", mender)
builder.add_conditional_edges("architect", specified)
builder.add_conditional_edges("approve_contract", agreed)
builder.add_conditional_edges("red", proven)
builder.add_conditional_edges("coder", mended)
builder.add_conditional_edges("mend_tests", handed_over)
builder.add_conditional_edges("gates", clean)
builder.add_conditional_edges("tester", passed)
builder.add_conditional_edges("escalate", answered)
builder.add_conditional_edges("raise_budget", paid)

graph = builder.compile(name="branch")
