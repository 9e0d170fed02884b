"""What people and programs get to know of workflows; the API and the page both read here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from graph import driver
from graph.outcome import RECORDS, branch_record, changes, outcome, record
from schemas.errors import BadInput, NotFound
from state import drives, questions, workflows
from state.database import pool
from state.developer import DeveloperState
from tools.artifacts import GitStore, branch_name, open_repository
from tools.caps import UNITS

RELEASE = "release"
_OPEN = """
    select count(*) from questions where questions.workflow_id = workflows.workflow_id and answer is null
    and workflows.status in ('running', 'waiting')"""
_LIST = f"""
    select workflow_id, coalesce(graph, 'developer') as graph, input->>'request' as request, status, stop_reason,
           reason, options->>'model' as model, created_at, updated_at, ({_OPEN}) as questions,
           (select coalesce(sum(cost_usd), 0)::float from model_calls
            where model_calls.workflow_id = workflows.workflow_id) as cost_usd
    from workflows left join drives using (workflow_id)
    where (%(status)s::text is null or status = %(status)s)
          and (%(search)s::text is null or input->>'request' ilike %(search)s or workflow_id like %(prefix)s)
          and (%(before)s::timestamptz is null or created_at < %(before)s)
    order by created_at desc limit %(limit)s"""  # noqa: S608


def overview(
    search: str | None = None, status: str | None = None, limit: int = 50, cursor: str | None = None
) -> dict[str, Any]:
    """Workflows, newest first: those whose request holds the words, or whose id begins so. Raises BadInput."""
    given = {
        "status": status,
        "search": f"%{escaped(search)}%" if search else None,
        "prefix": f"{escaped(search or '')}%",
        "before": moment(cursor),
        "limit": limit + 1,
    }
    with pool().connection() as connection:
        rows = connection.execute(_LIST, given).fetchall()
    more = len(rows) > limit
    return {"items": rows[:limit], "next": cursor_at(rows[limit - 1]["created_at"]) if more else None}


def escaped(words: str) -> str:
    """For a pattern of `like`."""
    return words.replace("\0", "").replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def cursor_at(moment: datetime) -> str:
    """What `next` says of the last entry of a page: safe in a URL as it is."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def moment(cursor: str | None) -> datetime | None:
    """Where a page begins. Raises BadInput."""
    if not cursor:
        return None
    try:
        found = datetime.fromisoformat(cursor)
    except ValueError as error:
        raise BadInput("The cursor is not one of ours.", "Give `next` of the page before.") from error
    if found.tzinfo is None:
        raise BadInput("The cursor is not one of ours.", "Give `next` of the page before.")
    return found


def status(workflow_id: str) -> dict[str, Any]:
    """How a workflow stands, what waits, and what was answered. Raises UnknownWorkflow."""
    row = workflows.get(workflow_id)
    found, options = outcome(row.workflow_id), row.options
    asked = questions.of_workflow(row.workflow_id)
    going = row.status in ("running", "waiting")
    return {
        **found,
        "graph": drives.of(row.workflow_id).graph,
        "request": row.input["request"],
        "model": options["model"],
        "budget": {kind: options.get(f"budget_{kind}") for kind in UNITS},
        "seconds": round(row.worked_seconds, 3),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "plan": driver.values(row.workflow_id).get("plan"),
        "questions": [question(one) for one in asked if one.answer is None and going],
        "approvals": [approval(one) for one in asked if one.answer is not None],
    }


def question(asked: questions.Question) -> dict[str, Any]:
    """One that waits."""
    names = ("interrupt_id", "name", "task_id", "asked_at", "payload")
    return {name: getattr(asked, name) for name in names}


def approval(asked: questions.Question) -> dict[str, Any]:
    """One that was answered."""
    answer = asked.answer or {}
    edited = answer.get("args") or {}
    short = [f"{name.replace('_', ' ')}: {edited[name]}" for name in ("new_cap", "test_is_wrong") if name in edited]
    facts = {"decision": answer.get("type"), "message": answer.get("message") or ", ".join(short)}
    who = {"by": asked.answered_by, "at": asked.answered_at}
    return {"interrupt_id": asked.interrupt_id, "name": asked.name, "task_id": asked.task_id, **facts, **who}


