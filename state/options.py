"""What a person chooses for a run. Resolved once at intake, then kept in the state."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict


class Options(TypedDict):
    """The choices of one workflow, as they stand in its state. Caps are raised in its row alone."""

    model: str
    budget_usd: float | None
    budget_tokens: int | None
    budget_calls: int | None
    budget_seconds: float | None
    auto_approve: bool


class RunContext(TypedDict, total=False):
    """The run context: what an assistant of the server, or a caller, may set."""

    model: Annotated[str, Field(description="gemini-…, offline, offline:faulty, script:FILE or provider:model")]
    budget_usd: Annotated[float | None, Field(description="US dollars for model calls; none: no limit")]
    budget_tokens: Annotated[int | None, Field(description="Tokens that models read and write; none: no limit")]
    budget_calls: Annotated[int | None, Field(description="Requests to models; none: no limit")]
    budget_seconds: Annotated[
        float | None, Field(description="Seconds of work, waiting for a person not counted; none: no limit")
    ]
    auto_approve: Annotated[
        bool, Field(description="Ask nobody: approve the plan and the release, give up on escalations")
    ]


class Request(TypedDict, total=False):
    """What a workflow starts from: a request, or a todo list that is made already."""

    request: Annotated[str, Field(description="What to build, in plain English")]
    repo: Annotated[str | None, Field(description="Path of your git repository; empty: a new one is made")]
    todo_list: Annotated[dict[str, Any] | None, Field(description="A todo list to work off instead of planning")]
