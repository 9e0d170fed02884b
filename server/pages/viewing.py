"""What the page of a workflow shows, gathered once."""

from collections.abc import Mapping
from typing import Any, get_args

from graph.board import STAGES, Row
from graph.outcome import shown
from graph.wording import duration, money
from schemas.events import EventType
from server import reading
from server.pages import decisions, feed
from server.pages.picture import picture
from server.pages.rendering import SIGNS, tone
from tools import ledger
from tools.events import after

TITLES = {
    "approve_plan": "Approve the plan",
    "approve_release": "Approve the release",
    "escalation": "Not mended",
    "surroundings": "The surroundings failed",
    "approve_contract": "A contract changes",
    "raise_budget": "The budget is used up",
    "task_result": "Work from outside",
}
OVER = ("completed", "rejected")
"""Nothing comes after these."""
EVENTS = 100_000
"""Of one workflow, at most, that a page is told from."""


def view(workflow_id: str) -> dict[str, Any]:
    """Every value that the templates of a workflow name. Raises UnknownWorkflow."""
    found = reading.status(workflow_id)
    numbered = after(found["workflow_id"], 0, EVENTS)
    events = [event for _, event in numbered]
    rows = feed.board_of(events).rows
    plan = (found["plan"] or {}).get("items", [])
    titled = {item["id"]: rows.get(item["id"]) or Row(item["id"]) for item in plan}
    for item in plan:
        titled[item["id"]].title = item["title"]
    needs = {item["id"]: [*item.get("dependencies", []), *filter(None, [item.get("parent_id")])] for item in plan}
    return {
        "section": "",
        "form": {},
        "found": found,
        "picture": picture(needs, titled),
        "todos": [(todo, rows.get(todo["id"]) or Row(todo["id"])) for todo in found["todos"]],
        "feed": feed.newest(events),
        "events_total": len(events),
        "cursor": numbered[-1][0] if numbered else 0,
        "event_types": get_args(EventType),
        "by_role": shown(ledger.by_role(found["workflow_id"])),
        "by_task": shown(ledger.by_task(found["workflow_id"])),
        "spending": spending(found),
        "sentence": sentence(found),
        "over": found["status"] in OVER,
        "can_resume": found["status"] == "cancelled" or found["stop_reason"] == "error",
        "can_cancel": found["status"] in ("running", "waiting"),
        "has_release": bool(found["release_branch"]) or asks_release(found),
        **WORDING,
    }


def asks_release(found: Mapping[str, Any]) -> bool:
    """Whether a merged tree waits for approval."""
    return any(question["name"] == "approve_release" for question in found["questions"])


def sentence(found: Mapping[str, Any]) -> str:
    """How it stands in a few words; read out when it changes."""
    done = sum(todo["status"] == "done" for todo in found["todos"])
    progress = f"{done} of {len(found['todos'])} todos done" if found["todos"] else ""
    asked = [TITLES.get(one["name"], one["name"]) for one in found["questions"]]
    waits = f"waits for you: {', '.join(sorted(set(asked)))}" if asked else ""
    stopped = (found["stop_reason"] or "").replace("_", " ") if found["status"] not in ("completed", "running") else ""
    return " · ".join(filter(None, [progress, waits, stopped])) or ("planning" if found["status"] == "running" else "")


def spending(found: Mapping[str, Any]) -> list[tuple[str, str, str, float | None]]:
    """Name, used, cap and the share of it that is used; no cap: "" and None."""
    caps = found["budget"]
    used = {"usd": found["cost_usd"], "tokens": found["tokens"], "calls": found["model_calls"]}
    used["seconds"] = found["seconds"]
    kinds = {"usd": ("Cost", money), "tokens": ("Tokens", thousands), "calls": ("Model calls", thousands)}
    kinds["seconds"] = ("Time worked", duration)
    return [
        (name, say(used[kind]), *((say(caps[kind]), share(used[kind], caps[kind])) if caps.get(kind) else ("", None)))
        for kind, (name, say) in kinds.items()
    ]


def thousands(number: float) -> str:
    """E.g. `12,345`."""
    return f"{round(number):,}"


def share(used: float, cap: float) -> float:
    """0–1."""
    return min(1.0, used / cap)


def stage(row: Row) -> str:
    """What a todo is at."""
    if row.state == "asking":
        return "your answer"
    return (row.stage or "starts") if row.state == "running" else row.status.replace("_", " ")


def figures(row: Row) -> str:
    """Try, time and cost of a todo, short."""
    seconds = duration(row.seconds(row.ended)) if row.started and row.ended else ""
    attempt = f"try {row.attempt}" if row.attempt > 1 else ""
    return " · ".join(filter(None, [attempt, row.tests, seconds, money(row.cost_usd) if row.cost_usd else ""]))


def track(row: Row) -> list[str]:
    """Each stage of a todo: passed, at work or to come."""
    if row.state == "done":
        return ["passed"] * len(STAGES)
    at = STAGES.index(row.stage) if row.state == "running" and row.stage in STAGES else -1
    return ["passed" if place < at else "now" if place == at else "later" for place in range(len(STAGES))]


def row_tone(row: Row) -> str:
    """How a todo is coloured."""
    plain = {"running": "busy", "asking": "warn", "waiting": "quiet"}
    return plain.get(row.state) or tone(row.status)


def row_sign(row: Row) -> str:
    """The sign beside the colour."""
    return "?" if row.state == "asking" else SIGNS[row_tone(row)]


WORDING: dict[str, Any] = {
    "titles": TITLES,
    "stage": stage,
    "figures": figures,
    "track": track,
    "row_tone": row_tone,
    "row_sign": row_sign,
    "files": decisions.FILES,
}
"""What the templates call."""
