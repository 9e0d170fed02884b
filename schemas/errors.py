"""Every error of the system.

AidevError
├── BadInput            what a person typed cannot be used                     exit 2
│   ├── InvalidDocument     a todo list, contract or report breaks its schema
│   ├── UnreadableRequest   a model says which fragment it cannot read
│   ├── UnusableRepository  --repo is no repository, bare, empty …
│   ├── UnknownModel        no such model, or its key or extra is missing
│   ├── NotFound            no such todo list, todo, file …
│   │   └── UnknownWorkflow     no workflow has this id
│   ├── KeyReused           an idempotency key that stood for something else
│   └── DecisionRefused     an answer that is unknown or of another shape
│       ├── NothingWaits        there is no question
│       └── AlreadyAnswered     somebody else was first
├── SetupError          something the machine lacks                            exit 2
│   ├── EngineUnavailable   no Docker engine answers
│   ├── ImageMissing        the sandbox image is not built
│   ├── DatabaseUnavailable no Postgres answers
│   └── ServerUnavailable   no LangGraph server answers
├── NotAuthenticated    a request without a token or session that is known
├── Forbidden           a caller whose role does not allow it
├── TooManyRequests     a caller that asks too often
├── WorkflowBusy        another process drives this workflow                   exit 2
├── WorkflowCancelled   a person has stopped it                                exit 1
├── BudgetExceeded      a cap on money, tokens, calls or time is reached       exit 1
├── ModelError
│   ├── ModelUnavailable    429, 5xx, time-out, dropped connection
│   ├── ModelOutputError    malformed, truncated, refused or empty answer
│   └── ScriptExhausted     script:FILE has no entry left for this call
├── SandboxError
│   └── SandboxGone         the container died under the run
└── ArtifactError
    ├── UnsafePath          a path that leaves the workspace
    ├── ArtifactConflict    a branch moved under us
    └── MergeConflict       two todos changed the same lines
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

BudgetKind = Literal["usd", "tokens", "calls", "seconds"]
"""What a cap counts: US dollars, tokens read and written, requests to a model, seconds of work."""


class AidevError(Exception):
    """Base of all. `hint` is the way out, in words a person can follow."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class BadInput(AidevError, ValueError):
    """What a person typed cannot be used."""


class InvalidDocument(BadInput):
    """A document breaks its schema; `problems` holds one `path: message` per fault."""

    def __init__(self, what: str, problems: Sequence[str], hint: str = "") -> None:
        super().__init__("\n  ".join([f"{what} is not valid:", *problems]), hint)
        self.problems = list(problems)


class UnreadableRequest(BadInput):
    """The model cannot read a fragment of the request."""


class UnusableRepository(BadInput):
    """The folder given is not a repository that work can be committed to."""


class UnknownModel(BadInput):
    """No such model, or what it needs (key, extra) is missing."""


class NotFound(BadInput):
    """No such todo list, todo, file or question."""


class KeyReused(BadInput):
    """An idempotency key that was sent with another body before."""


class UnknownWorkflow(NotFound):
    """No workflow has this id."""


class DecisionRefused(BadInput):
    """An answer to an approval that does not fit what is waiting."""


class NothingWaits(DecisionRefused):
    """There is no question that this could be an answer to."""


class AlreadyAnswered(DecisionRefused):
    """Somebody else was first; `decision`, `by` and `at` say what came of it."""

    def __init__(self, decision: str, by: str, at: datetime | None) -> None:
        when = f" at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if at else ""
        super().__init__(f"{by} has answered already: {decision}{when}.", "Look at the workflow again.")
        self.decision = decision
        self.by = by
        self.at = at


class SetupError(AidevError, RuntimeError):
    """Something that the machine lacks."""


class EngineUnavailable(SetupError):
    """No Docker engine answers."""


class ImageMissing(SetupError):
    """The sandbox image is not built."""


class DatabaseUnavailable(SetupError):
    """No Postgres answers."""


class ServerUnavailable(SetupError):
    """No LangGraph server answers."""


class NotAuthenticated(AidevError):
    """A request without a token or session that is known."""


class Forbidden(AidevError):
    """What the caller's role, or the page that sent the request, does not allow."""


class TooManyRequests(AidevError):
    """The caller asks too often; `retry_after` is in seconds."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message, f"Wait {retry_after} seconds.")
        self.retry_after = retry_after


class WorkflowBusy(AidevError, RuntimeError):
    """Another process drives this workflow."""


class WorkflowCancelled(AidevError, RuntimeError):
    """A person has stopped the workflow; it can go on from its last finished step."""


class BudgetExceeded(AidevError, RuntimeError):
    """A cap is reached; `scope` is "workflow" or the todo's id, `spent` and `cap` are in the kind's unit."""

    def __init__(self, message: str, hint: str, scope: str, kind: BudgetKind, spent: Decimal, cap: float) -> None:
        super().__init__(message, hint)
        self.scope = scope
        self.kind = kind
        self.spent = spent
        self.cap = cap


class ModelError(AidevError, RuntimeError):
    """A model call failed."""


class ModelUnavailable(ModelError):
    """Rate limit, server error, time-out or dropped connection, after all tries."""

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class ModelOutputError(ModelError):
    """The answer is malformed, truncated, refused or empty."""


class ScriptExhausted(ModelError):
    """A scripted model has no entry left for this call."""


class SandboxError(AidevError, RuntimeError):
    """The sandbox could not give a result."""


class SandboxGone(SandboxError):
    """The container died under the run, and not by its own program."""


class ArtifactError(AidevError, RuntimeError):
    """The artifact store could not do what was asked."""


class UnsafePath(ArtifactError, ValueError):
    """A path that leaves the workspace or means something to git or the system."""


class ArtifactConflict(ArtifactError):
    """A branch is not where this step left it."""


class MergeConflict(ArtifactError):
    """Two commits changed the same place; `paths` names the files, `commit` holds the merge with git's markers."""

    def __init__(self, message: str, paths: Sequence[str], commit: str = "") -> None:
        super().__init__(message)
        self.paths = list(paths)
        self.commit = commit
