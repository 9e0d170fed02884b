"""The one way to a model: asked once per step, within the budget, until the answer is valid."""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable, RunnableSequence
from pydantic import BaseModel

from schemas.errors import ModelOutputError, ScriptExhausted
from settings import settings
from state import workflows
from state.text import fence
from tools import budget, ledger
from tools.events import emit
from tools.ledger import Claim
from tools.models.call import GARBLED, Settle, call, may_be_billed
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
    spent_seconds: float = 0.0
    """What the todo has worked before this step."""


def ask(role: str, answer: type[T], prompt: str, site: CallSite, check: Callable[[T], None] | None = None) -> T:
    """A valid answer; an invalid one is asked again with the reason.

    `check` raises ValueError or ModelOutputError for an answer that cannot be used. Raises ModelOutputError after
    `ANSWER_TRIES`, ModelUnavailable, UnknownModel, BudgetExceeded, ScriptExhausted, and BadInput for a budget that
    cannot be kept.
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
    workflows.refuse_cancelled(site.workflow_id)
    claim = Claim(key, site.workflow_id, site.task_id, role, site.attempt, site.model, tokens_of(prompt))

    def reserve(seconds: float) -> Settle:
        call_id = budget.reserve(claim, site.spent_seconds, seconds)
        return lambda result, took: announce(claim, call_id, result, took, site.spent_seconds + took)

    model = model_of(site)
    asked = bound(model, answer)
    garbled = () if isinstance(model, LocalModel) else GARBLED
    facts = {"role": role, "task_id": site.task_id, "attempt": site.attempt, "workflow_id": site.workflow_id}
    message = call(lambda: asked.invoke(prompt, config={"metadata": facts}), reserve, garbled)
    return ledger.find(key) or message


def bound(model: BaseChatModel, answer: type[BaseModel]) -> Runnable[Any, AIMessage]:
    """The model, told the answer's schema; without LangChain's parser, which mends broken JSON a minute per 80 kB."""
    asked = cast(RunnableSequence[Any, Any], model.with_structured_output(answer, method="json_schema"))
    return asked.first


def call_key(role: str, prompt: str, site: CallSite, number: int) -> str:
    """The same for the same question at the same step."""
    parts = (site.workflow_id, site.step, role, str(number), prompt)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


def tokens_of(prompt: str) -> int:
    """About how many it is: a quarter of its bytes, since scripts with more bytes to a letter have more tokens."""
    return len(prompt.encode("utf-8", "surrogatepass")) // 4 + 1


def announce(claim: Claim, call_id: int, result: AIMessage | BaseException, seconds: float, worked: float) -> None:
    """Into the ledger, and to whoever watches; a late answer changes the ledger and is told to nobody."""
    billed = isinstance(result, AIMessage) or may_be_billed(result)
    cost = ledger.settle(call_id, claim.model, result, seconds, billed)
    facts: dict[str, Any] = {"stage": claim.role, "attempt": claim.attempt, "model_calls": 1, "cost_usd": float(cost)}
    step = f"{claim.call_key}/{call_id}"
    emit("task.progress", claim.workflow_id, claim.role, task_id=claim.task_id, step=step, **facts)
    budget.warn(claim.workflow_id, claim.task_id, worked)


def model_of(site: CallSite) -> BaseChatModel:
    """The workflow's model, loaded once per process; a script goes on where an earlier process stopped."""
    with _loading:
        key = (site.workflow_id, site.model)
        if key not in _models:
            _models[key] = load_model(site.model, ledger.script_entries(site.workflow_id))
        return _models[key]
