"""The plan as a form: what a browser posts put over the plan that the form shows, and its faults field by field."""

import json
import re
from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from nodes.intake import complete
from schemas.errors import BadInput, InvalidDocument

NEW: dict[str, Any] = {
    "title": "",
    "description": "",
    "agent_role": "coder",
    "acceptance_criteria": {"tests": [{"cmd": ""}]},
    "priority": 5,
    "dependencies": [],
    "max_retries": 3,
    "output_artifacts": [],
}
SHORT = ("id", "title", "description", "agent_role")
NUMBERS = ("priority", "max_retries", "timeout_seconds")
LISTS = ("dependencies", "output_artifacts")
_PLACE = re.compile(r"items\[(\d+)\]\.?([a-z_]*)(?:\.tests\[(\d+)\]\.?([a-z_]*))?")

Form = Mapping[str, str]
Plan = dict[str, Any]


def posted(plan: Plan, form: Form) -> Plan:
    """The plan as the form has it; what the form does not show stays as it was."""
    return {**plan, "items": [_item(item, form, place) for place, item in enumerate(plan["items"])]}


def _item(before: Plan, form: Form, place: int) -> Plan:
    given: Plan = {name: form[f"{place}-{name}"].strip() for name in SHORT if f"{place}-{name}" in form}
    given |= {name: _number(form[f"{place}-{name}"]) for name in NUMBERS if f"{place}-{name}" in form}
    given |= {name: _list(form[f"{place}-{name}"]) for name in LISTS if f"{place}-{name}" in form}
    given |= {"acceptance_criteria": _judged(before.get("acceptance_criteria"), form, place)}
    empty: tuple[object, ...] = ("", None, [])
    return {**before, **{name: value for name, value in given.items() if value not in empty or before.get(name)}}


def _judged(before: Plan | None, form: Form, place: int) -> Plan | None:
    """The acceptance commands that are not empty; each keeps what the form does not show."""
    old = (before or {}).get("tests", [])
    count = sum(name.startswith(f"{place}-cmd-") for name in form)
    if not count:
        return before
    tests = []
    for at in range(count):
        if command := form.get(f"{place}-cmd-{at}", "").strip():
            seconds = _number(form.get(f"{place}-seconds-{at}", ""))
            kept = deepcopy(old[at]) if at < len(old) else {}
            tests.append({**kept, "cmd": command, **({"timeout_seconds": seconds} if seconds is not None else {})})
    return {**(before or {}), "tests": tests} if before or tests else None


def _number(text: str) -> Any:
    """A whole number; other text as it is, for the validator to name; None for nothing."""
    text = text.strip()
    try:
        return int(text) if text else None
    except ValueError:
        return text


def _list(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,]+", text) if part]


def changed(plan: Plan, do: str) -> Plan:
    """With a todo added, removed or moved, as a button of the form says, e.g. `remove-2`."""
    items = list(plan["items"])
    verb, _, place = do.partition("-")
    at = int(place) if place.isdigit() else 0
    if verb == "add":
        items.append({"id": _free_id(items), **deepcopy(NEW)})
    elif verb == "remove" and at < len(items):
        gone = items.pop(at).get("id")
        items = [_without(item, gone) for item in items]
    elif verb == "up" and 0 < at < len(items):
        items[at - 1], items[at] = items[at], items[at - 1]
    return {**plan, "items": items}


def _without(item: Plan, gone: object) -> Plan:
    return {**item, "dependencies": [name for name in item.get("dependencies", []) if name != gone]}


def _free_id(items: Sequence[Plan]) -> str:
    taken = {item.get("id") for item in items}
    return next(name for number in range(1, len(items) + 2) if (name := f"todo_{number}") not in taken)


def read(text: str) -> Plan:
    """The plan in a text. Raises BadInput."""
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BadInput(f"This is no JSON: {error}.") from error
    if not isinstance(found, dict):
        raise BadInput("This is no todo list.", "It begins with {.")
    return found


def fit_for_form(plan: Plan) -> Plan:
    """The plan, if it has the shape that the form shows, whatever else is wrong with it. Raises BadInput."""
    items = plan.get("items")
    if not isinstance(items, list) or not all(isinstance(item, dict) and _is_shaped(item) for item in items):
        raise BadInput("This has not the shape of a todo list.", "Mend it as JSON first.")
    return plan


def _is_shaped(item: Plan) -> bool:
    listed = [item.get(name) or [] for name in LISTS]
    judged = item.get("acceptance_criteria") or {}
    tests = judged.get("tests") or [] if isinstance(judged, dict) else None
    words = all(isinstance(each, list) and all(isinstance(name, str) for name in each) for each in listed)
    return words and isinstance(tests, list) and all(isinstance(test, dict) for test in tests)


def faults(plan: object) -> dict[str, list[str]]:
    """Field of the form → what is wrong there; "" holds what belongs to no field."""
    try:
        complete(plan)
    except InvalidDocument as error:
        found: dict[str, list[str]] = {}
        for problem in error.problems:
            where, _, said = problem.partition(": ")
            field = field_of(where)
            found.setdefault(field, []).append(said if field else problem)
        return found
    return {}


def field_of(where: str) -> str:
    """`items[0].acceptance_criteria.tests[1].cmd` is `0-cmd-1` in the form; "" for what is not in it."""
    match = _PLACE.match(where)
    if match is None:
        return ""
    place, name, test, part = match.groups()
    if test is not None:
        return f"{place}-seconds-{test}" if part == "timeout_seconds" else f"{place}-cmd-{test}"
    if name == "acceptance_criteria":
        return f"{place}-cmd-0"
    return f"{place}-{name}" if name in (*SHORT, *NUMBERS, *LISTS) else ""


def names(form: Form) -> list[str]:
    """The fields of todos in a form."""
    return [name for name in form if re.match(r"\d+-[a-z]", name)]
