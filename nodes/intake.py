"""Takes a request in: everything that can be refused is refused here, before a model is asked."""

import uuid
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

from langgraph.config import get_config
from langgraph.runtime import Runtime

from nodes.merging import merge_id
from schemas.errors import BadInput, InvalidDocument, UnknownWorkflow, UnusableRepository
from schemas.todo import TodoItem, TodoList, TodoMetadata
from schemas.validation import inherit, order, parse_todo_list
from settings import settings
from state import questions, workflows
from state.developer import DeveloperState
from state.options import Options, Request, RunContext
from state.text import clean
from tools.artifacts import create_repository, open_repository
from tools.caps import amount, whole, workflow_caps
from tools.events import emit
from tools.models.load import check_model, default_model
from tools.webhooks import checked_webhook

BRANCHES = ("release", "candidate", "evidence")
"""Of a workflow, beside those of its todos."""
LONGEST_REQUEST = 20_000
"""Characters."""


def intake(state: DeveloperState, *, runtime: Runtime[RunContext]) -> dict[str, Any]:
    """Check the input and write the workflow down."""
    options = resolve(runtime.context or {})
    given = checked(state)
    check_external(options, given)
    thread = runtime.execution_info.thread_id if runtime.execution_info else None
    workflow_id = str(thread or uuid.uuid4())
    row = written_down(workflow_id, given, options)
    questions.withdraw(workflow_id)
    emit("workflow.started", workflow_id, "intake", request=given["request"], model=options["model"])
    start: dict[str, Any] = {
        "workflow_id": workflow_id,
        "created_at": moment(row),
        "options": options,
        "request": given["request"],
        "plan_round": 0,
        "status": "running",
    }
    if given.get("todo_list"):
        start |= {"plan": given["todo_list"], "todo_list": None}
    if given.get("repo"):
        start |= opened(Path(str(given["repo"])))
    return start


def resolve(context: RunContext) -> Options:
    """The person's choices, with the settings' defaults. Raises UnknownModel, BadInput."""
    model = context.get("model") or default_model()[0]
    if model.startswith("script:"):
        if not settings().script_models:
            raise BadInput("Scripted models are switched off here.", "Its operator decides: SCRIPT_MODELS.")
        model = f"script:{Path(model.removeprefix('script:')).expanduser().resolve()}"
    check_model(model)
    options: Options = {
        "model": model,
        "budget_usd": amount("budget_usd", "usd", context.get("budget_usd")),
        "budget_tokens": whole("budget_tokens", "tokens", context.get("budget_tokens")),
        "budget_calls": whole("budget_calls", "calls", context.get("budget_calls")),
        "budget_seconds": amount("budget_seconds", "seconds", context.get("budget_seconds")),
        "auto_approve": bool(context.get("auto_approve")),
    }
    if webhook := context.get("webhook"):
        options["webhook"] = checked_webhook(webhook)
    if external := context.get("external"):
        options["external"] = list(external)
    workflow_caps(options)
    return options


def checked(given: Request) -> Request:
    """The cleaned request. Raises BadInput, InvalidDocument, UnusableRepository."""
    request = clean(given.get("request") or "")
    todo_list = given.get("todo_list")
    if todo_list:
        plan = complete(todo_list)
        request = request or (plan["metadata"] or {}).get("user_request") or plan["workflow_name"]
        todo_list = plan
    check_request(request)
    if given.get("repo"):
        open_repository(allowed(Path(str(given["repo"]))))
    return {"request": request.strip(), "repo": given.get("repo"), "todo_list": todo_list}


def check_external(options: Options, given: Request) -> None:
    """Raises BadInput for work from outside on todos that the list that was given does not have."""
    plan = given.get("todo_list") or {"items": []}
    if (unknown := not_in(plan, options)) and plan["items"]:
        known = ", ".join(item["id"] for item in plan["items"])
        raise BadInput(f"external: the list has no todo {', '.join(unknown)}.", f"Its todos: {known}.")


def not_in(plan: Mapping[str, Any], options: Options) -> list[str]:
    """Ids of todos that are to come from outside and are not in the plan."""
    known = {item["id"] for item in plan["items"]}
    return [name for name in options.get("external", []) if name not in known]


