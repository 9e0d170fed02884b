"""What a person chooses for a run. Resolved once at intake, then kept in the state."""

from typing import Annotated, Any, NotRequired

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
    webhook: NotRequired[str]
    """Told when the workflow waits or ends."""
    external: NotRequired[list[str]]
    """Ids of todos whose code comes from outside."""


class RunContext(TypedDict, total=False):
    """The run context: what an assistant of the server, or a caller, may set. Studio shows it as a form."""

    model: Annotated[
        str,
        Field(
            title="Model",
            description="gemini-…, offline, offline:faulty, script:FILE or provider:model; empty: the server's own",
            examples=["offline"],
            json_schema_extra={"langgraph_nodes": ["planner", "todo", "architect", "coder", "tester", "debugger"]},
        ),
    ]
    budget_usd: Annotated[
        float | None, Field(title="Budget in US dollars", description="For model calls; empty: no limit")
    ]
    budget_tokens: Annotated[
        int | None, Field(title="Budget in tokens", description="That models read and write; empty: no limit")
    ]
    budget_calls: Annotated[
        int | None, Field(title="Budget in model calls", description="Requests to models; empty: no limit")
    ]
    budget_seconds: Annotated[
        float | None,
        Field(title="Budget in seconds", description="Of work; waiting for a person is not counted; empty: no limit"),
    ]
    auto_approve: Annotated[
        bool,
        Field(
            title="Ask nobody",
            description="Approve the plan and the release, give up on escalations",
            json_schema_extra={"default": False, "langgraph_nodes": ["approve_plan", "approve_release", "todo"]},
        ),
    ]
    webhook: Annotated[
        str, Field(title="Webhook", description="URL that is told when the workflow waits or ends; empty: none")
    ]
    external: Annotated[
        list[str],
        Field(
            title="Work from outside",
            description="Ids of todos whose code comes from outside; empty: none",
            json_schema_extra={"default": []},
        ),
    ]


class Request(TypedDict, total=False):
    """What a workflow starts from: a request, or a todo list that is made already."""

    request: Annotated[
        str,
        Field(
            title="Request",
            description="What to build, in plain English",
            examples=["Buy when RSI(14) crosses above 30; sell when RSI rises above 70, with a 5% stop loss"],
        ),
    ]
    repo: Annotated[
        str | None,
        Field(title="Repository", description="Path of your git repository, on the server; empty: a new one is made"),
    ]
    todo_list: Annotated[
        dict[str, Any] | None,
        Field(
            title="Todo list",
            description="A todo list to work off instead of planning, as examples/sample_todo_list.json",
        ),
    ]
