"""What a person posts as an answer, as the decision that the API takes."""

from collections.abc import Mapping
from typing import Any, get_args

from schemas.decision import DecisionType
from schemas.errors import BadInput

FILES = 5
"""Places for files in the answer to work done outside."""


def decision(form: Mapping[str, str]) -> dict[str, Any]:
    """The decision in a form. Raises BadInput."""
    kind = form.get("decision", "")
    if kind not in get_args(DecisionType):
        raise BadInput("This is no decision.", "Choose one of the answers.")
    message = form.get("message", "").strip()
    return {"decision": kind, "message": message} | ({"args": edited(form)} if kind == "edit" else {})


def edited(form: Mapping[str, str]) -> dict[str, Any]:
    """What an edit changes. Raises BadInput."""
    if "new_cap" in form:
        return {"new_cap": number("The new cap", form["new_cap"])}
    if "test_is_wrong" in form:
        return {"test_is_wrong": form["test_is_wrong"].strip()}
    if files := handed_in(form):
        return {"files": files}
    return {"patch": lines(form.get("patch", ""))}


def handed_in(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Those with a path."""
    paths = {at: form.get(f"path-{at}", "").strip() for at in range(1, FILES + 1)}
    return [{"path": path, "content": lines(form.get(f"content-{at}", ""))} for at, path in paths.items() if path]


def lines(text: str) -> str:
    """Text of a form with the line ends of a file; a browser posts CR LF and leaves the last one out."""
    text = text.replace("\r\n", "\n")
    return text if text.endswith("\n") or not text else f"{text}\n"


def number(name: str, text: str) -> float:
    """Raises BadInput."""
    try:
        return float(text.strip())
    except ValueError as error:
        raise BadInput(f"{name} is no number: {text.strip() or 'nothing was given'}.") from error


def caps(form: Mapping[str, str]) -> dict[str, float]:
    """The limits that were given, by kind. Raises BadInput."""
    names = {"usd": "US dollars", "tokens": "Tokens", "calls": "Model calls", "seconds": "Seconds"}
    return {kind: number(name, form[kind]) for kind, name in names.items() if form.get(kind, "").strip()}
