"""What the API takes: plain bodies, as a person would type them."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from nodes.intake import LONGEST_REQUEST
from schemas.decision import DecisionType

REQUEST = "Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss"
Name = Annotated[str, Field(max_length=200)]


class Body(BaseModel):
    """A body that refuses what it does not know, and takes `true` for no number."""

    model_config = ConfigDict(extra="forbid", strict=True, use_attribute_docstrings=True)


class Budget(Body):
    """Caps; one that is left out is not set, or stays as it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"usd": 5, "calls": 200}]})

    usd: float | None = Field(default=None, ge=0, le=1e9)
    """US dollars for model calls."""
    tokens: int | None = Field(default=None, ge=0, le=10**15)
    calls: int | None = Field(default=None, ge=0, le=10**9)
    seconds: float | None = Field(default=None, ge=0, le=1e9)
    """Of work; waiting for a person is not counted."""


class Work(Body):
    """What every request for work may say."""

    repo: Annotated[str, Field(max_length=4096)] | None = None
    """Path of a git repository on the server; left out: a new one is made."""
    model: Name | None = None
    """As docs/cli.md has it; left out: MODEL_NAME of the server, else a Gemini where it has a key, else `offline`."""
    budget: Budget = Budget()
    webhook: Annotated[str, Field(max_length=2048)] | None = None
    """Told when the workflow waits, is done or has failed; docs/events.md."""


class PlanIn(Work):
    """A request to be planned."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"request": REQUEST, "model": "offline"}]})

    request: Annotated[str, Field(min_length=1, max_length=LONGEST_REQUEST)]
    """What to build, in plain English."""


class ExecuteIn(Work):
    """Work: exactly one of `request`, `todo_list` and `todo_list_id`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"todo_list_id": "workflow_sample_20251104_001"},
                {"request": REQUEST, "model": "offline", "budget": {"usd": 2}},
            ]
        }
    )

    request: Annotated[str, Field(max_length=LONGEST_REQUEST)] | None = None
    """What to build, in plain English."""
    todo_list: dict[str, Any] | None = None
    """A todo list, as in schemas/todo_schema.json."""
    todo_list_id: Name | None = None
    """The id of one that was planned or posted."""
    auto_approve: bool = False
    """Ask nobody but for money; for approvers."""
    external: list[Name] = []
    """Ids of todos whose code comes from outside: POST /orchestrator/task/{task_id}/result."""


class AnswerIn(Body):
    """A person's answer to what waits."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"decision": "approve"}, {"decision": "respond", "message": "Use a 10% stop loss instead"}]
        }
    )

    decision: DecisionType
    interrupt_id: Name | None = None
    """Which question, where several wait."""
    message: Annotated[str, Field(max_length=LONGEST_REQUEST)] = ""
    """The remark, hint or reason."""
    args: dict[str, Any] | None = None
    """What an edit changes: `todo_list`, `patch`, `test_is_wrong`, `new_cap`, `files`."""
    artifact_hash: Name | None = None
    """Of what you saw; an answer to anything else is refused."""


class OutsideFile(Body):
    """A text file."""

    path: Annotated[str, Field(min_length=1, max_length=1024)]
    content: str


class ResultIn(Body):
    """Work done outside: `files`, or a unified diff against the commit that the question names."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"files": [{"path": "textlib/counts.py", "content": "WORDS = {}\n"}]}]}
    )

    workflow_id: Name | None = None
    """Needed where todos of several workflows have this id."""
    files: list[OutsideFile] = []
    patch: str = ""
    notes: Annotated[str, Field(max_length=LONGEST_REQUEST)] = ""


class AgentTaskIn(Work):
    """A task for one role by itself: the planner takes a `request`, the others a `todo`."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"request": REQUEST, "model": "offline"}]})

    request: Annotated[str, Field(max_length=LONGEST_REQUEST)] | None = None
    todo: dict[str, Any] | None = None
    """A todo item, as in schemas/todo_schema.json."""
    commit: Name | None = None
    """The commit or branch of `repo` to work on; left out: HEAD."""


class CancelIn(Body):
    """Why, for those who look later."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "changed my mind"}]})

    reason: Annotated[str, Field(max_length=1000)] = ""
