"""The ledger: every request to a model, entered before it is made; its tokens and its cost, in Postgres."""

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

from state.database import Connection, pool
from state.text import clean
from tools.sandbox.owner import is_dead, owner

GRACE = 60.0
"""Seconds after which a request that should have ended is lost, whether or not its process lives."""
_logger = logging.getLogger(__name__)
_FREE = ("offline", "script:")


@dataclass(frozen=True)
class Claim:
    """One request that is about to be made, with the tokens that it is likely to use."""

    call_key: str
    """Names the step that asks; an answered call is never made again."""
    workflow_id: str
    task_id: str | None
    role: str
    attempt: int
    model: str
    input_tokens: int
    output_tokens: int = 0

    @property
    def cost_usd(self) -> Decimal:
        """At these tokens."""
        return cost(self.model, self.input_tokens, self.output_tokens)


@dataclass(frozen=True)
class Totals:
    """Sums over requests: what was used, or estimated where that is not known."""

    cost_usd: Decimal
    model_calls: int
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Used:
    """Sums over requests that have ended, or over those that are open."""

    usd: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0
    largest: int = 0
    """Output tokens of the longest answer."""


def enter(connection: Connection, claim: Claim, seconds: float) -> int:
    """Reserve what a request is likely to use, for at most so many seconds; its row's id."""
    row = {**claim.__dict__, "cost_usd": claim.cost_usd, "seconds": seconds, "status": "reserved", "owner": owner()}
    columns, values = ", ".join(row), ", ".join(f"%({name})s" for name in row)
    query = f"insert into model_calls ({columns}) values ({values}) returning call_id"  # noqa: S608
    return int(cast(dict[str, Any], connection.execute(query, row).fetchone())["call_id"])


def settle(call_id: int, model: str, result: AIMessage | BaseException, seconds: float, billed: bool = True) -> Decimal:
    """Write down how a request ended, or that its answer came after all; its cost in US dollars.

    The estimate stays where the service does not say what it used, unless a failure was surely not `billed`. When the
    call was answered before, that answer stays and this one is counted without its text.
    """
    message = result if isinstance(result, AIMessage) else None
    row: dict[str, Any] = {
        "call_id": call_id,
        "status": "answered" if message else "failed",
        "response": Jsonb(clean(message_to_dict(message))) if message else None,
        "error": None if message else type(result).__name__,
        "script_entry": message.response_metadata.get("script_entry") if message else _entry(result),
        "seconds": seconds,
        **_used(model, message, billed),
    }
    try:
        return _update(row)
    except UniqueViolation:
        return _update({**row, "status": "failed", "response": None, "error": "AnsweredBefore"})


def _entry(error: object) -> int | None:
    """The entry of script:FILE that raised this."""
    return getattr(error, "script_entry", None)


def _used(model: str, message: AIMessage | None, billed: bool) -> dict[str, Any]:
    """What a request used, by column; None where it is not known."""
    usage = message.usage_metadata if message else None
    if usage is None:
        return dict.fromkeys(("input_tokens", "output_tokens", "cost_usd"), None if message or billed else 0)
    read, written = usage["input_tokens"], usage["output_tokens"]
    return {"input_tokens": read, "output_tokens": written, "cost_usd": cost(model, read, written, _cached(usage))}


def _update(row: dict[str, Any]) -> Decimal:
    with pool().connection() as connection:
        found = connection.execute(
            """update model_calls
               set status = %(status)s, response = %(response)s, error = %(error)s, seconds = %(seconds)s,
                   script_entry = %(script_entry)s,
                   input_tokens = coalesce(%(input_tokens)s, input_tokens),
                   output_tokens = coalesce(%(output_tokens)s, output_tokens),
                   cost_usd = coalesce(%(cost_usd)s, cost_usd)
               where call_id = %(call_id)s returning cost_usd""",
            row,
        ).fetchone()
    return cast(Decimal, cast(dict[str, Any], found)["cost_usd"])


def lose(connection: Connection, workflow_id: str) -> None:
    """Mark open requests whose process has died: they may have been billed, so their estimate stays."""
    rows = connection.execute(
        """select call_id, owner, created_at, extract(epoch from clock_timestamp() - created_at) > seconds + %s as late
           from model_calls where workflow_id = %s and status = 'reserved'""",
        [GRACE, workflow_id],
    )
    lost = [row["call_id"] for row in rows if row["late"] or is_dead(row["owner"], row["created_at"].timestamp())]
    if lost:
        query = "update model_calls set status = 'lost' where call_id = any(%s) and status = 'reserved'"
        connection.execute(query, [lost])


def used(connection: Connection, workflow_id: str, task_id: str | None = None) -> tuple[Used, Used]:
    """What requests of a workflow, or of one of its todos, used: those that have ended, and those that are open."""
    rows = connection.execute(
        """select status = 'reserved' as open, sum(cost_usd) as usd, sum(input_tokens + output_tokens) as tokens,
                  count(*) as calls, max(output_tokens) as largest
           from model_calls
           where workflow_id = %(workflow)s and (%(task)s::text is null or task_id = %(task)s) group by 1""",
        {"workflow": workflow_id, "task": task_id},
    )
    found = {row.pop("open"): Used(**row) for row in rows}
    return found.get(False, Used()), found.get(True, Used())


def find(call_key: str) -> AIMessage | None:
    """The recorded answer of a call."""
    with pool().connection() as connection:
        row = connection.execute(
            "select response from model_calls where call_key = %s and status = 'answered'", [call_key]
        ).fetchone()
    return cast(AIMessage, messages_from_dict([row["response"]])[0]) if row else None


def _cached(usage: UsageMetadata) -> int:
    """Input tokens that the service read from its cache, which cost less."""
    return min(usage.get("input_token_details", {}).get("cache_read") or 0, usage["input_tokens"])


def cost(model: str, input_tokens: int, output_tokens: int, cached_tokens: int = 0) -> Decimal:
    """US dollars, by genai-prices; 0 for a model that it does not know. `cached_tokens` are part of the input."""
    if free(model) or not input_tokens + output_tokens:
        return Decimal(0)
    usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens, cache_read_tokens=cached_tokens)
    try:
        return Decimal(calc_price(usage, model_ref=_reference(model)).total_price)
    except LookupError:
        _warn_of_unknown_price(model)
        return Decimal(0)


def free(model: str) -> bool:
    """Whether it answers in this process, and uses neither money nor tokens."""
    return model.startswith(_FREE)


def priced(model: str) -> bool:
    """Whether a budget in US dollars can be kept for this model."""
    if free(model):
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
