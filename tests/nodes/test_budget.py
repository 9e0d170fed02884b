"""The pause when a budget ends: a person gives more or stops the work; everything is really in Postgres."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Command, Interrupt

from graph import driver
from nodes.approval import fitting
from nodes.budget import question, raise_budget, raise_plan_budget
from nodes.intake import resolve
from schemas.decision import Decision
from schemas.errors import BadInput, BudgetExceeded, BudgetKind, DecisionRefused
from state import workflows
from state.checkpointer import checkpointer
from state.database import pool
from state.developer import DeveloperState
from state.todo import TodoState
from tests.conftest import Configure
from tools import ledger
from tools.budget import reserve
from tools.events import recorded
from tools.ledger import Claim

MODEL = "gemini-3.8-flash"
USED: Any = {"input_tokens": 900, "output_tokens": 100, "total_tokens": 1000}


def spent(**limits: Any) -> str:
    """A workflow in which one todo has made one call of 1,000 tokens."""
    workflow_id = str(uuid.uuid4())
    context: Any = {"model": "offline", **limits}
    workflows.create(workflow_id, {"request": "x"}, {**resolve(context), "model": MODEL})
    call_id = reserve(Claim("k", workflow_id, "t1", "coder", 1, MODEL, 900), 0.0, 5.0)
    ledger.settle(call_id, MODEL, AIMessage("", usage_metadata=USED), 0.1)
    return workflow_id


class Paused:
    """A graph of the one node, at its question."""

    def __init__(self, workflow_id: str, **state: Any) -> None:
        self.workflow_id = workflow_id
        planning = not state
        builder: Any = StateGraph(DeveloperState if planning else TodoState)
        builder.add_node("ask", raise_plan_budget if planning else raise_budget)
        builder.add_edge(START, "ask")
        self.graph: CompiledStateGraph[Any, Any, Any, Any] = builder.compile(checkpointer=checkpointer())
        self.config: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}
        self.go(
            {"workflow_id": workflow_id, "over_budget": "spent"} if planning else {"workflow_id": workflow_id, **state}
        )

    def go(self, given: Any = None) -> None:
        """Run, or meet the node again."""
        self.values = self.graph.invoke(given, self.config, durability="sync")

    @property
    def asked(self) -> Interrupt:
        """The one question."""
        (asked,) = self.graph.get_state(self.config).interrupts
        return asked

    @property
    def args(self) -> dict[str, Any]:
        """What it shows."""
        args: dict[str, Any] = self.asked.value["action_requests"][0]["args"]
        return args

    @property
    def waits(self) -> bool:
        """Whether it is open."""
        return bool(self.graph.get_state(self.config).interrupts)

    def answer(self, kind: str, **more: Any) -> None:
        """As the driver does."""
        decision = fitting(self.asked.value, Decision.model_validate({"type": kind, **more}))
        self.go(Command(resume={self.asked.id: decision.model_dump()}))


def todo(**more: Any) -> dict[str, Any]:
    """The state of t1."""
    item = {
        "id": "t1",
        "title": "A todo",
        "description": "Something to do",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": "true"}]},
        "priority": 1,
        "max_retries": 3,
    }
    return {"todo": item, "attempt": 1, "spent_seconds": 0.0, "options": {"auto_approve": True}, **more}


def cap_of(workflow_id: str, kind: BudgetKind = "tokens") -> float | None:
    options: Any = workflows.get(workflow_id).options
    cap: float | None = options[f"budget_{kind}"]
    return cap


def test_the_question_says_what_is_spent_and_what_is_suggested() -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    assert paused.args == {"scope": "workflow", "kind": "tokens", "cap": 800, "new_cap": 10_000, "spent": 1000.0}
    assert paused.asked.value["task_id"] == "t1"
    description = paused.asked.value["action_requests"][0]["description"]
    assert description.startswith("1000 tokens of 800 tokens are spent.\nRaise it: aidev resume ")
    assert workflows.get(paused.workflow_id).status == "waiting"


def test_an_approval_takes_the_suggestion_and_the_todo_goes_on() -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    paused.answer("approve")
    assert not paused.waits
    assert paused.values.get("verdict") is None
    assert cap_of(paused.workflow_id) == 10_000
    reserve(Claim("more", paused.workflow_id, "t1", "coder", 1, MODEL, 900), 0.0, 5.0)


def test_an_edit_takes_the_person_s_cap() -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    paused.answer("edit", args={**paused.args, "new_cap": 1001})
    assert cap_of(paused.workflow_id) == 1001


@pytest.mark.parametrize("new_cap", [1000, 0, -5, "lots", None, 2000.5])
def test_a_cap_that_helps_nobody_leaves_the_question_open(new_cap: object) -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    with pytest.raises(DecisionRefused, match="new_cap"):
        paused.answer("edit", args={"new_cap": new_cap})
    with pytest.raises(ValueError, match="new_cap"):
        paused.go(Command(resume={paused.asked.id: {"type": "edit", "args": {"new_cap": new_cap}}}))
    assert paused.waits
    assert cap_of(paused.workflow_id) == 800


def test_a_rejection_stops_the_todo() -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    paused.answer("reject", message="too dear")
    assert paused.values["verdict"] == "stopped"
    assert cap_of(paused.workflow_id) == 800


def test_money_is_asked_for_once_when_several_todos_wait() -> None:
    workflow_id = spent(budget_tokens=800)
    first, second = Paused(workflow_id, **todo()), Paused(workflow_id, **todo())
    first.answer("approve")
    second.go()
    assert not second.waits
    assert cap_of(workflow_id) == 10_000


def test_nobody_is_asked_where_there_is_room() -> None:
    paused = Paused(spent(budget_tokens=5000), **todo())
    assert not paused.waits
    assert [event for event in recorded(paused.workflow_id) if event.event_type == "approval.requested"] == []


def test_an_answer_holds_though_more_was_spent_while_the_question_waited() -> None:
    paused = Paused(spent(budget_tokens=800), **todo())
    seen = paused.asked.value["artifact_hash"]
    with pool().connection() as connection:
        call_id = ledger.enter(connection, Claim("late", paused.workflow_id, "t2", "coder", 1, MODEL, 900), 60.0)
    ledger.settle(call_id, MODEL, AIMessage("", usage_metadata=USED), 0.1)
    paused.answer("approve", artifact_hash=seen)
    assert cap_of(paused.workflow_id) == 10_000


def test_an_answer_about_another_cap_is_refused() -> None:
    over = BudgetExceeded("spent", "raise it", "workflow", "tokens", Decimal(1000), 800)
    asked, later = question(over, "t1"), question(replaced(over, cap=900), "t1")
    assert asked["artifact_hash"] != later["artifact_hash"]
    assert question(replaced(over, spent=Decimal(1001)), "t1")["artifact_hash"] == asked["artifact_hash"]


def replaced(over: BudgetExceeded, **changed: Any) -> BudgetExceeded:
    facts = {"scope": over.scope, "kind": over.kind, "spent": over.spent, "cap": over.cap, **changed}
    return BudgetExceeded(over.message, over.hint, **facts)


def test_the_cap_of_a_todo_is_raised_for_it_alone(configure: Configure) -> None:
    configure(TODO_BUDGET_CALLS=1)
    paused = Paused(spent(), **todo())
    assert paused.args["scope"] == "t1"
    paused.answer("approve")
    options: Any = workflows.get(paused.workflow_id).options
    assert options["todo_caps"] == {"t1": {"calls": 10}}
    assert options["budget_calls"] is None


def test_the_seconds_of_a_todo_are_those_of_its_state(configure: Configure) -> None:
    configure(TODO_BUDGET_SECONDS=30)
    workflow_id = spent()
    assert not Paused(workflow_id, **todo(spent_seconds=29.0)).waits
    paused = Paused(workflow_id, **todo(spent_seconds=31.0))
    assert (paused.args["kind"], paused.args["spent"], paused.args["new_cap"]) == ("seconds", 31.0, 60)


def test_the_planner_waits_too_and_goes_on_with_more() -> None:
    paused = Paused(spent(budget_calls=1))
    assert "task_id" not in paused.asked.value
    paused.answer("approve")
    assert paused.values["over_budget"] == ""
    assert cap_of(paused.workflow_id, "calls") == 10


def test_a_plan_without_money_ends_the_workflow() -> None:
    paused = Paused(spent(budget_calls=1))
    paused.answer("reject")
    row = workflows.get(paused.workflow_id)
    assert (row.status, row.stop_reason) == ("failed", "budget")
    assert row.reason == "1 model calls of 1 model calls are spent."
    assert paused.values["status"] == "failed"


BAD: list[tuple[str, object]] = [
    ("budget_usd", -1),
    ("budget_tokens", 1.5),
    ("budget_calls", "3"),
    ("budget_seconds", float("nan")),
    ("budget_seconds", True),
]


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_bad_cap_is_refused_by_its_key_before_anything_starts(key: str, value: object) -> None:
    context: Any = {"model": "offline", key: value}
    with pytest.raises(BadInput, match=key):
        resolve(context)


def test_a_cap_in_dollars_is_refused_for_a_model_without_a_price(configure: Configure) -> None:
    configure(GOOGLE_API_KEY="key")
    with pytest.raises(BadInput, match="No price is known for gemini-none"):
        resolve({"model": "gemini-none", "budget_usd": 1.0})


def test_the_driver_raises_what_it_is_given() -> None:
    workflow_id = spent(budget_tokens=800)
    driver.raise_budget(workflow_id[:20], usd=2, calls=30, seconds=None)
    found: Any = workflows.get(workflow_id).options
    assert (found["budget_usd"], found["budget_tokens"]) == (2.0, 800)
    assert (found["budget_calls"], found["budget_seconds"]) == (30, None)
    with pytest.raises(BadInput, match="budget_calls: -1"):
        driver.raise_budget(workflow_id, usd=3, calls=-1)
    assert cap_of(workflow_id, "usd") == 2.0
