"""The end of a workflow."""

from typing import Any

from schemas.events import EventType
from schemas.stops import WorkflowStop
from state import workflows
from state.developer import WorkflowStatus
from tools.events import emit


def ended(workflow_id: str, status: WorkflowStatus, stop: WorkflowStop, reason: str = "") -> dict[str, Any]:
    """Write down how a workflow ended and why, tell it, and give the state's change."""
    workflows.update(workflow_id, status, stop, reason)
    workflows.stop_clock(workflow_id)
    event: EventType = "workflow.completed" if status == "completed" else "workflow.failed"
    emit(event, workflow_id, "ending", status=status, stop_reason=stop, reason=reason)
    return {"status": status, "stop_reason": stop, "reason": reason}
