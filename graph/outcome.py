"""What a person or program gets to know of a workflow: the object that `--json` prints."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from graph import driver
from schemas.errors import BadInput
from schemas.todo import TodoList
from state import workflows
from state.developer import DeveloperState
from tools import ledger
from tools.artifacts import GitStore, branch_name, open_repository
from tools.events import recorded

RECORDS = {"diagnoses": "diagnosis.json", "diagnostics": "diagnostics.json", "failure_reports": "failure_report.json"}
"""Under each todo → the record of each of its branch todos."""


def outcome(workflow_id: str) -> dict[str, Any]:
    """Status, todos with their evidence, and cost; docs/cli.md names every field."""
    row = workflows.get(workflow_id)
    state = driver.values(row.workflow_id)
    store = open_repository(Path(state["repository"])) if state.get("repository") else None
    totals = ledger.totals(row.workflow_id)
    branch = branch_name(row.workflow_id, "release")
    found = todos(state, store)
    going = row.status in ("running", "waiting")
    return {
        "workflow_id": row.workflow_id,
        "status": row.status,
        "stop_reason": row.stop_reason,
        "reason": row.reason,
        "repo": state.get("repository"),
        "release_branch": branch if store and store.resolve(branch) else None,
        "todos": found if going else [halted(each) for each in found],
        "cost_usd": float(totals.cost_usd),
        "model_calls": totals.model_calls,
        "tokens": totals.input_tokens + totals.output_tokens,
        "seconds": round((row.updated_at - row.created_at).total_seconds(), 3),
    }


def todos(state: DeveloperState, store: GitStore | None) -> list[dict[str, Any]]:
    """Each todo of the plan, with its result if it has one; then those that put others together."""
    if not state.get("plan"):
        return alone(state, store)
    results, kept = state.get("results") or {}, state.get("kept") or {}
    titles = {item.id: item.title for item in TodoList.model_validate(state["plan"]).items}
    merges = {name: "Put todos together" for name in [*results, *kept] if name not in titles}
    found = {**titles, **merges}.items()
    return [todo(state, store, name, title, results.get(name) or unsettled(kept.get(name))) for name, title in found]


def halted(found: dict[str, Any]) -> dict[str, Any]:
    """A todo of a workflow that does not run: what it was at has stopped."""
    return found | ({"status": "stopped"} if found["status"] == "running" else {})


def alone(state: Mapping[str, Any], store: GitStore | None) -> list[dict[str, Any]]:
    """The todo that a role, or the todo graph, works on by itself."""
    item = state.get("todo")
    if not item or not state.get("workflow_id"):
        return []
    result = (state.get("results") or {}).get(item["id"]) or unsettled(state)
    return [todo(cast(DeveloperState, state), store, item["id"], item["title"], result)]


def unsettled(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What there is to show of a todo that waits for a person, or is open again."""
    if kept is None:
        return None
    branch_todos = [*kept.get("branch_todos", []), *([kept["branch"]] if kept.get("branch") else [])]
    facts = {"status": "waiting" if kept.get("asking") else "running", "stop_reason": None, "reason": ""}
    return {**facts, "commit": kept.get("head"), "attempts": kept.get("attempt", 0), "branch_todos": branch_todos}


def todo(
    state: DeveloperState, store: GitStore | None, task_id: str, title: str, result: Mapping[str, Any] | None
) -> dict[str, Any]:
    """One todo."""
    branch = branch_name(state["workflow_id"], task_id)
    tip = store.resolve(branch) if store else None
    return {
        "id": task_id,
        "title": title,
        "status": result["status"] if result else "running" if tip else "waiting",
        "stop_reason": result["stop_reason"] if result else None,
        "reason": result["reason"] if result else "",
        "branch": branch if tip else None,
        "commit": result["commit"] or None if result else tip,
        "attempts": result["attempts"] if result else 0,
        "test_report": record(store, tip, f".aidev/{task_id}/test_report.json"),
        "branch_todos": [dict(entry) for entry in result["branch_todos"]] if result else [],
    }


def record(store: GitStore | None, commit: str | None, path: str) -> Any:
    """A JSON record of a commit; None when there is none."""
    content = store.read(commit, path) if store and commit else None
    return json.loads(content) if content else None


def overview(limit: int = 20) -> list[dict[str, Any]]:
    """The newest workflows, newest first."""
    return [
        {
            "workflow_id": row.workflow_id,
            "status": row.status,
            "stop_reason": row.stop_reason,
            "reason": row.reason,
            "created_at": row.created_at.isoformat(),
            "request": row.input["request"],
        }
        for row in workflows.recent(limit)
    ]


def everything(workflow_id: str) -> dict[str, Any]:
    """All there is to show: plan, events, outcome, diagnoses, branches, cost by role and todo."""
    found = outcome(workflow_id)
    state = driver.values(found["workflow_id"])
    store = open_repository(Path(state["repository"])) if state.get("repository") else None
    for todo_found in found["todos"]:
        for key, name in RECORDS.items():
            todo_found[key] = [branch_record(state, store, entry["id"], name) for entry in todo_found["branch_todos"]]
    return {
        "plan": state.get("plan"),
        "events": [event.model_dump(mode="json") for event in recorded(found["workflow_id"])],
        "outcome": found,
        "branches": store.branches(found["workflow_id"]) if store else {},
        "cost_by_role": shown(ledger.by_role(found["workflow_id"])),
        "cost_by_task": shown(ledger.by_task(found["workflow_id"])),
    }


def branch_record(state: DeveloperState, store: GitStore | None, branch_id: str, name: str) -> Any:
    """What the debugger wrote last on a branch todo; None when there is none."""
    tip = store.resolve(branch_name(state["workflow_id"], branch_id)) if store else None
    return record(store, tip, f".aidev/{branch_id}/{name}")


def shown(totals: Mapping[str | None, ledger.Totals]) -> dict[str, dict[str, Any]]:
    """Totals as plain values."""
    return {
        name or "plan": {
            "model_calls": total.model_calls,
            "tokens": total.input_tokens + total.output_tokens,
            "cost_usd": float(total.cost_usd),
        }
        for name, total in totals.items()
    }


def changes(workflow_id: str, task_id: str | None) -> str:
    """The diff of a todo, or of the release or its candidate. Raises BadInput when there is none yet."""
    state = driver.values(workflow_id)
    results = state.get("results") or {}
    if not state.get("repository"):
        raise BadInput("Nothing has been made yet.", f"See how it stands: aidev status {workflow_id}")
    store = open_repository(Path(state["repository"]))
    if task_id is None:
        new = state.get("candidate")
    elif task_id in results:
        new = results[task_id]["commit"]
    else:
        new = store.resolve(branch_name(state["workflow_id"], task_id))
    if not new:
        known = ", ".join(item["id"] for item in state["plan"]["items"]) if state.get("plan") else "none"
        raise BadInput(f"There is no {task_id or 'release'} yet.", f"Todos: {known}.")
    return store.diff(before(state, task_id), new)


def before(state: DeveloperState, task_id: str | None) -> str:
    """The commit that a todo, or the release, started from."""
    items = {item["id"]: item for item in (state.get("plan") or {}).get("items", [])}
    needed = items.get(task_id or "", {}).get("dependencies", [])
    results = state.get("results") or {}
    return results[needed[0]]["commit"] if len(needed) == 1 and needed[0] in results else state["base"]
