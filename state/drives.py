"""Who drives a workflow, by which graph: the server's keeper goes on with its own, a person with theirs."""

from dataclasses import dataclass
from typing import Literal

from state.database import pool

Driver = Literal["server", "cli"]


@dataclass(frozen=True)
class Drive:
    """One workflow and its driver."""

    workflow_id: str
    graph: str
    driver: Driver


def taken_over(workflow_id: str, graph: str, driver: Driver) -> None:
    """From now on it is this one's."""
    with pool().connection() as connection:
        connection.execute(
            """insert into drives (workflow_id, graph, driver) values (%s, %s, %s)
               on conflict (workflow_id) do update
               set graph = excluded.graph, driver = excluded.driver, since = now()""",
            [workflow_id, graph, driver],
        )


def of(workflow_id: str) -> Drive:
    """The drive; a workflow that nobody has driven yet is a person's."""
    with pool().connection() as connection:
        row = connection.execute(
            "select workflow_id, graph, driver from drives where workflow_id = %s", [workflow_id]
        ).fetchone()
    return Drive(**row) if row else Drive(workflow_id, "developer", "cli")


def unfinished(everything: bool) -> list[Drive]:
    """The server's workflows that should be going on, oldest first; with `everything`, those that wait too."""
    with pool().connection() as connection:
        rows = connection.execute(
            """select workflow_id, graph, driver from drives join workflows using (workflow_id)
               where driver = 'server' and (
                   status = 'running'
                   or status = 'waiting' and (%s or exists (
                       select from questions
                       where questions.workflow_id = drives.workflow_id and answer is not null and taken_at is null)))
               order by created_at""",
            [everything],
        )
        return [Drive(**row) for row in rows]
