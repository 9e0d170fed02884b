"""The one way to a model: asked once per step, within the budget, until the answer is valid."""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableSequence
from pydantic import BaseModel

from schemas.errors import BudgetExceeded, ModelOutputError, ScriptExhausted
from settings import settings
from state.text import fence
from tools import ledger
from tools.events import emit
from tools.ledger import ModelCall
from tools.models.call import GARBLED, call
from tools.models.load import load_model
from tools.models.local import LocalModel
from tools.models.parse import parse

T = TypeVar("T", bound=BaseModel)
_models: dict[tuple[str, str], BaseChatModel] = {}
_loading = threading.Lock()


@dataclass(frozen=True)
class CallSite:
    """Which step of which workflow asks."""

    workflow_id: str
    task_id: str | None
    attempt: int
    """1 is the first try of a todo."""
    step: str
    model: str
    budget_usd: float | None


def ask(role: str, answer: type[T], prompt: str, site: CallSite, check: Callable[[T], None] | None = None) -> T:
    """A valid answer; an invalid one is asked again with the reason.

    `check` raises ValueError or ModelOutputError for an answer that cannot be used. Raises ModelOutputError after
    `ANSWER_TRIES`, ModelUnavailable, UnknownModel, BudgetExceeded, ScriptExhausted.
    """
    reasons: list[str] = []
    for number in range(1, settings().answer_tries + 1):
        text = (
            f"{prompt}\n\n{fence('refused', reasons[-1])}\nMend this and answer the whole again." if reasons else prompt
        )
        try:
            message = answered(role, answer, text, site, number)
        except ScriptExhausted as error:
            error.hint = f"The answer before was refused: {reasons[-1]}" if reasons else error.hint
            raise
        try:
            found = parse(message, answer)
            if check:
                check(found)
            return found
        except (ModelOutputError, ValueError) as error:
            reasons.append(str(error))
    earlier = [f"Try {number}: {reason}" for number, reason in enumerate(reasons[:-1], 1)]
    raise ModelOutputError(
        "\n".join([f"The {role} gave no usable answer in {len(reasons)} tries: {reasons[-1]}", *earlier])
    )


def answered(role: str, answer: type[BaseModel], prompt: str, site: CallSite, number: int) -> AIMessage:
    """The raw answer: from the ledger if this call was made before."""
    key = call_key(role, prompt, site, number)
    if found := ledger.find(key):
        return found
    within_budget(site)

    def tell(result: AIMessage | Exception, seconds: float) -> None:
        announce(entry(role, key, site, result, seconds))

    model = model_of(site)
    asked = bound(model, answer)
    garbled = () if isinstance(model, LocalModel) else GARBLED
    facts = {"role": role, "task_id": site.task_id, "attempt": site.attempt, "workflow_id": site.workflow_id}
    message = call(lambda: asked.invoke(prompt, config={"metadata": facts}), tell, garbled)
    return ledger.find(key) or message


def bound(model: BaseChatModel, answer: type[BaseModel]) -> Runnable[Any, AIMessage]:
    """The model, told the answer's schema; without LangChain's parser, which mends broken JSON a minute per 80 kB."""
    asked = cast(RunnableSequence[Any, Any], model.with_structured_output(answer, method="json_schema"))
    return asked.first


def call_key(role: str, prompt: str, site: CallSite, number: int) -> str:
    """The same for the same question at the same step."""
    parts = (site.workflow_id, site.step, role, str(number), prompt)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def entry(role: str, key: str, site: CallSite, result: AIMessage | Exception, seconds: float) -> ModelCall:
    """The ledger's line; error texts are named by their kind alone, since they may quote a prompt or a key."""
    message = result if isinstance(result, AIMessage) else None
    error = None if message else type(result).__name__
    used = message.response_metadata.get("script_entry") if message else getattr(result, "script_entry", None)
    return ModelCall(key, site.workflow_id, site.task_id, role, site.attempt, site.model, seconds, message, error, used)


def announce(made: ModelCall) -> None:
    """Into the ledger, and to whoever watches."""
    cost = ledger.record(made)
    facts = {"stage": made.role, "attempt": made.attempt, "model_calls": 1, "cost_usd": float(cost)}
    step = f"{made.call_key}/{time.time_ns()}"
    emit("task.progress", made.workflow_id, made.role, task_id=made.task_id, step=step, **facts)


def within_budget(site: CallSite) -> None:
    """Raises BudgetExceeded when the workflow has spent what it may."""
    if site.budget_usd is None:
        return
    spent = ledger.totals(site.workflow_id).cost_usd
    if not ledger.priced(site.model):
        raise BudgetExceeded(f"No price is known for {site.model}: a budget cannot be kept.", "Leave out --budget.")
    if float(spent) >= site.budget_usd and not site.model.startswith(("offline", "script:")):
        way_out = f"Raise it: aidev resume {site.workflow_id} --budget {max(0.01, site.budget_usd * 2):g}"
        raise BudgetExceeded(f"{spent:.4f} USD of {site.budget_usd:g} USD are spent.", way_out)


def model_of(site: CallSite) -> BaseChatModel:
    """The workflow's model, loaded once per process; a script goes on where an earlier process stopped."""
    with _loading:
        key = (site.workflow_id, site.model)
        if key not in _models:
            _models[key] = load_model(site.model, ledger.script_entries(site.workflow_id))
        return _models[key]
