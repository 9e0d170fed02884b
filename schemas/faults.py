"""What is wrong with a document, in words for people: one `path: message` line per fault."""

import json
import re

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")
_MESSAGES = {
    "missing": "is missing",
    "extra_forbidden": "is not a known key",
    "string_type": "must be a string",
    "string_unicode": "holds characters that are not valid Unicode",
    "string_pattern_mismatch": "must match {pattern}",
    "string_too_short": "must have at least {min_length} {characters}",
    "string_too_long": "must have at most {max_length} {characters}",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "literal_error": "must be {expected}",
    "too_short": "must hold at least {min_length} {entries}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "timezone_aware": "must name its zone, e.g. end with Z",
    "value_error": "{error}",
}


def model_faults(model: type[BaseModel], document: object) -> list[str]:
    """Where a document breaks a model; empty when it does not."""
    try:
        model.model_validate(document)
    except ValidationError as error:
        return [f"{path(fault['loc'])}: {_message(fault)}" for fault in error.errors(include_url=False)]
    return []


def path(steps: tuple[int | str, ...]) -> str:
    """Where in a document, e.g. `items[2].acceptance_criteria.tests`; `document` is the whole of it."""
    return "".join(map(_step, steps)).removeprefix(".") or "document"


def _step(step: int | str) -> str:
    if isinstance(step, str) and _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    return f"[{json.dumps(step)[:80]}]"


def _message(fault: ErrorDetails) -> str:
    facts = dict(fault.get("ctx", {}))
    facts["characters"] = _plural("character", facts.get("min_length", facts.get("max_length")))
    facts["entries"] = "entry" if facts.get("min_length") == 1 else "entries"
    return _MESSAGES.get(fault["type"], fault["msg"]).format_map(facts)


def _plural(noun: str, count: int | None) -> str:
    return noun if count == 1 else f"{noun}s"
