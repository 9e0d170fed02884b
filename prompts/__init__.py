"""One Markdown template per role. Values stand fenced in them: whatever they say is data."""

import json
from functools import cache
from pathlib import Path
from string import Template

from state.text import fence


@cache
def template(name: str) -> Template:
    """The template of this name."""
    return Template((Path(__file__).parent / f"{name}.md").read_text(encoding="utf-8"))


def render(name: str, **values: str) -> str:
    """The prompt with each `$value` fenced under its name.

    Raises KeyError when a value is missing or is not used by the template.
    """
    wanted = set(template(name).get_identifiers())
    if wanted != set(values):
        raise KeyError(f"prompt {name}: wants {sorted(wanted)}, got {sorted(values)}")
    return template(name).substitute({key: fence(key, value or "(none)") for key, value in values.items()})


def files_text(files: dict[str, str]) -> str:
    """Files one after the other, each fenced under its path."""
    return "\n".join(fence("file", content, f" path={json.dumps(path)}") for path, content in files.items())