def allowed(repo: Path) -> Path:
    """A folder that may be named. Raises UnusableRepository outside REPO_ROOTS."""
    roots = [Path(root).resolve() for root in settings().repo_roots.split(",") if root.strip()]
    if roots and not any(repo.resolve().is_relative_to(root) for root in roots):
        raise UnusableRepository(
            f"{repo} is outside the folders for repositories.", "Its operator decides: REPO_ROOTS."
        )
    return repo


def check_request(request: object) -> None:
    """Raises BadInput for what is no request."""
    if not isinstance(request, str) or not request.strip():
        raise BadInput("The request is empty.", "Say in plain English what to build.")
    if len(request) > LONGEST_REQUEST:
        raise BadInput(f"The request has {len(request)} characters; {LONGEST_REQUEST} are the most.", "Shorten it.")
    unprintable = sum(not (character.isprintable() or character.isspace()) for character in request)
    if unprintable or not any(character.isalpha() for character in request):
        raise BadInput("The request is not text.", "Say in plain English what to build.")


def complete(document: object) -> dict[str, Any]:
    """A todo list as plain JSON; branch todos get what they inherit and wait for their parents. Raises BadInput."""
    plan = parse_todo_list(document)
    if faults := name_faults(plan):
        raise InvalidDocument("The todo list", faults, "Give these todos other ids.")
    metadata = plan.metadata or TodoMetadata()
    done: dict[str, TodoItem] = {}
    by_id = {item.id: item for item in plan.items}
    for task_id in order(plan):
        item = by_id[task_id]
        if item.parent_id:
            item = inherit(item, done[item.parent_id])
            item.dependencies = list(dict.fromkeys([*item.dependencies, str(item.parent_id)]))
        done[task_id] = limited(item, metadata)
    items = [done[item.id] for item in plan.items]
    return plan.model_copy(update={"items": items}).model_dump(mode="json")


def name_faults(plan: TodoList) -> list[str]:
    """Ids that stand for something else among the branches of a workflow."""
    return [
        f"items[{place}].id: {item.id} is the name of another branch"
        for place, item in enumerate(plan.items)
        if item.id in BRANCHES or item.id.endswith(merge_id(""))
    ]


def limited(item: TodoItem, metadata: TodoMetadata) -> TodoItem:
    """With what the list says of all its todos; `auto_fix_mode` false: a failure goes to the person at once."""
    if metadata.max_debug_attempts and "max_debug_attempts" not in item.model_fields_set:
        item.max_debug_attempts = min(10, max(1, metadata.max_debug_attempts))
    if metadata.auto_fix_mode is False:
        item.max_retries = 0
    return item


def written_down(workflow_id: str, given: Request, options: Options) -> workflows.Workflow:
    """The workflow's row; found when it was written down before the graph started."""
    try:
        return workflows.get(workflow_id)
    except UnknownWorkflow:
        return workflows.create(workflow_id, given, options)


def moment(row: workflows.Workflow) -> str:
    """When the workflow began; the date of all its commits."""
    return row.created_at.astimezone(UTC).replace(microsecond=0).isoformat()


def opened(path: Path) -> dict[str, Any]:
    """The person's repository and the commit that work starts from."""
    store = open_repository(path)
    return {"repository": str(store.path), "base": store.base()}


def made(workflow_id: str, request: str, created_at: str) -> dict[str, Any]:
    """A new repository for a workflow; the same when met again."""
    store = create_repository(settings().aidev_home / "repositories" / workflow_id, request, created_at)
    return {"repository": str(store.path), "base": store.base()}


def open_workflow(request: str, repo: str | None, context: RunContext) -> dict[str, Any]:
    """A workflow for a role or todo that is started by itself."""
    given: Request = {"request": request, "repo": repo}
    options = resolve(context)
    thread = get_config().get("configurable", {}).get("thread_id")
    row = written_down(str(thread or uuid.uuid4()), checked(given), options)
    created_at = moment(row)
    place = opened(Path(repo)) if repo else made(row.workflow_id, request, created_at)
    return {"workflow_id": row.workflow_id, "created_at": created_at, "options": options, "request": request, **place}
