"""The ledger: every model call, its tokens and its cost, in Postgres."""

import logging
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, cast

from genai_prices import Usage, calc_price
from langchain_core.messages import AIMessage, message_to_dict, messages_from_dict
from langchain_core.messages.ai import UsageMetadata
from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from state.database import pool
from state.text import clean

_logger = logging.getLogger(__name__)
_FREE = ("offline", "script:")
_NO_USAGE = UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)


@dataclass(frozen=True)
class ModelCall:
    """One request to a model, answered or not."""

    call_key: str
    """Names the step that asked; an answered call is never made again."""
    workflow_id: str
    task_id: str | None
    role: str
    attempt: int
    model: str
    seconds: float
    message: AIMessage | None = None
    """The raw answer; None when the call failed."""
    error: str | None = None
    script_entry: int | None = None


@dataclass(frozen=True)
class Totals:
    """Sums over model calls."""

    cost_usd: Decimal
    model_calls: int
    input_tokens: int
    output_tokens: int


def record(call: ModelCall) -> Decimal:
    """Write a call down; an answer that is there already stays, and this one is counted without its text.

    Returns its cost in US dollars.
    """
    usage = (call.message.usage_metadata if call.message else None) or _NO_USAGE
    row: dict[str, Any] = {
        **{key: value for key, value in call.__dict__.items() if key != "message"},
        "status": "answered" if call.message else "failed",
        "response": Jsonb(clean(message_to_dict(call.message))) if call.message else None,
        "input_tokens": usage["input_tokens"],
        "output_tokens": usage["output_tokens"],
        "cost_usd": cost(call.model, usage["input_tokens"], usage["output_tokens"], _cached(usage)),
        "error": clean(call.error),
    }
    try:
        _insert(row)
    except UniqueViolation:
        _insert({**row, "status": "failed", "response": None, "error": "AnsweredBefore"})
    return cast(Decimal, row["cost_usd"])


def _insert(row: dict[str, Any]) -> None:
    columns = ", ".join(row)
    values = ", ".join(f"%({name})s" for name in row)
    with pool().connection() as connection:
        connection.execute(f"insert into model_calls ({columns}) values ({values})", row)  # noqa: S608


def _cached(usage: UsageMetadata) -> int:
    """Input tokens that the service read from its cache, which cost less."""
    return min(usage.get("input_token_details", {}).get("cache_read") or 0, usage["input_tokens"])


def find(call_key: str) -> AIMessage | None:
    """The recorded answer of a call."""
    with pool().connection() as connection:
        row = connection.execute(
            "select response from model_calls where call_key = %s and status = 'answered'", [call_key]
        ).fetchone()
    return cast(AIMessage, messages_from_dict([row["response"]])[0]) if row else None


def cost(model: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Decimal:
    """US dollars, by genai-prices; 0 for a model that it does not know. `cached_tokens` are part of the input."""
    if model.startswith(_FREE) or not input_tokens + output_tokens:
        return Decimal(0)
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached_tokens)
    try:
        return Decimal(calc_price(usage, model_ref=_reference(model)).total_price)
    except LookupError:
        _warn_of_unknown_price(model)
        return Decimal(0)


def priced(model: str) -> bool:
    """Whether a budget can be enforced for this model."""
    if model.startswith(_FREE):
        return True
    try:
        calc_price(Usage(input_tokens=1, output_tokens=1), model_ref=_reference(model))
    except LookupError:
        return False
    return True


def _reference(model: str) -> str:
    """The model's name without its provider."""
    return model.partition(":")[2] or model


@cache
def _warn_of_unknown_price(model: str) -> None:
    _logger.warning("No price is known for %s: its cost is counted as 0 and a budget cannot be kept", model)


def script_entries(workflow_id: str) -> list[int]:
    """Entries of script:FILE that this workflow has used up."""
    with pool().connection() as connection:
        rows = connection.execute(
            "select script_entry from model_calls where workflow_id = %s and script_entry is not null order by call_id",
            [workflow_id],
        )
        return [row["script_entry"] for row in rows]


def totals(workflow_id: str) -> Totals:
    """Over the whole workflow."""
    return _grouped(workflow_id, "'all'").get("all", Totals(Decimal(0), 0, 0, 0))


def by_role(workflow_id: str) -> dict[str | None, Totals]:
    """Per role."""
    return _grouped(workflow_id, "role")


def by_task(workflow_id: str) -> dict[str | None, Totals]:
    """Per todo; None is the planning."""
    return _grouped(workflow_id, "task_id")


def _grouped(workflow_id: str, column: str) -> dict[str | None, Totals]:
    query = f"""
        select {column} as name, sum(cost_usd) as cost_usd, count(*) as model_calls,
               sum(input_tokens) as input_tokens, sum(output_tokens) as output_tokens
        from model_calls where workflow_id = %s group by 1 order by 1 nulls first"""  # noqa: S608
    with pool().connection() as connection:
        rows: list[dict[str, Any]] = list(connection.execute(query, [workflow_id]))
    return {row.pop("name"): Totals(**row) for row in rows}
