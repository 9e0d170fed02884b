"""Each role as a graph of its own; the todo and branch graphs with a small input, to be started alone."""

from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graph.branch import graph as branch_loop
from graph.todo import graph as todo_graph
from nodes.adopt import adopt
from nodes.architect import architect as architect_node
from nodes.coder import coder as coder_node
from nodes.debugger import debugger as debugger_node
from nodes.intake import intake
from nodes.planner import planner as planner_node
from nodes.task import Node
from nodes.tester import tester as tester_node
from state.developer import DeveloperState
from state.options import Request, RunContext
from state.todo import TodoInput, TodoState


def alone(name: str, step: Node | CompiledStateGraph[Any, Any, Any, Any]) -> CompiledStateGraph[Any, Any, Any, Any]:
    """One step on a todo's branch as it stands."""
    builder = StateGraph(TodoState, input_schema=TodoInput, context_schema=RunContext)
    builder.add_node("adopt", adopt)
    builder.add_node(name, step)
    builder.add_edge(START, "adopt")
    builder.add_edge("adopt", name)
    builder.add_edge(name, END)
    return builder.compile(name=name)


def building() -> CompiledStateGraph[Any, Any, Any, Any]:
    """One todo from its contract to its verdict; it prepares itself."""
    builder = StateGraph(TodoState, input_schema=TodoInput, context_schema=RunContext)
    builder.add_node("todo", todo_graph)
    builder.add_edge(START, "todo")
    builder.add_edge("todo", END)
    return builder.compile(name="todo")


def planning() -> CompiledStateGraph[Any, Any, Any, Any]:
    """A request to a todo list, and nothing more."""
    builder = StateGraph(DeveloperState, input_schema=Request, context_schema=RunContext)
    builder.add_node("intake", intake)
    builder.add_node("planner", planner_node)
    builder.add_edge(START, "intake")
    builder.add_edge("intake", "planner")
    builder.add_edge("planner", END)
    return builder.compile(name="planner")


planner = planning()
todo = building()
architect = alone("architect", architect_node)
coder = alone("coder", coder_node)
tester = alone("tester", tester_node)
debugger = alone("debugger", debugger_node)
branch = alone("branch", branch_loop)
