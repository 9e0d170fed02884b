"""A coder's change judged by its paths and sizes alone, before anything of it is committed."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from schemas.errors import UnsafePath
from schemas.finding import Finding
from tools.gates import LARGEST_SOURCE
from tools.paths import folded, safe_change
from tools.reserved import reserved

CONFIGURATION = {
    "conftest.py",
    "pytest.ini",
    ".pytest.ini",
    "pytest.toml",
    ".pytest.toml",
    "tox.ini",
    "setup.cfg",
    "setup.py",
    "pyproject.toml",
    ".coveragerc",
    ".coverage",
    "sitecustomize.py",
    "usercustomize.py",
}
"""Files that tell pytest, coverage or Python how to run."""
_PLUGIN = re.compile(r".*(\.(pth|_pth|so|pyd|dll|dylib|pyc|pyo|egg|dist-info|egg-info)|\.so\.[\d.]+)|entry_points\.txt")
_PLUGIN_FOLDERS = {"__pycache__", "egg-info", ".pytest_cache"}
_SOURCE = (".py", ".pyi")


class Limits(NamedTuple):
    """How large a change may be."""

    files: int
    bytes: int


class Place(NamedTuple):
    """What stands in the tree already."""

    present: Collection[str]
    sealed: Collection[str]
    roots: Collection[str]
    """Folders, with a slash at the end, in which Python may look for top-level modules."""


def refusals(
    files: Mapping[str, str], sealed: Collection[str], present: Collection[str], limits: Limits
) -> list[Finding]:
    """Every reason why a change (path → text) is not taken; `present` are the paths of the tree it goes into."""
    if len(files) > limits.files:
        return [finding("too-many", ".", f"{len(files)} files, where {limits.files} are the most")]
    folders = {path.rpartition("/")[0] for path in sealed}
    roots = {"", "src/", "tests/", "tests/unit/", *(f"{folder}/" for folder in folders if folder)}
    place = Place({*present, *sealed}, {folded(path) for path in sealed}, roots)
    findings = [found for path, text in files.items() for found in one_file(path, text, place)]
    findings += clashes(files, place.present)
    total = sum(size(text) for text in files.values())
    if total > limits.bytes:
        findings.append(finding("too-large", ".", f"{total} bytes in all, where {limits.bytes} are the most"))
    return findings


def finding(rule: str, path: str, message: str) -> Finding:
    """One finding; control and invisible characters are shown, not written."""
    return Finding(gate="change", rule=rule, path=shown(path), line=1, message=message)


def shown(text: str, limit: int = 120) -> str:
    """A hostile string, safe to print."""
    escaped = "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text[:limit])
    return escaped + ("…" if len(text) > limit else "")


def size(text: str) -> int:
    """Bytes, lone surrogates included."""
    return len(text.encode("utf-8", "surrogatepass"))


def one_file(path: str, text: str, place: Place) -> Iterator[Finding]:
    """What is wrong with one file of the change."""
    name = folded(path)
    if name in place.sealed:
        yield finding("sealed", path, "is sealed; the code has to fit the tests")
    if name.rsplit("/", 1)[-1] in CONFIGURATION:
        yield finding("test-configuration", path, "tells pytest, coverage or Python how to run; leave it out")
    if any(_PLUGIN.fullmatch(part) or part in _PLUGIN_FOLDERS for part in name.split("/")):
        yield finding("plugin", path, "is loaded by Python or pytest on its own; write plain modules only")
    if name.split("/")[0] == ".aidev":
        yield finding("records", path, "belongs to the records of this workflow")
    if outside_unit(path, name, place):
        yield finding("tests-folder", path, "put your own tests into tests/unit/")
    if shadowed := shadow(path, name, place):
        yield finding("shadow", path, f"hides the module {shown(shadowed)}; give yours another name")
    yield from content(path, text)


def content(path: str, text: str) -> Iterator[Finding]:
    """What is wrong with the text of one file."""
    if size(text) > LARGEST_SOURCE:
        yield finding("too-large", path, f"{size(text)} bytes, where {LARGEST_SOURCE} are the most for one file")
    if "\0" in text or re.search("[\ud800-\udfff]", text):
        yield finding("encoding", path, "holds a NUL or half of a character; write plain UTF-8 text")


def outside_unit(path: str, name: str, place: Place) -> bool:
    """Whether it stands where the sealed tests are."""
    if name == "tests/__init__.py":
        return True
    return name.startswith("tests/") and not name.startswith("tests/unit/") and path not in place.present


def shadow(path: str, name: str, place: Place) -> str | None:
    """The module of Python, of the test tools or of ours that a new one would be taken for."""
    for root in place.roots:
        top, slash, _ = name.removeprefix(folded(root)).partition("/")
        if not name.startswith(folded(root)) or not name.endswith(_SOURCE):
            continue
        module = top if slash else top.rsplit(".", 1)[0]
        old = any(
            each == path or (slash and folded(each).startswith(f"{folded(root)}{top}/")) for each in place.present
        )
        if not old and (module.removesuffix("-stubs") in reserved() or module.startswith("aidev_")):
            return module
    return None


def clashes(files: Mapping[str, str], present: Collection[str]) -> Iterator[Finding]:
    """Paths that leave the tree, mean something to a system, or that some file system takes for another one."""
    kept = set(present)
    for path in files:
        try:
            safe_change([path], kept)
            kept.add(path)
        except UnsafePath as error:
            yield finding("path", path, shown(error.message, 300))
            continue
        if twin := package_twin(path, kept):
            yield finding("shadow", path, f"Python would take it for {shown(twin)}, or that for it; keep one of them")


def package_twin(path: str, kept: Collection[str]) -> str | None:
    """`a.py` beside `a/__init__.py`."""
    stem = path.removesuffix("/__init__.py")
    twin = f"{stem}.py" if stem != path else f"{path.removesuffix('.py')}/__init__.py"
    return twin if twin in kept else None
