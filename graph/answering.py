"""Answers to what waits: the first one is written down, with who gave it; the workflow then goes on with it."""

from typing import Any

from graph.graphs import opened
from nodes.approval import fitting
from schemas.decision import Decision
from schemas.errors import AlreadyAnswered, DecisionRefused, NothingWaits
from state import drives, questions, workflows
from state.database import pool
from state.questions import Question
from tools.events import emit


def answer(
    workflow_id: str, decision: Decision, by: str, interrupt_id: str | None = None, task_id: str | None = None
) -> Question:
    """Write down the answer to what waits; the question that it is for.

    Raises DecisionRefused when it does not fit or several wait, NothingWaits, AlreadyAnswered when somebody was first.
    """
    asked = the_question(workflows.get(workflow_id).workflow_id, interrupt_id, task_id)
    fitting(asked.payload, decision)
    with pool().connection() as connection, connection.transaction():
        questions.claim(connection, asked, decision.model_dump(), by)
        facts: dict[str, Any] = {"decision": decision.type, "by": by}
        step = asked.interrupt_id
        emit("workflow.resumed", asked.workflow_id, "driver", step=step, connection=connection, **facts)
    return asked


def the_question(workflow_id: str, interrupt_id: str | None = None, task_id: str | None = None) -> Question:
    """What an answer goes to. Raises NothingWaits, AlreadyAnswered, DecisionRefused where several wait."""
    found = [
        one
        for one in questions.of_workflow(workflow_id) or written_down(workflow_id)
        if interrupt_id in (None, one.interrupt_id) and task_id in (None, one.task_id)
    ]
    waiting = [one for one in found if one.answer is None]
    if len(waiting) > 1:
        names = ", ".join(f"{one.task_id or one.name} ({one.interrupt_id})" for one in waiting)
        raise DecisionRefused(f"Several answers are needed: {names}.", "Say which one: --task ID or interrupt_id.")
    if waiting:
        return waiting[0]
    if found and found[-1].answer:
        raise AlreadyAnswered(str(found[-1].answer["type"]), str(found[-1].answered_by), found[-1].answered_at)
    raise NothingWaits("Nothing waits for an answer here.", "Look at it with `aidev show ID`.")


def written_down(workflow_id: str) -> list[Question]:
    """What a workflow asked before questions were written down."""
    state = opened(drives.of(workflow_id).graph).get_state({"configurable": {"thread_id": workflow_id}})
    for entry in state.interrupts:
        questions.ask(workflow_id, entry.id, entry.value)
    return questions.of_workflow(workflow_id)
