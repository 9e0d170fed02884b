"""Approvals: one interrupt per node, in the shape that the ecosystem's pages read."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from langgraph.config import get_config
from langgraph.types import Interrupt, interrupt
from pydantic import BeforeValidator

from nodes.ending import ended
from nodes.intake import complete, not_in
from nodes.integrate import release_facts
from nodes.patch import check_edit, check_result
from schemas.decision import Decision, DecisionType, normalise
from schemas.errors import DecisionRefused
from schemas.events import EventType
from state import questions, workflows
from state.developer import DeveloperState
from tools.caps import new_cap
from tools.events import emit


def request(
    name: str, args: dict[str, Any], description: str, allowed: Sequence[DecisionType], task_id: str | None = None
) -> dict[str, Any]:
    """The payload of an interrupt; `artifact_hash` ties an answer to what the person saw."""
    hitl = {
        "action_requests": [{"name": name, "args": args, "arguments": args, "description": description}],
        "review_configs": [{"action_name": name, "allowed_decisions": list(allowed), "description": description}],
    }
    digest = hashlib.sha256(json.dumps(args, sort_keys=True, default=str).encode()).hexdigest()
    payload = hitl | classic(name, args, description, allowed) | {"artifact_hash": digest}
    return payload | ({"task_id": task_id} if task_id else {})


def classic(name: str, args: dict[str, Any], description: str, allowed: Sequence[DecisionType]) -> dict[str, Any]:
    """The same question as Agent Inbox reads it."""
    return {
        "action_request": {"action": name, "args": args},
        "config": {
            "allow_accept": "approve" in allowed,
            "allow_edit": "edit" in allowed,
            "allow_respond": "respond" in allowed,
            "allow_ignore": "reject" in allowed,
        },
        "description": description,
    }


def ask_person(workflow_id: str, step: str, payload: dict[str, Any]) -> Decision:
    """Wait for a person's decision."""
    name, task_id, asked = payload["action_requests"][0]["name"], payload.get("task_id"), interrupt_id()
    if questions.ask(workflow_id, asked, payload):
        workflows.waits(workflow_id)
    emit("approval.requested", workflow_id, "approval", task_id=task_id, step=step, name=name, interrupt_id=asked)
    decision = Decision.model_validate(interrupt(payload, response_schema=answer_to(payload)))
    by = questions.take(workflow_id, asked, decision.model_dump(), answering())
    workflows.goes_on(workflow_id)
    event: EventType = "approval.denied" if decision.type == "reject" else "approval.granted"
    facts = {"name": name, "decision": decision.type, "by": by, "interrupt_id": asked}
    emit(event, workflow_id, "approval", task_id=task_id, step=step, **facts)
    return decision


def interrupt_id() -> str:
    """The id that LangGraph gives the interrupt of the node that runs."""
    return Interrupt.from_ns(None, get_config()["configurable"]["checkpoint_ns"]).id


def answering() -> str:
    """Who resumed this run: the user of a server that knows its users, else the person at this machine."""
    return str(get_config()["configurable"].get("langgraph_auth_user_id") or questions.this_person())


def answer_to(payload: dict[str, Any]) -> Any:
    """The type that an answer is validated by; one that does not fit leaves the question open."""
    return Annotated[Decision, BeforeValidator(lambda answer: fitting(payload, normalise(answer, payload)))]


def fitting(payload: dict[str, Any], decision: Decision) -> Decision:
    """The decision, if this payload allows it. Raises DecisionRefused."""
    allowed = payload["review_configs"][0]["allowed_decisions"]
    if decision.type not in allowed:
        raise DecisionRefused(f"{decision.type} is no answer here.", f"Answer {', '.join(allowed)}.")
    if decision.artifact_hash not in (None, payload["artifact_hash"]):
        raise DecisionRefused("The answer speaks of something else than what is waiting.", "Look again, then answer.")
    if decision.type == "respond" and not decision.message.strip():
        raise DecisionRefused("A response needs words.", "Say what should be different.")
    if decision.type == "edit":
        action = payload["action_requests"][0]
        EDITS[action["name"]](action["args"], decision.args or {})
    return decision


def check_plan(_: dict[str, Any], given: dict[str, Any]) -> None:
    """Raises InvalidDocument, DecisionRefused."""
    if not given.keys() & {"todo_list", "items"}:
        raise DecisionRefused("The edited plan is missing.", "Give the whole todo list as `args.todo_list`.")
    complete(given.get("todo_list", given))


EDITS: dict[str, Callable[[dict[str, Any], dict[str, Any]], object]] = {
    "approve_plan": check_plan,
    "escalation": check_edit,
    "raise_budget": new_cap,
    "task_result": check_result,
}
"""Question → what looks at an edited answer, beside what was shown."""


def edited_plan(decision: Decision) -> object:
    """The todo list inside an edit."""
    args = decision.args or {}
    return args.get("todo_list", args)


def plan_request(state: DeveloperState) -> dict[str, Any]:
    """What the person is asked about the plan."""
    plan = state["plan"]
    titles = "\n".join(f"{number}. {item['id']}: {item['title']}" for number, item in enumerate(plan["items"], 1))
    problem = f"{state['plan_problem']}\n\n" if state.get("plan_problem") else ""
    description = f"{problem}{plan['workflow_name']}: {len(plan['items'])} todos\n{titles}"
    if unknown := not_in(plan, state["options"]):
        description += f"\nNot in this plan, though they were to come from outside: {', '.join(unknown)}"
    return request("approve_plan", {"todo_list": plan}, description, ["approve", "edit", "reject", "respond"])


def approve_plan(state: DeveloperState) -> dict[str, Any]:
    """The plan before anything is spent on it."""
    if state["options"]["auto_approve"]:
        return {"remark": ""}
    decision = ask_person(state["workflow_id"], f"plan/{state['plan_round']}", plan_request(state))
    if decision.type == "edit":
        return {"remark": "", "plan": complete(edited_plan(decision))}
    if decision.type == "respond":
        return {"remark": decision.message}
    if decision.type == "reject":
        return ended(
            state["workflow_id"], "rejected", "plan_rejected", f"plan rejected: {decision.message}".rstrip(": ")
        )
    return {"remark": ""}


def approve_release(state: DeveloperState) -> dict[str, Any]:
    """The release: what changed, the evidence, what it cost."""
    if state["options"]["auto_approve"]:
        return {}
    facts = release_facts(state)
    payload = request("approve_release", facts, facts["summary"], ["approve", "reject"])
    decision = ask_person(state["workflow_id"], "release", payload)
    if decision.type == "reject":
        return ended(
            state["workflow_id"], "rejected", "release_rejected", f"release rejected: {decision.message}".rstrip(": ")
        )
    return {}
