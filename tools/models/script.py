"""A model that answers from a file, for tests and demos. An entry that matches nothing left raises."""

import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import yaml
from langchain_core.exceptions import ModelAPIError, ModelRateLimitError, ModelTimeoutError
from langchain_core.messages import AIMessage
from pydantic import Field, JsonValue, PrivateAttr, TypeAdapter, ValidationError, model_validator

from schemas.base import Document
from schemas.errors import BadInput, ScriptExhausted
from schemas.roles import AgentRole
from tools.models.local import Call, LocalModel, reply

ScriptedError = Literal["rate_limit", "server_error", "timeout", "safety", "truncated", "malformed"]
_RAISED = {"rate_limit": ModelRateLimitError, "server_error": ModelAPIError, "timeout": ModelTimeoutError}
_ANSWERED = {
    "safety": ("", "SAFETY"),
    "truncated": ('{"files": [{"path": "a', "MAX_TOKENS"),
    "malformed": ("{]", "STOP"),
}


class Match(Document):
    """Which calls an entry answers."""

    task_id: str | None = None
    attempt: int | None = None
    contains: str | None = None
    """Text that the prompt must hold."""


class Entry(Document):
    """One answer, used once."""

    role: AgentRole
    match: Match = Match()
    respond: dict[str, JsonValue] | str | None = None
    """An object: the structured answer; a string: raw text."""
    error: ScriptedError | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "Entry":
        if (self.respond is None) == (self.error is None):
            raise ValueError("needs either `respond` or `error`")
        return self

    def fits(self, call: Call, prompt: str) -> bool:
        """Whether this entry answers this call."""
        wanted = self.match
        return (
            self.role == call.role
            and wanted.task_id in (None, call.task_id)
            and wanted.attempt in (None, call.attempt)
            and (wanted.contains or "") in prompt
        )


class ScriptModel(LocalModel):
    """Answers from the entries in order, each once."""

    entries: Annotated[list[Entry], Field(repr=False)]
    name_: str
    _used: set[int] = PrivateAttr(default_factory=set)
    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)

    @classmethod
    def from_file(cls, path: Path, answered: Iterable[int] = ()) -> "ScriptModel":
        """The model of a YAML or JSON file. Raises BadInput naming file, entry and fault."""
        model = cls(entries=_entries(path), name_=f"script:{path}")
        model._used.update(answered)
        return model

    @property
    def _llm_type(self) -> str:
        return "script"

    def _answer(self, call: Call, prompt: str) -> AIMessage:
        number = self._take(call, prompt)
        entry = self.entries[number]
        if entry.error in _RAISED:
            error = _RAISED[str(entry.error)](f"{entry.error}, as entry {number + 1} of {self.name_} says")
            error.script_entry = number  # type: ignore[attr-defined]
            raise error
        if entry.error:
            text, reason = _ANSWERED[entry.error]
        else:
            text = entry.respond if isinstance(entry.respond, str) else json.dumps(entry.respond)
            reason = "STOP"
        message = reply(text, self.name_, reason)
        message.response_metadata["script_entry"] = number
        return message

    def _take(self, call: Call, prompt: str) -> int:
        with self._lock:
            for number, entry in enumerate(self.entries):
                if number not in self._used and entry.fits(call, prompt):
                    self._used.add(number)
                    return number
        where = f"{call.role} of {call.task_id or 'the workflow'}, attempt {call.attempt}"
        raise ScriptExhausted(f"{self.name_} has no entry left for the {where}.", "Add one to the script.")


class _Loader(yaml.SafeLoader):
    """YAML as JSON means it: a date is text."""

    yaml_implicit_resolvers = {
        first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _entries(path: Path) -> list[Entry]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506  # nosec B506 - a SafeLoader
    except OSError as error:
        raise BadInput(f"The script {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise BadInput(f"The script {path} is neither YAML nor JSON: {error}") from error
    try:
        return TypeAdapter(list[Entry]).validate_python(document)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        at = fault["loc"]
        entry = f"entry {at[0] + 1}" if at and isinstance(at[0], int) else "a list of entries is needed"
        place = ".".join(map(str, at[1:]))
        raise BadInput(
            f"The script {path} is not valid: {entry}: {place + ': ' if place else ''}{fault['msg']}"
        ) from error
