"""One todo, or the release: its evidence, its files and its diff."""

from typing import Any

from fastapi import APIRouter, Request, Response

from graph import outcome
from schemas.errors import NotFound
from server import reading
from server.access.roles import Reader
from server.pages import diffs
from server.pages.evidence import branch_todos, grouped, pictures
from server.pages.failing import PageRoute
from server.pages.rendering import page

router = APIRouter(route_class=PageRoute, prefix="/app/workflows/{workflow_id}")
RELEASE = "release"
KINDS = {".png": "image/png"}
"""What a browser may show by itself; everything else is plain text."""


@router.get("/todos/{task_id}")
def todo(request: Request, workflow_id: str, task_id: str, _: Reader) -> Response:
    """The evidence."""
    found = reading.status(workflow_id)
    shown = the_todo(found, task_id)
    proof, files = evidence_of(found["workflow_id"], task_id)
    report = proof.get("test_report")
    values: dict[str, Any] = {
        "found": found,
        "todo": shown,
        "proof": proof,
        "report": report,
        "groups": grouped(report) if report else {},
        "gates": proof.get("build_report"),
        "branches": branch_todos(shown, proof),
        "files": files,
        "images": pictures(files),
        "files_at": f"/app/workflows/{found['workflow_id']}/files/{task_id}",
    }
    return page(request, "todo.html", section="", **values)


def the_todo(found: dict[str, Any], task_id: str) -> dict[str, Any]:
    """The todo, or the release as one. Raises NotFound."""
    if task_id == RELEASE:
        branch = found["release_branch"]
        facts = {"id": RELEASE, "title": "The release", "branch": branch, "commit": None, "attempts": 0}
        return {**facts, "status": "completed" if branch else "", "reason": "", "branch_todos": []}
    for one in found["todos"]:
        if one["id"] == task_id:
            return dict(one)
    raise NotFound(f"There is no todo {task_id}.", "Look at the workflow's todos.")


def evidence_of(workflow_id: str, task_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The records and the files; nothing of both before there is a branch."""
    try:
        return reading.evidence(workflow_id, task_id), reading.artifacts(workflow_id, task_id)["files"]
    except NotFound:
        return {}, []


@router.get("/diff/{task_id}")
def diff(request: Request, workflow_id: str, task_id: str, _: Reader) -> Response:
    """The changes, side by side."""
    found = reading.status(workflow_id)["workflow_id"]
    raw = outcome.changes(found, None if task_id == RELEASE else task_id)
    try:
        files = diffs.files(raw)
    except diffs.Unreadable:
        files = None
    return page(request, "diff.html", section="", workflow_id=found, task=task_id, files=files, raw=raw)


@router.get("/files/{task_id}/{path:path}")
def file(workflow_id: str, task_id: str, path: str, _: Reader) -> Response:
    """One file: a picture as such, everything else as text that nothing in the browser runs."""
    content = reading.artifact(workflow_id, task_id, path)
    kind = next((kind for end, kind in KINDS.items() if path.lower().endswith(end)), "text/plain; charset=utf-8")
    return Response(content, media_type=kind, headers={"X-Content-Type-Options": "nosniff"})
