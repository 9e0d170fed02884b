"""Which folders of the server's machine a caller may name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.intake import allowed
from schemas.errors import BadInput


def checked_repo(body: Mapping[str, Any]) -> str | None:
    """The repository that a body names, as an absolute path; None for none. Raises BadInput outside REPO_ROOTS."""
    if not body.get("repo"):
        return None
    if "\0" in body["repo"] or not Path(body["repo"]).is_absolute():
        raise BadInput("repo: an absolute path on the server is needed.", "Leave it out for a new repository.")
    return str(allowed(Path(body["repo"])).resolve())
