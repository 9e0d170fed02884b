"""Answers to what waits: the first one is written down, with who gave it; the workflow then goes on with it."""

from collections.abc import Iterable, Sequence
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
    asked = questions.of_workflow(workflow_id) or written_down(workflow_id)
    found = [one for one in asked if interrupt_id in (None, one.interrupt_id) and task_id in (None, one.task_id)]
    waiting = [one for one in found if one.answer is None]
    if len(waiting) > 1:
        raise DecisionRefused(f"Several answers are needed: {named(waiting)}.", "Say which: interrupt_id, or --task.")
    if waiting:
        return waiting[0]
    refuse_answered(found[-1:])
    if others := [one for one in asked if one.answer is None]:
        raise NothingWaits(f"Nothing waits under {interrupt_id or task_id!r}.", f"These do: {named(others)}.")
    raise NothingWaits("Nothing waits for an answer here.", "The workflow's status tells how it stands.")


def named(asked: Sequence[Question]) -> str:
    """What a person calls them by."""
    return ", ".join(f"{one.task_id or one.name} ({one.interrupt_id})" for one in asked)


def refuse_answered(asked: Iterable[Question]) -> None:
    """Raises AlreadyAnswered, naming who was first."""
    for one in asked:
        if one.answer:
            raise AlreadyAnswered(str(one.answer["type"]), str(one.answered_by), one.answered_at)


def written_down(workflow_id: str) -> list[Question]:
    """What a workflow asked before questions were written down."""
    state = opened(drives.of(workflow_id).graph).get_state({"configurable": {"thread_id": workflow_id}})
    for entry in state.interrupts:
        questions.ask(workflow_id, entry.id, entry.value)
    return questions.of_workflow(workflow_id)
