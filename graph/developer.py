"""The workflow: from a request to a release, with a person's approval of the plan and of the result."""

from typing import Literal

from langgraph.graph import END, START, StateGraph

from graph.todo import graph as todo
from nodes.approval import approve_plan, approve_release
from nodes.intake import intake
from nodes.integrate import integrate
from nodes.planner import planner
from nodes.publish import publish
from nodes.schedule import dispatch, schedule
from state.developer import DeveloperState
from state.options import Request, RunContext


def planned(state: DeveloperState) -> Literal["planner", "approve_plan"]:
    """A todo list that came with the request needs no planning."""
    return "approve_plan" if state.get("plan") else "planner"


def agreed(state: DeveloperState) -> Literal["schedule", "planner", "__end__"]:
    """Work, plan again with the person's remark, or end."""
    if state["status"] != "running":
        return "__end__"
    return "planner" if state.get("remark") else "schedule"


def merged(state: DeveloperState) -> Literal["approve_release", "__end__"]:
    """A merged tree that passes goes to the person."""
    return "approve_release" if state["status"] == "running" else "__end__"


def released(state: DeveloperState) -> Literal["publish", "__end__"]:
    """Publish what the person approved."""
    return "publish" if state["status"] == "running" else "__end__"


builder = StateGraph(DeveloperState, input_schema=Request, context_schema=RunContext)
builder.add_node("intake", intake)
builder.add_node("planner", planner)
builder.add_node("approve_plan", approve_plan)
builder.add_node("schedule", schedule)
builder.add_node("todo", todo)
builder.add_node("integrate", integrate)
builder.add_node("approve_release", approve_release)
builder.add_node("publish", publish)

builder.add_edge(START, "intake")
builder.add_conditional_edges("intake", planned)
builder.add_edge("planner", "approve_plan")
builder.add_conditional_edges("approve_plan", agreed)
builder.add_conditional_edges("schedule", dispatch, ["todo", "integrate", END])
builder.add_edge("todo", "schedule")
builder.add_conditional_edges("integrate", merged)
builder.add_conditional_edges("approve_release", released)
builder.add_edge("publish", END)

graph = builder.compile(name="developer")
