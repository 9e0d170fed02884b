"""Answers to what waits, from the options of the command line or from a person at the terminal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.prompt import Prompt

from schemas.decision import Decision, DecisionType
from schemas.errors import BadInput
from schemas.reading import read_document
from schemas.validation import parse_todo_list

CHOICES: dict[str, DecisionType] = {"a": "approve", "e": "edit", "r": "respond", "x": "reject"}
EXCLUSIVE = "Give one of --approve, --reject, --respond, --edit, --patch, --test-wrong."


@dataclass(frozen=True)
class Options:
    """What `aidev resume` was told."""

    approve: bool = False
    reject: str | None = None
    respond: str | None = None
    edit: Path | None = None
    patch: Path | None = None
    test_wrong: str | None = None

    def decision(self) -> Decision | None:
        """The answer; None for none. Raises BadInput for more than one."""
        given = [name for name, value in vars(self).items() if value not in (None, False)]
        if len(given) > 1:
            raise BadInput("More than one answer.", EXCLUSIVE)
        return self._one(given[0]) if given else None

    def _one(self, name: str) -> Decision:
        if name == "edit" and self.edit:
            return Decision(type="edit", args={"todo_list": read_document(self.edit)})
        if name == "patch" and self.patch:
            return Decision(type="edit", args={"patch": read_text(self.patch)})
        if name == "test_wrong":
            return Decision(type="edit", args={"test_is_wrong": self.test_wrong})
        if name == "approve":
            return Decision(type="approve")
        return Decision(type="reject" if name == "reject" else "respond", message=self.reject or self.respond or "")


def read_text(path: Path) -> str:
    """A text file. Raises BadInput."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} is no UTF-8 text.") from error


def asked(console: Console, kind: DecisionType, payload: Mapping[str, Any]) -> Decision:
    """The rest of a decision: a remark, a reason, or what was edited. Raises BadInput."""
    action = payload["action_requests"][0]
    if kind == "edit":
        return Decision(type=kind, args=EDITORS[action["name"]](console, action["args"]))
    if kind == "approve":
        return Decision(type=kind)
    return Decision(type=kind, message=Prompt.ask("Why" if kind == "reject" else "Say it", console=console))


def edited_plan(_: Console, shown: Mapping[str, Any]) -> dict[str, Any]:
    """The list as the person leaves it in their editor."""
    text = in_editor(json.dumps(shown["todo_list"], indent=2, ensure_ascii=False), ".json")
    try:
        document = json.loads(text)
    except ValueError as error:
        raise BadInput(f"The edited list is not JSON: {error}.") from error
    return {"todo_list": parse_todo_list(document).model_dump(mode="json", exclude_none=True)}


def mended(console: Console, shown: Mapping[str, Any]) -> dict[str, Any]:
    """A patch from a file, or why the test is wrong."""
    key = Prompt.ask("p = a patch in a file, t = the test is wrong", choices=["p", "t"], console=console)
    if key == "t":
        return {"test_is_wrong": Prompt.ask("Why", console=console)}
    return {"patch": read_text(Path(Prompt.ask("Patch file", console=console)).expanduser())}


def larger_budget(console: Console, shown: Mapping[str, Any]) -> dict[str, Any]:
    """A new cap."""
    text = Prompt.ask(f"New limit ({shown['kind']})", default=str(shown["new_cap"]), console=console)
    try:
        return {**shown, "new_cap": float(text)}
    except ValueError as error:
        raise BadInput(f"{text} is no number.") from error


EDITORS = {"approve_plan": edited_plan, "escalation": mended, "raise_budget": larger_budget}
"""Question → how its edit is asked for."""


def in_editor(text: str, extension: str) -> str:
    """The text as the person leaves it in their editor. Raises BadInput when nothing was changed."""
    found = click.edit(text, extension=extension)
    if found is None:
        raise BadInput("Nothing was changed.", "Save the file in the editor, or choose another answer.")
    return found
