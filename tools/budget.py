"""Budgets: what a workflow and each of its todos may use, held to before a request is made."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from schemas.errors import BudgetExceeded, BudgetKind
from state import workflows
from state.database import Connection, pool
from tools import ledger
from tools.caps import UNITS, Caps, exact, plain, shown, suggested, todo_caps, workflow_caps
from tools.events import emit
from tools.ledger import Claim

OUTPUT_TOKENS = 4096
"""Reserved for an answer, until a longer one has been seen in the workflow."""
WARN_AT = Decimal("0.8")
POLL = 0.1
"""Seconds between two looks whether open requests have left room."""
_OPTIONS: Mapping[BudgetKind, str] = {
    "usd": "--budget",
    "tokens": "--budget-tokens",
    "calls": "--budget-calls",
    "seconds": "--budget-seconds",
}
Amounts = Mapping[BudgetKind, Decimal]


@dataclass(frozen=True)
class Account:
    """What a workflow, or one of its todos, may use and has used, by kind."""

    workflow_id: str
    task_id: str | None
    caps: Caps
    spent: Amounts
    reserved: Amounts
    """By requests that are open."""

    def over(self) -> BudgetExceeded | None:
        """The first cap that is used up."""
        return next((self.error(kind) for kind, cap in self.caps.items() if self.spent[kind] >= exact(cap)), None)

    def full(self, needed: Amounts) -> BudgetExceeded | None:
        """The first cap under which open requests leave no room for another; alone, one may exceed what is left."""
        if not self.reserved["calls"]:
            return None
        taken = {kind: self.spent[kind] + self.reserved[kind] + needed[kind] for kind in self.caps}
        return next((self.error(kind) for kind, cap in self.caps.items() if taken[kind] > exact(cap)), None)

    def near(self) -> list[BudgetKind]:
        """Caps that are nearly used up."""
        return [kind for kind, cap in self.caps.items() if self.spent[kind] >= WARN_AT * exact(cap)]

    def sentence(self, kind: BudgetKind) -> str:
        """How much of a cap is spent."""
        unit = UNITS[kind]
        who = f"{self.task_id}: " if self.task_id else ""
        return f"{who}{shown(kind, self.spent[kind])} {unit} of {plain(self.caps[kind])} {unit} are spent"

    def error(self, kind: BudgetKind) -> BudgetExceeded:
        """With the way out."""
        cap, spent, reserved = self.caps[kind], self.spent[kind], self.reserved[kind]
        more = plain(suggested(kind, cap, spent))
        resume = f"aidev resume {self.workflow_id}"
        hint = f"TODO_BUDGET_{kind.upper()}={more} {resume}" if self.task_id else f"{resume} {_OPTIONS[kind]} {more}"
        held = f", {shown(kind, reserved)} more are reserved" if spent < exact(cap) else ""
        message = f"{self.sentence(kind)}{held}."
        return BudgetExceeded(message, f"Raise it: {hint}", self.task_id or "workflow", kind, spent, cap)


def reserve(claim: Claim, spent_seconds: float, patience: float) -> int:
    """Enter a request before it is made, for at most `patience` seconds; the id of its row in the ledger.

    `spent_seconds` is what its todo has worked. Waits, as long again, while open requests may still leave room. Raises
    BudgetExceeded, and BadInput when a cap in US dollars cannot be kept.
    """
    until = time.monotonic() + patience
    while isinstance(found := entered(claim, spent_seconds, patience), BudgetExceeded):
        if found.spent >= exact(found.cap) or time.monotonic() >= until:
            raise found
        time.sleep(POLL)
    return found


def entered(claim: Claim, spent_seconds: float, seconds: float) -> int | BudgetExceeded:
    """The row's id, or which cap leaves no room; everyone else who asks for this workflow waits meanwhile."""
    with pool().connection() as connection, connection.transaction():
        options, worked = workflows.lock(connection, claim.workflow_id)
        ledger.lose(connection, claim.workflow_id)
        claim = estimated(connection, claim)
        tokens = Decimal(claim.input_tokens + claim.output_tokens)
        needed: Amounts = {"usd": claim.cost_usd, "tokens": tokens, "calls": Decimal(1), "seconds": Decimal(0)}
        found = accounts(connection, claim.workflow_id, claim.task_id, options, (worked, spent_seconds))
        refused = [account.over() for account in found] + [account.full(needed) for account in found]
        return next(filter(None, refused), None) or ledger.enter(connection, claim, seconds)


def estimated(connection: Connection, claim: Claim) -> Claim:
    """With the tokens of the answer to come."""
    if ledger.free(claim.model):
        return replace(claim, input_tokens=0, output_tokens=0)
    ended, _ = ledger.used(connection, claim.workflow_id)
    return replace(claim, output_tokens=max(OUTPUT_TOKENS, ended.largest))


def exceeded(workflow_id: str, task_id: str | None = None, spent_seconds: float = 0.0) -> BudgetExceeded | None:
    """A cap of the workflow, or of this todo, that is used up as things stand."""
    return next(filter(None, (account.over() for account in standing(workflow_id, task_id, spent_seconds))), None)


def warn(workflow_id: str, task_id: str | None, spent_seconds: float) -> None:
    """Say, once for each cap, that it is nearly used up."""
    for account in standing(workflow_id, task_id, spent_seconds):
        for kind in account.near():
            step = f"budget/{kind}/{float(account.caps[kind])}"
            warning = f"80 % of a budget: {account.sentence(kind)}."
            emit("task.progress", workflow_id, "ledger", task_id=account.task_id, step=step, warning=warning)


def standing(workflow_id: str, task_id: str | None, spent_seconds: float) -> list[Account]:
    """The accounts as of the last tick, without a lock."""
    with pool().connection() as connection:
        options, worked = workflows.standing(connection, workflow_id)
        return accounts(connection, workflow_id, task_id, options, (worked, spent_seconds))


def accounts(
    connection: Connection,
    workflow_id: str,
    task_id: str | None,
    options: Mapping[str, Any],
    seconds: tuple[float, float],
) -> list[Account]:
    """Of the workflow and of its todo, which worked so many seconds; none for a workflow that is not written down."""
    if not options:
        return []
    of_workflow = account(connection, workflow_id, None, workflow_caps(options), seconds[0])
    if task_id is None:
        return [of_workflow]
    return [of_workflow, account(connection, workflow_id, task_id, todo_caps(options, task_id), seconds[1])]


def account(connection: Connection, workflow_id: str, task_id: str | None, caps: Caps, worked: float) -> Account:
    """One of them, as the ledger has it."""
    ended, opened = ledger.used(connection, workflow_id, task_id)
    spent: Amounts = {**amounts(ended), "seconds": exact(worked)}
    return Account(workflow_id, task_id, caps, spent, {**amounts(opened), "seconds": Decimal(0)})


def amounts(used: ledger.Used) -> dict[BudgetKind, Decimal]:
    """By kind."""
    return {"usd": used.usd, "tokens": Decimal(used.tokens), "calls": Decimal(used.calls)}
