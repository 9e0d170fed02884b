"""TodoList: the plan of a workflow. The same facts as `todo_schema.json`."""

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    field_validator,
)
from pydantic_core import PydanticCustomError

from schemas.base import Document, Integer, Timestamp, whole

TaskId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
Role = Literal["architect", "coder", "tester", "debugger", "optimizer"]
BranchReason = Literal[
    "test_failure",
    "spec_mismatch",
    "timeout",
    "implementation_bug",
    "missing_dependency",
    "flaky_test",
]


class TestCommand(Document):
    """One acceptance command."""

    __test__ = False

    cmd: Annotated[str, Field(min_length=1)]
    """Shell command, run in the sandbox from the root of the tree."""
    timeout_seconds: Annotated[int, Field(ge=1), BeforeValidator(whole)] = 60
    expected_exit_code: Integer = 0
    working_dir: str | None = None
    env: dict[str, str] = {}
    fixture: str | None = None


class Metrics(Document):
    """Bars that a result must reach. Other keys are kept."""

    model_config = ConfigDict(extra="allow")

    min_test_coverage: Annotated[float, Field(ge=0, le=100)] | None = None
    """Line coverage of the new code, in percent (a report's rate is 0–1)."""
    max_cyclomatic_complexity: Annotated[int, Field(ge=1), BeforeValidator(whole)] | None = None
    max_execution_time_ms: Annotated[int, Field(ge=1), BeforeValidator(whole)] | None = None


def _merged(value: object, validate: ValidatorFunctionWrapHandler) -> Metrics:
    """Prose documents show metrics as a list of objects: one object is meant."""
    parts = [validate(part) for part in value] if isinstance(value, list) else [validate(value)]
    given = [part.model_dump(exclude_unset=True) for part in parts]
    return Metrics.model_validate({name: bar for part in given for name, bar in part.items()})


class ValidationRule(Document):
    """A further check of a result."""

    type: Literal["schema", "lint", "type_check", "security_scan", "custom"]
    command: str | None = None
    expected_exit_code: Integer = 0


class AcceptanceCriteria(Document):
    """What must hold before a todo is done."""

    tests: Annotated[list[TestCommand], Field(min_length=1)]
    expected_artifacts: list[str] = []
    metrics: Annotated[Metrics, WrapValidator(_merged)] | None = None
    validation_rules: list[ValidationRule] = []


class TodoItem(Document):
    """One milestone that can be specified, built and tested by itself."""

    model_config = ConfigDict(validate_default=True)

    id: TaskId
    parent_id: TaskId | None = None
    """Set on a branch todo, which inherits what it leaves out."""
    title: Annotated[str, Field(min_length=5, max_length=200)]
    description: Annotated[str, Field(min_length=10)] | None = None
    agent_role: Role
    acceptance_criteria: AcceptanceCriteria | None = None
    priority: Annotated[int, Field(ge=1, le=10), BeforeValidator(whole)] | None = None
    """1 is first."""
    dependencies: list[TaskId] = []
    max_retries: Annotated[int, Field(ge=0, le=10), BeforeValidator(whole)] | None = None
    """Times the todo may be tried again after its first try."""
    timeout_seconds: Annotated[int, Field(ge=1), BeforeValidator(whole)] = 300
    """Seconds of work (waiting for a person not counted)."""
    expected_duration_seconds: Annotated[int, Field(ge=1), BeforeValidator(whole)] | None = None
    input_artifacts: list[str] = []
    output_artifacts: list[str] = []
    tags: list[str] = []
    branch_reason: BranchReason | None = None
    debug_instructions: str | None = None
    fixture_path: str | None = None
    is_temporary: bool = False
    max_debug_attempts: Annotated[int, Field(ge=1, le=10), BeforeValidator(whole)] = 3
    failure_routing: dict[str, Role] = {}
    """Failure class → role that mends it, in place of the usual route."""

    @field_validator("description", "acceptance_criteria", "priority", "max_retries")
    @classmethod
    def _needed_unless_branch(cls, value: object, info: ValidationInfo) -> object:
        if value is None and info.data.get("parent_id", "") is None:
            raise PydanticCustomError("missing", "is missing")
        return value


class TodoMetadata(Document):
    """Known keys of a list's metadata; others are kept."""

    model_config = ConfigDict(extra="allow")

    user_request: str | None = None
    repo_context: dict[str, Any] | None = None
    planner_version: str | None = None
    auto_fix_mode: bool | None = None
    max_branch_depth: Integer | None = None
    max_debug_attempts: Integer | None = None
    parent_workflow_id: str | None = None
    branch_trigger: str | None = None
    auto_generated: bool | None = None


class TodoList(Document):
    """A plan. Ids, dependencies and cycles are judged by `validate_contract`."""

    todo_list_id: Annotated[str, StringConstraints(pattern=r"^[a-zA-Z0-9_-]+$")]
    workflow_name: str
    created_at: Timestamp
    created_by: str | None = None
    metadata: TodoMetadata | None = None
    items: Annotated[list[TodoItem], Field(min_length=1)]
