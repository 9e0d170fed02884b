"""A person's patch: what it makes of a todo's files, or why it cannot be taken."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from schemas.errors import BadInput, DecisionRefused
from settings import settings
from tools.artifacts import open_repository
from tools.change import Limits, refusals

SEALED = "Sealed tests stay as they are, unless a person answers an escalation with `test_is_wrong`."


def check_edit(shown: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises DecisionRefused for an edited escalation that is neither one patch that fits nor a word on the tests."""
    patch, wrong = str(given.get("patch") or ""), str(given.get("test_is_wrong") or "")
    if bool(patch.strip()) == bool(wrong.strip()):
        raise DecisionRefused("An edit says one of two things.", "Fill in either `patch` or `test_is_wrong`.")
    if patch.strip():
        patched(shown, patch)


def check_result(shown: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises DecisionRefused for work from outside that is neither whole files nor one patch that fits."""
    handed_in(shown, given)


def handed_in(shown: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, bytes | None]:
    """The files that work from outside adds or changes. Raises DecisionRefused."""
    files, patch = given.get("files") or [], str(given.get("patch") or "")
    if not files and not patch.strip():
        raise DecisionRefused("The result is empty.", "Give `files`, at least one, or a `patch`.")
    if files and patch.strip():
        raise DecisionRefused("The result is given twice.", "Give either `files` or `patch`.")
    if patch.strip():
        return patched(shown, patch)
    try:
        texts = {str(file["path"]): str(file["content"]) for file in files}
    except (TypeError, KeyError) as error:
        raise DecisionRefused(
            "A file needs `path` and `content`.", 'Give `files`: [{"path": …, "content": …}]'
        ) from error
    acceptable(shown, texts)
    return {path: text.encode() for path, text in texts.items()}


def patched(shown: Mapping[str, Any], patch: str) -> dict[str, bytes | None]:
    """The files that a patch changes, as they are afterwards. Raises DecisionRefused."""
    store, commit = open_repository(Path(shown["repository"])), shown["best"]["commit"]
    try:
        files = store.patched(commit, patch if patch.endswith("\n") else f"{patch}\n")
        texts = {path: content.decode() for path, content in files.items() if content is not None}
    except BadInput as error:
        raise DecisionRefused(error.message, error.hint) from error
    except UnicodeDecodeError as error:
        raise DecisionRefused("The patch makes a file that is no text.", "Only text files can be taken.") from error
    acceptable(shown, texts | {path: "" for path in files if path not in texts})
    return files


def acceptable(shown: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Raises DecisionRefused with every reason why these files cannot be taken."""
    store, commit = open_repository(Path(shown["repository"])), shown["best"]["commit"]
    sealed = json.loads(store.read(commit, f".aidev/{shown['todo']}/sealed.json") or b"{}")
    limits = Limits(settings().change_files, settings().change_bytes)
    if found := refusals(texts, sealed, set(store.files(commit)), limits):
        lines = "\n".join(f"{one.path}:{one.line}: {one.rule}: {one.message}" for one in found)
        sealed_too = any(one.rule == "sealed" for one in found)
        raise DecisionRefused(
            f"The change cannot be taken:\n{lines}", SEALED if sealed_too else "Mend or leave out what is named."
        )
