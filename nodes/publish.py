"""Publishes: the release branch, the evidence branch beside it, and the end of the workflow."""

from pathlib import Path
from typing import Any

from nodes.ending import ended
from state.developer import DeveloperState
from tools.artifacts import branch_name, open_repository
from tools.events import emit


def publish(state: DeveloperState) -> dict[str, Any]:
    """The candidate becomes the release."""
    store, workflow_id = open_repository(Path(state["repository"])), state["workflow_id"]
    store.point(branch_name(workflow_id, "release"), state["candidate"])
    store.point(branch_name(workflow_id, "evidence"), state["candidate_evidence"])
    store.point(branch_name(workflow_id, "candidate"), None)
    branch = branch_name(workflow_id, "release")
    emit("artifact.validated", workflow_id, "publish", branch=branch, commit=state["candidate"])
    return ended(workflow_id, "completed", "completed", "all todos done")
