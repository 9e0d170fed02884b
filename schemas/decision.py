"""A person's answer to an interrupt: one decision, whatever shape the page that sent it uses."""

from typing import Any, Literal

from pydantic import ValidationError

from schemas.base import Document
from schemas.errors import DecisionRefused

DecisionType = Literal["approve", "edit", "reject", "respond"]
_SAME: dict[str, DecisionType] = {
    "approve": "approve",
    "accept": "approve",
    "edit": "edit",
    "reject": "reject",
    "ignore": "reject",
    "respond": "respond",
    "response": "respond",
}


class Decision(Document):
    """What the person decided."""

    type: DecisionType
    message: str = ""
    """Why rejected, or the remark."""
    args: dict[str, Any] | None = None
    """The edited arguments."""
    artifact_hash: str | None = None
    """What the person saw; an answer to anything else is refused."""


def normalise(answer: object) -> Decision:
    """The decision in any known shape. Raises DecisionRefused.

    Known: `{"decisions": [{"type": …}]}` (LangChain's human-in-the-loop), `[{"type": "accept", "args": …}]` (Agent
    Inbox), `{"decision": …}` and `{"type": …}` (the plain ones), and a bare word.
    """
    if isinstance(answer, dict) and isinstance(answer.get("decisions"), list):
        answer = answer["decisions"]
    if isinstance(answer, list):
        if len(answer) != 1:
            raise DecisionRefused(f"One decision is needed, {len(answer)} came.")
        answer = answer[0]
    if isinstance(answer, str):
        answer = {"type": answer.strip().lower()}
    if not isinstance(answer, dict):
        raise DecisionRefused("This is no decision.", "Answer approve, edit, reject or respond.")
    return _from_object(answer)


def _from_object(answer: dict[str, Any]) -> Decision:
    kind = _SAME.get(str(answer.get("type") or answer.get("decision")))
    if kind is None:
        raise DecisionRefused(
            f"Unknown decision {answer.get('type') or answer.get('decision')!r}.",
            "Answer approve, edit, reject or respond.",
        )
    edited = answer.get("edited_action") or answer.get("args")
    inner = edited.get("args") or edited.get("arguments") if isinstance(edited, dict) else None
    args = inner if isinstance(inner, dict) else edited if isinstance(edited, dict) else None
    said = (
        answer.get("message")
        or answer.get("remark")
        or answer.get("reason")
        or (edited if isinstance(edited, str) else "")
    )
    try:
        return Decision(type=kind, message=str(said or ""), args=args, artifact_hash=answer.get("artifact_hash"))
    except ValidationError as error:
        raise DecisionRefused(f"The decision is not valid: {error.errors()[0]['msg']}.") from error
