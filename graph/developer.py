"""The workflow: from a request to a release, with a person's approval of the plan and of the result."""

from typing import Literal

from langgraph.graph import END, START, StateGraph

from graph.todo import graph as todo
from nodes.approval import approve_plan, approve_release
from nodes.budget import raise_plan_budget
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


def affordable(state: DeveloperState) -> Literal["approve_plan", "raise_plan_budget"]:
    """A plan, or a budget that ended before there was one."""
    return "raise_plan_budget" if state.get("over_budget") else "approve_plan"


def raised(state: DeveloperState) -> Literal["planner", "__end__"]:
    """Plan with more, or end."""
    return "planner" if state["status"] == "running" else "__end__"


def agreed(state: DeveloperState) -> Literal["schedule", "planner", "__end__"]:
    """Work, plan again with the person's remark, or end."""
    if state["status"] != "running":
        return "__end__"
    return "planner" if state.get("remark") else "schedule"


def merged(state: DeveloperState) -> Literal["approve_release", "schedule", "__end__"]:
    """A merged tree that passes goes to the person; what does not is worked on."""
    if state["status"] != "running":
        return "__end__"
    return "schedule" if state.get("kept") else "approve_release"


def released(state: DeveloperState) -> Literal["publish", "__end__"]:
    """Publish what the person approved."""
    return "publish" if state["status"] == "running" else "__end__"


builder = StateGraph(DeveloperState, input_schema=Request, context_schema=RunContext)
builder.add_node("intake", intake)
builder.add_node("planner", planner)
builder.add_node("raise_plan_budget", raise_plan_budget)
builder.add_node("approve_plan", approve_plan)
builder.add_node("schedule", schedule)
builder.add_node("todo", todo)
builder.add_node("integrate", integrate)
builder.add_node("approve_release", approve_release)
builder.add_node("publish", publish)

builder.add_edge(START, "intake")
builder.add_conditional_edges("intake", planned)
builder.add_conditional_edges("planner", affordable)
builder.add_conditional_edges("raise_plan_budget", raised)
builder.add_conditional_edges("approve_plan", agreed)
builder.add_conditional_edges("schedule", dispatch, ["todo", "integrate", END])
builder.add_edge("todo", "schedule")
builder.add_conditional_edges("integrate", merged)
builder.add_conditional_edges("approve_release", released)
builder.add_edge("publish", END)

graph = builder.compile(name="developer")
