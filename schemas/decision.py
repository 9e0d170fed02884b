"""A person's answer to an interrupt: one decision, whatever shape the page that sent it uses."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import ValidationError
from pydantic_core import from_json

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
_WAY_OUT = "Answer approve, edit, reject or respond."
_SAID = ("message", "remark", "reason")
_EDITED = ("edited_action", "editedAction", "args")


class Decision(Document):
    """What the person decided."""

    type: DecisionType
    message: str = ""
    """Why rejected, or the remark."""
    args: dict[str, Any] | None = None
    """The edited arguments."""
    artifact_hash: str | None = None
    """What the person saw; an answer to anything else is refused."""


def normalise(answer: object, asked: Mapping[str, Any] | None = None) -> Decision:
    """The decision in any known shape; docs/design/ecosystem-pages.md lists them. Raises DecisionRefused.

    `asked`: the payload of the interrupt, by which texts become again what they were when they were shown.
    """
    question: Mapping[str, Any] = asked or {}
    one = _single(answer, question)
    kind = _kind(one)
    given = {
        "type": kind,
        "message": _said(one, kind),
        "args": _edited(one, question) if kind == "edit" else None,
        "artifact_hash": one.get("artifact_hash"),
    }
    try:
        return Decision.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        raise DecisionRefused(f"The decision is not valid: {fault['loc'][0]}: {fault['msg']}.", _WAY_OUT) from error


def _single(answer: object, question: Mapping[str, Any]) -> Mapping[str, Any]:
    """The one answer inside lists, `decisions` and text."""
    if isinstance(answer, str):
        text = answer.strip()
        return _single(_parsed("The answer", text), question) if text[:1] in ("{", "[") else {"type": text.lower()}
    if isinstance(answer, Mapping) and "decisions" in answer:
        return _words_of_inbox(_only(answer["decisions"]), question)
    if isinstance(answer, list):
        return _only(answer)
    if not isinstance(answer, Mapping):
        raise DecisionRefused("This is no decision.", _WAY_OUT)
    return answer


def _only(entries: object) -> Mapping[str, Any]:
    if not isinstance(entries, list) or len(entries) != 1:
        came = len(entries) if isinstance(entries, list) else "something else"
        raise DecisionRefused(f"A list of one decision is needed, {came} came.", _WAY_OUT)
    if not isinstance(entries[0], Mapping):
        raise DecisionRefused("This is no decision.", _WAY_OUT)
    return entries[0]


def _words_of_inbox(one: Mapping[str, Any], question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Agent Inbox sends its box "Respond" as a reject with the words in `args`; LangChain's have them in `message`."""
    words, allowed = one.get("args"), question.get("review_configs", [{}])[0].get("allowed_decisions", [])
    if one.get("type") == "reject" and isinstance(words, str) and words.strip() and "respond" in allowed:
        return {"type": "respond", "message": words}
    return one


def _kind(one: Mapping[str, Any]) -> DecisionType:
    given = one.get("type") or one.get("decision")
    kind = _SAME.get(given) if isinstance(given, str) else None
    if kind is None:
        raise DecisionRefused(f"Unknown decision {str(given)[:100]!r}.", _WAY_OUT)
    return kind


def _said(one: Mapping[str, Any], kind: DecisionType) -> object:
    """The words; Agent Inbox has them in `args`, where an edit has what was edited."""
    words = one.get("args") if kind != "edit" and isinstance(one.get("args"), str) else ""
    return next((one[key] for key in _SAID if one.get(key)), words)


def _edited(one: Mapping[str, Any], question: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, plain or inside an action, as what they were shown as."""
    given = next((one[key] for key in _EDITED if one.get(key)), None)
    action = _parsed("args", given) if isinstance(given, str) else given
    if not isinstance(action, dict):
        raise DecisionRefused("An edit needs the edited args.", 'Answer {"type": "edit", "args": {…}}.')
    inner = action.get("args", action.get("arguments"))
    shown = question.get("action_requests", [{}])[0]
    if not isinstance(inner, dict):
        return _as_shown(action, shown.get("args", {}))
    name = action.get("name") or action.get("action")
    if name and name != shown.get("name", name):
        raise DecisionRefused(f"{name} does not wait here, {shown['name']} does.", "Look again, then answer.")
    return _as_shown(inner, shown.get("args", {}))


def _as_shown(args: dict[str, Any], shown: Mapping[str, Any]) -> dict[str, Any]:
    """Pages edit in text fields: what was shown as an object or a number comes back as its JSON."""
    text = {key for key, value in args.items() if isinstance(value, str)}
    other = {key for key, value in shown.items() if not isinstance(value, str | None)}
    return {key: _parsed(key, value) if key in text & other else value for key, value in args.items()}


def _parsed(name: str, text: str) -> Any:
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise DecisionRefused(f"{name} is not JSON: {error}.", "It was shown as JSON: send it as JSON.") from error
