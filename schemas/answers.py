"""What a model answers in each role. The schema sent to the model is made from these."""

from typing import Literal

from pydantic import ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from schemas.base import Document, Integer
from schemas.cases import Case
from schemas.contract import Contract
from schemas.todo import TodoItem

DiagnosedClass = Literal[
    "implementation_bug",
    "spec_mismatch",
    "missing_dependency",
    "timeout",
    "flaky_test",
    "weak_tests",
    "no_trades",
]
"""What the debugger's model may answer; the other classes are measured."""
FailureClass = DiagnosedClass | Literal["tampering", "merge_conflict", "infrastructure", "model_output", "budget"]


class FileAnswer(Document):
    """A text file."""

    path: str
    """Relative to the root of the tree, with forward slashes."""
    content: str
    """The whole file."""


class PlannedItem(TodoItem):
    """A todo of a plan; `priority`, `max_retries` and `timeout_seconds` may be left out."""

    @field_validator("description", "acceptance_criteria")
    @classmethod
    def _needed_unless_branch(cls, value: object, info: ValidationInfo) -> object:
        if value is None:
            raise PydanticCustomError("missing", "is missing")
        return value


class PlanAnswer(Document):
    """The planner's answer."""

    workflow_name: str
    kind: Literal["strategy", "general"]
    """`strategy` binds the plan to the four-step template."""
    items: list[PlannedItem]
    unreadable: str | None = None
    """The fragment of the request that cannot be read or done; then `items` may be empty."""


class ArchitectAnswer(Document):
    """The architect's answer."""

    contract: Contract
    tests: list[FileAnswer]
    """Acceptance tests (pytest), sealed before the coder starts."""
    fixtures: list[FileAnswer] = []
    """Data files that the tests read."""
    held_back: list[Case] = []
    """Cases that the coder never sees, with other inputs than the tests have."""
    documentation: str
    """Markdown for the people who will use the code."""


class CoderAnswer(Document):
    """The coder's answer."""

    files: list[FileAnswer]
    """Whole files, new or replaced: the implementation and its unit tests (`tests/unit/…`)."""
    notes: str = ""
    """What a reviewer should know."""


class RepairAnswer(Document):
    """The tester's answer to a timeout or a flaky test."""

    tests: list[FileAnswer] = []
    """Acceptance tests and fixtures, made deterministic or faster; empty when they are right."""
    timeout_seconds: Integer | None = None
    """A new limit for the acceptance commands, where the old one was too short for honest work."""
    hand_over: Literal["coder", "architect"] | None = None
    """Who must mend it, when the tests are right."""
    explanation: str


class DiagnosisAnswer(Document):
    """The debugger's answer."""

    failure_class: DiagnosedClass
    evidence: list[str] = []
    """Lines of the failure that settle it, word for word."""
    explanation: str
    """What went wrong, in a sentence or two."""
    instructions: str
    """What whoever mends it should do."""
