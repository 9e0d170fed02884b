"""Text from outside: cleaned at the door, fenced in prompts."""

import math
import re
from typing import Any


def clean(value: Any) -> Any:
    """The value without what the database cannot hold: NUL, lone surrogates, NaN and infinities."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {clean(key): clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value


def fence(name: str, value: str, attributes: str = "") -> str:
    """The value between `<name attributes>` and `</name>`; it cannot end the fence itself."""
    inside = re.sub(rf"</(?={re.escape(name)}\s*>)", r"<\\/", value)
    return f"<{name}{attributes}>\n{inside}\n</{name}>"


def unfence(text: str, name: str) -> str | None:
    """What stands in the last fence of this name; None when there is none."""
    found = re.findall(rf"<{re.escape(name)}>\n(.*?)\n</{re.escape(name)}>", text, re.DOTALL)
    return str(found[-1]) if found else None
