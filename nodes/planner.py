"""The planner: from a request, or a person's remark, to a validated todo list."""

import json
from pathlib import Path
from typing import Any

from nodes.ending import ended
from nodes.intake import name_faults
from prompts import render
from schemas.answers import PlanAnswer
from schemas.errors import BudgetExceeded, ModelOutputError, UnreadableRequest
from schemas.todo import TodoItem, TodoList, TodoMetadata
from schemas.validation import todo_problems
from settings import settings
from state.developer import DeveloperState
from tools.artifacts import open_repository
from tools.events import emit
from tools.models.ask import CallSite, ask
from tools.plan.faults import plan_faults
from tools.steps import working

VERSION = "1"
WAY_OUT = (
    'The offline model reads strategies such as "Buy when RSI(14) crosses above 30; sell when RSI rises above 70, '
    'with a 5% stop loss". A Gemini model takes any Python task: set GOOGLE_API_KEY.'
)


def planner(state: DeveloperState) -> dict[str, Any]:
    """Plan, or plan again after a remark."""
    number = state["plan_round"] + 1
    with working("planner", state["workflow_id"], f"planner/{number}", number):
        return planned(state, number)


def planned(state: DeveloperState, number: int) -> dict[str, Any]:
    """The plan, or why there is none."""
    emit("task.progress", state["workflow_id"], "planner", step=str(number), stage="planner")
    try:
        answer = ask_planner(state, number)
    except BudgetExceeded as error:
        return {"over_budget": error.message}
    if answer.unreadable:
        return not_readable(state, answer.unreadable)
    plan = todo_list(state, number, answer)
    emit("artifact.created", state["workflow_id"], "planner", step=str(number), todo_list_id=plan.todo_list_id)
    return {
        "plan": plan.model_dump(mode="json", exclude_none=True),
        "plan_round": number,
        "remark": "",
        "plan_problem": "",
        "over_budget": "",
    }


def ask_planner(state: DeveloperState, number: int) -> PlanAnswer:
    """The model's answer, asked again until it is a valid plan."""
    prompt = render(
        "planner",
        request=state["request"],
        remark=state.get("remark", ""),
        previous_plan=json.dumps(state["plan"], indent=2) if state.get("plan") else "",
        repository="\n".join(files(state)[:300]),
    )
    options = state["options"]
    site = CallSite(state["workflow_id"], None, number, f"planner/{number}", options["model"])
    return ask("planner", PlanAnswer, prompt, site, lambda answer: check(state, number, answer))


def files(state: DeveloperState) -> list[str]:
    """Paths of the repository that the person gave."""
    return open_repository(Path(state["repository"])).files(state["base"]) if state.get("base") else []


def not_readable(state: DeveloperState, fragment: str) -> dict[str, Any]:
    """Back to the person with the old plan; without one, the request is refused."""
    if state.get("plan"):
        return {"plan_problem": f"Cannot follow: {fragment}", "remark": ""}
    ended(state["workflow_id"], "failed", "unreadable_request", f"unreadable request: {fragment}")
    raise UnreadableRequest(f"Cannot read “{fragment}”.", WAY_OUT)


def check(state: DeveloperState, number: int, answer: PlanAnswer) -> None:
    """Raises ModelOutputError with everything that is wrong with the plan."""
    if answer.unreadable:
        return
    try:
        plan = todo_list(state, number, answer)
    except ValueError as error:
        raise ModelOutputError(str(error)) from error
    problems = todo_problems(plan.model_dump(mode="json", exclude_none=True)) + name_faults(plan)
    if problems := problems or plan_faults(plan, files(state), answer.kind):
        raise ModelOutputError("\n".join(problems))


def todo_list(state: DeveloperState, number: int, answer: PlanAnswer) -> TodoList:
    """The list, with what the settings give where the model gave nothing."""
    defaults = {"max_retries": settings().max_retries, "timeout_seconds": settings().task_timeout}
    items = [
        TodoItem.model_validate(
            {**defaults, "priority": min(place, 10), **item.model_dump(exclude_unset=True, exclude_none=True)}
        )
        for place, item in enumerate(answer.items, 1)
    ]
    return TodoList.model_validate(
        {
            "todo_list_id": f"plan_{state['workflow_id'][:8]}_{number}",
            "workflow_name": answer.workflow_name,
            "created_at": state["created_at"],
            "created_by": "planner",
            "metadata": TodoMetadata(user_request=state["request"], planner_version=VERSION),
            "items": items,
        }
    )
