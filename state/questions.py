"""What people were asked and who answered: the first answer stays, whoever else comes is told."""

import getpass
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg.types.json import Jsonb

from schemas.errors import AlreadyAnswered, NothingWaits
from state.database import Connection, pool
from state.text import clean

_COLUMNS: LiteralString = """
    workflow_id, interrupt_id, name, task_id, payload, asked_at, answer, answered_by, answered_at, taken_at """


@dataclass(frozen=True)
class Question:
    """One interrupt that asked a person."""

    workflow_id: str
    interrupt_id: str
    name: str
    task_id: str | None
    payload: dict[str, Any]
    asked_at: datetime
    answer: dict[str, Any] | None
    answered_by: str | None
    answered_at: datetime | None
    taken_at: datetime | None
    """When the workflow went on with the answer."""


def ask(workflow_id: str, interrupt_id: str, payload: Mapping[str, Any]) -> bool:
    """Write a question down, or renew what may have changed of it when it is asked again; whether it is still open."""
    values = {
        "workflow_id": workflow_id,
        "interrupt_id": interrupt_id,
        "name": payload["action_requests"][0]["name"],
        "task_id": payload.get("task_id"),
        "payload": Jsonb(clean(payload)),
    }
    with pool().connection() as connection:
        row = connection.execute(
            """insert into questions (workflow_id, interrupt_id, name, task_id, payload)
               values (%(workflow_id)s, %(interrupt_id)s, %(name)s, %(task_id)s, %(payload)s)
               on conflict (workflow_id, interrupt_id) do update set payload = excluded.payload
               returning answer is null as open""",
            values,
        ).fetchone()
    return row is not None and bool(row["open"])


def claim(connection: Connection, asked: Question, answer: Mapping[str, Any], by: str) -> None:
    """Write the first answer down; the workflow is no longer waiting when nothing else is open.

    For a transaction of the caller's. Raises AlreadyAnswered for a second one, NothingWaits when nothing asks any more.
    """
    before = _locked(connection, asked.workflow_id, asked.interrupt_id)
    if before is None:
        raise NothingWaits("Nothing waits for an answer here.", "Look at the workflow again.")
    if before.answer is not None:
        raise AlreadyAnswered(str(before.answer["type"]), str(before.answered_by), before.answered_at)
    connection.execute(
        """update questions set answer = %s, answered_by = %s, answered_at = now()
           where workflow_id = %s and interrupt_id = %s""",
        [Jsonb(clean(answer)), by, asked.workflow_id, asked.interrupt_id],
    )
    connection.execute(
        """update workflows set status = 'running', updated_at = now()
           where workflow_id = %(workflow_id)s and status = 'waiting' and not exists (
               select from questions where workflow_id = %(workflow_id)s and answer is null)""",
        {"workflow_id": asked.workflow_id},
    )


def take(workflow_id: str, interrupt_id: str, answer: Mapping[str, Any], by: str) -> str:
    """The workflow goes on with an answer; who gave it. One that was not claimed before is `by`'s."""
    with pool().connection() as connection:
        row = connection.execute(
            """update questions
               set answer = coalesce(answer, %(answer)s), answered_by = coalesce(answered_by, %(by)s),
                   answered_at = coalesce(answered_at, now()), taken_at = coalesce(taken_at, now())
               where workflow_id = %(workflow_id)s and interrupt_id = %(interrupt_id)s returning answered_by""",
            {
                "answer": Jsonb(clean(answer)),
                "by": by,
                "workflow_id": workflow_id,
                "interrupt_id": interrupt_id,
            },
        ).fetchone()
    return str(row["answered_by"]) if row else by


def withdraw(workflow_id: str, but: Iterable[str] = ()) -> None:
    """Nobody needs to answer what is still open, `but` these interrupts: the workflow went another way."""
    with pool().connection() as connection:
        connection.execute(
            "delete from questions where workflow_id = %s and answer is null and interrupt_id <> all(%s)",
            [workflow_id, list(but)],
        )


def of_workflow(workflow_id: str) -> list[Question]:
    """All of them, oldest first."""
    return _select("where workflow_id = %s order by asked_at, interrupt_id", workflow_id)


def open_of(workflow_id: str) -> list[Question]:
    """Those that nobody has answered."""
    return [question for question in of_workflow(workflow_id) if question.answer is None]


def waiting_for_task(task_id: str, name: str) -> list[Question]:
    """Open questions of this name about todos with this id, in all workflows that have not ended."""
    return _select(
        """where task_id = %s and name = %s and answer is null and workflow_id in
               (select workflow_id from workflows where status in ('running', 'waiting'))""",
        task_id,
        name,
    )


def this_person() -> str:
    """Who answers at this machine's terminal."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "local"


def _locked(connection: Connection, workflow_id: str, interrupt_id: str) -> Question | None:
    row = connection.execute(
        f"select {_COLUMNS} from questions where workflow_id = %s and interrupt_id = %s for update",  # noqa: S608
        [workflow_id, interrupt_id],
    ).fetchone()
    return Question(**row) if row else None


def _select(condition: LiteralString, *values: str) -> list[Question]:
    with pool().connection() as connection:
        rows = connection.execute(f"select {_COLUMNS} from questions {condition}", values)  # noqa: S608
        return [Question(**row) for row in rows]
