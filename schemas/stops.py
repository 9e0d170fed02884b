"""Why a todo or a workflow ended: one word each, the same everywhere."""

from typing import Literal

TodoStop = Literal[
    "passed",
    "attempts",
    "repetition",
    "no_progress",
    "time",
    "branch_time",
    "depth",
    "ceiling",
    "infrastructure",
    "model_output",
    "budget",
    "tampering",
    "skipped",
    "stopped",
    "blocked",
    "dependencies",
    "reopened",
]
"""docs/failures.md says what each means."""
WorkflowStop = Literal[
    "completed",
    "planned",
    "plan_rejected",
    "release_rejected",
    "unreadable_request",
    "todos_failed",
    "todos_blocked",
    "stopped",
    "tampering",
    "budget",
    "merge_conflict",
    "release_failed",
    "error",
    "cancelled",
]
