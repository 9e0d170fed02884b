"""From a raw model message to a validated answer."""

import json
from typing import Any, TypeVar

from langchain_core.messages import AIMessage
from pydantic import BaseModel

from schemas.errors import ModelOutputError
from schemas.faults import model_faults
from state.text import clean

T = TypeVar("T", bound=BaseModel)
_REASONS = ("finish_reason", "stop_reason", "stopReason", "done_reason")
_FINISHED = {"STOP", "stop", "end_turn", "tool_use", "tool_calls", "stop_sequence"}
_TRUNCATED = {"MAX_TOKENS", "length", "max_tokens"}


def parse(message: AIMessage, answer: type[T]) -> T:
    """The answer. Raises ModelOutputError for one that is refused, truncated, empty, malformed or invalid."""
    try:
        document = clean(_document(message))
        faults = model_faults(answer, document)
    except RecursionError as error:
        raise ModelOutputError("The answer is nested too deeply.") from error
    if faults:
        raise ModelOutputError("The answer does not fit the schema:\n" + "\n".join(faults))
    return answer.model_validate(document)


def _document(message: AIMessage) -> Any:
    said = message.response_metadata
    reason = next((said[name] for name in _REASONS if said.get(name)), "no finish_reason")
    if reason in _TRUNCATED:
        raise ModelOutputError("The answer was cut off by its length; answer shorter.")
    blocked = (said.get("prompt_feedback") or {}).get("block_reason")
    if blocked or reason not in _FINISHED:
        raise ModelOutputError(f"The service gave no answer: {_name(blocked) if blocked else reason}.")
    if message.tool_calls:
        return message.tool_calls[0]["args"]
    if not message.text.strip():
        raise ModelOutputError("The answer is empty.")
    try:
        return json.loads(message.text)
    except ValueError as error:
        raise ModelOutputError(f"The answer is not JSON: {error}.") from error


def _name(reason: object) -> str:
    return str(getattr(reason, "name", reason))
