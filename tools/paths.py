"""Paths that are safe to put into a git tree and onto a disk."""

import re
import unicodedata
from collections.abc import Collection, Iterable

from schemas.errors import UnsafePath

LONGEST_PART = 255
"""Bytes; what file systems take."""
LONGEST_PATH = 1_000
"""Bytes."""
_IGNORABLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9])", re.ASCII)
"""What Windows takes for a device, with whatever extension."""
_OF_GIT = {".git", "git~1", ".gitattributes", ".gitmodules"}


def safe_path(path: str) -> str:
    """The path itself, when it stays inside the tree and means nothing to git. Raises UnsafePath."""
    if not path or path.startswith("/") or re.match(r"[A-Za-z]:", path):
        raise UnsafePath(f"{path!r}: must be relative to the root of the tree")
    if "\\" in path or any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in path):
        raise UnsafePath(f"{path!r}: holds a backslash or a control character")
    if len(path.encode()) > LONGEST_PATH:
        raise UnsafePath(f"{path[:80]!r}…: is longer than {LONGEST_PATH} bytes")
    for part in path.split("/"):
        _safe_part(path, part)
    return path


def _safe_part(path: str, part: str) -> None:
    if part in ("", ".", "..") or folded(part) in (".", ".."):
        raise UnsafePath(f"{path!r}: has an empty part, `.` or `..`")
    if len(part.encode()) > LONGEST_PART:
        raise UnsafePath(f"{path[:80]!r}…: a part is longer than {LONGEST_PART} bytes")
    if part != part.rstrip(". ") or part != part.lstrip(" "):
        raise UnsafePath(f"{path!r}: a part begins or ends with a space, or ends with a dot")
    if ":" in part or _IGNORABLE.search(part):
        raise UnsafePath(f"{path!r}: holds a colon or an invisible character")
    if _DEVICE.fullmatch(folded(part).split(".", 1)[0].rstrip()):
        raise UnsafePath(f"{path!r}: {part} is a device to some systems")
    if folded(part) in _OF_GIT:
        raise UnsafePath(f"{path!r}: {part} means something to git")


def folded(path: str) -> str:
    """The path as a file system sees it that knows neither case nor Unicode form."""
    return unicodedata.normalize("NFKC", path).casefold()


def safe_change(paths: Collection[str], present: Iterable[str]) -> None:
    """Raises UnsafePath when new paths clash, with each other or those present: in case, form, or file with folder."""
    kept = {folded(path): path for path in present}
    for path in paths:
        safe_path(path)
        twin = kept.setdefault(folded(path), path)
        if twin != path:
            raise UnsafePath(f"{path!r}: is {twin!r} to some file systems")
    folders = {folder for path in kept for folder in _folders(path)}
    for path in paths:
        if folded(path) in folders:
            raise UnsafePath(f"{path!r}: is a folder")
        clash = next((kept[folder] for folder in _folders(folded(path)) if folder in kept), None)
        if clash:
            raise UnsafePath(f"{path!r}: {clash!r} is a file")


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:end]) for end in range(1, len(parts))]