def place(workflow_id: str, task_id: str) -> tuple[GitStore, str, str]:
    """The repository, the branch and its commit, of a todo or the release. Raises UnknownWorkflow, NotFound."""
    state = driver.values(workflow_id)
    if not state.get("repository"):
        raise missing(task_id, state)
    store = open_repository(Path(state["repository"]))
    names = [task_id] if task_id != RELEASE else ["evidence", "candidate"]
    try:
        found = [(branch_name(state["workflow_id"], name), name) for name in names]
    except BadInput as error:
        raise NotFound(f"There is no todo {task_id!r}.", todos_of(state)) from error
    for branch, _ in found:
        if commit := store.resolve(branch):
            return store, branch, commit
    raise missing(task_id, state)


def missing(task_id: str, state: DeveloperState) -> NotFound:
    """Why there is no branch."""
    if task_id == RELEASE:
        return NotFound("There is no release yet.", f"What a todo has made: task=ID. {todos_of(state)}")
    if task_id in ids_of(state):
        return NotFound(f"Nothing has been made of {task_id} yet.", "The workflow's status tells when there is.")
    return NotFound(f"There is no todo {task_id!r}.", todos_of(state))


def todos_of(state: DeveloperState) -> str:
    """Their ids, as a hint."""
    return f"Todos: {', '.join(ids_of(state)) or 'none yet'}."


def ids_of(state: DeveloperState) -> list[str]:
    """Of the plan's todos, or of the one that a role works on by itself."""
    alone = cast(Mapping[str, Any], state).get("todo")
    return [item["id"] for item in (state.get("plan") or {}).get("items", [alone] if alone else [])]


def evidence(workflow_id: str, task_id: str) -> dict[str, Any]:
    """All records of a todo, or of the release. Raises UnknownWorkflow, NotFound."""
    store, _, commit = place(workflow_id, task_id)
    state = driver.values(workflow_id)
    names = {"contract": "contract.json", "red": "red.json", "mutants": "survivors.json", "runs": "runs.json"}
    names |= {"test_report": "test_report.json", "build_report": "build_report.json", "sealed": "sealed.json"}
    names |= {"held_back": "disagreeing.json"}
    found = {key: record(store, commit, f".aidev/{task_id}/{name}") for key, name in names.items()}
    log = store.read(commit, f".aidev/{task_id}/log.txt")
    opened = [branch.rpartition("/")[2] for branch in store.branches(state["workflow_id"])]
    branches = sorted(name for name in opened if name.startswith(f"{task_id}_branch_"))
    records = {key: [branch_record(state, store, each, name) for each in branches] for key, name in RECORDS.items()}
    return {**found, "log": log.decode("utf-8", "replace") if log else None, "branch_todos": branches, **records}


def diff(workflow_id: str, task_id: str = RELEASE) -> str:
    """What a todo, or the release, changed. Raises UnknownWorkflow, NotFound."""
    place(workflow_id, task_id)
    return changes(workflow_id, None if task_id == RELEASE else task_id)


def artifacts(workflow_id: str, task_id: str = RELEASE) -> dict[str, Any]:
    """The files of a todo's branch, or of the release with its evidence. Raises UnknownWorkflow, NotFound."""
    store, branch, commit = place(workflow_id, task_id)
    return {"branch": branch, "commit": commit, "files": store.sizes(commit)}


def artifact(workflow_id: str, task_id: str, path: str) -> bytes:
    """One of these files. Raises UnknownWorkflow, NotFound."""
    store, branch, commit = place(workflow_id, task_id)
    content = store.read(commit, path) if path and "\0" not in path else None
    if content is None:
        raise NotFound(f"{branch} has no file {path!r}.", "The list of artifacts names the files.")
    return content
