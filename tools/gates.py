"""Static gates: a tree is judged without running or importing anything of it, by our configuration alone."""

import ast
import fcntl
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import tokenize
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_args

from schemas.contract import Contract
from schemas.finding import Finding, Gate
from schemas.todo import Metrics
from settings import settings
from tools.conformance import conformance
from tools.screen.screen import allowed_rules, screen
from tools.secrets import secrets

GATES: tuple[Gate, ...] = tuple(gate for gate in get_args(Gate) if gate != "change")
"""Those run here; a change is judged by its paths before it is committed."""
LARGEST_SOURCE = 512 * 1024
"""Bytes."""
DEEPEST_SOURCE = 100
"""Levels of the syntax tree; every reader of it is recursive."""
LARGEST_EXPONENT = 10_000
TOOL_SECONDS = 120
TOOL_BYTES = 4 << 30
"""Address space of one tool: mypy works out what constants come to."""
LIMITED = (
    "import resource, runpy, sys; "
    f"resource.setrlimit(resource.RLIMIT_AS, ({TOOL_BYTES}, {TOOL_BYTES})); "
    "sys.argv = sys.argv[1:]; "
    "runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)"
)
"""Runs a module as `python -m` does, within that limit."""
RUFF_RULES = "E4,E7,E9,F,B"
BANDIT_SKIPPED = "B101"
"""Asserts: tests are made of them."""
CACHES = 4
"""Places for mypy's cache; each is used by one run at a time."""
BLOCKING = (None, "syntax")
"""mypy's codes of what ends it, in whatever file."""
SWITCHED_OFF = re.compile(rb"(?m)^[ \t]*#[ \t]*(?=mypy:|type:[ \t]*ignore)")
"""A comment on a line of its own, by which a file would excuse itself from mypy altogether."""
_MYPY = "[mypy]\nignore_missing_imports = True\ncheck_untyped_defs = True\nexplicit_package_bases = True\n"


@dataclass(frozen=True)
class Ground:
    """What a change was made on."""

    before: Mapping[str, bytes] = field(default_factory=dict)
    """The changed files as they were, where they existed."""
    sealed: Collection[str] = ()
    """Paths of the sealed tests and fixtures."""


def run_gates(
    tree: Mapping[str, bytes],
    changed: Sequence[str],
    contract: Contract,
    metrics: Metrics | None,
    ground: Ground | None = None,
) -> list[Finding]:
    """Findings in the changed files, by file and line. `tree` holds all files of the commit."""
    sources = {path: tree[path] for path in changed if path.endswith(".py")}
    broken = [found for path, content in sources.items() for found in syntax(path, content)]
    sound = [path for path in sources if path not in {found.path for found in broken}]
    large = {found.path for found in broken if found.rule == "too-large"}
    findings = broken + [found for path in changed if path not in large for found in secrets(path, tree[path])]
    findings += screened({path: tree[path] for path in sound}, ground or Ground())
    if not broken:
        findings += conformance(texts(tree, sound, contract), contract)
    with tempfile.TemporaryDirectory(prefix="aidev-gates-") as folder:
        write(
            Path(folder, "tree"),
            {path: SWITCHED_OFF.sub(b"# no ", text) for path, text in tree.items() if path.endswith((".py", ".pyi"))},
        )
        findings += tools(Path(folder), sound, metrics) if sound else []
    return sorted(findings, key=lambda found: (found.path, found.line, found.gate))


def screened(sources: Mapping[str, bytes], ground: Ground) -> list[Finding]:
    """What product code must not hold; tests may."""
    allowed = allowed_rules(settings().screen_allow)
    product = {path: text.decode("utf-8-sig") for path, text in sources.items() if not path.startswith("tests/")}
    before = {path: ground.before[path].decode("utf-8-sig", "replace") for path in product if path in ground.before}
    return [
        found
        for path, text in product.items()
        for found in screen(path, text, before.get(path), ground.sealed, allowed)
    ]


def texts(tree: Mapping[str, bytes], sound: Sequence[str], contract: Contract) -> dict[str, str]:
    """The sources that may hold what the contract asks for: the changed ones and those it names."""
    named = [each.module for each in contract.interfaces if each.module and each.module.endswith(".py")]
    others = [path for path in named if path in tree and path not in sound and not syntax(path, tree[path])]
    return {path: tree[path].decode("utf-8-sig") for path in [*sound, *others]}


def syntax(path: str, content: bytes) -> list[Finding]:
    """What keeps a file from being read as Python at all."""
    if len(content) > LARGEST_SOURCE:
        return [finding("syntax", "too-large", path, 1, f"more than {LARGEST_SOURCE} bytes")]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        content.decode(encoding)
        tree = ast.parse(content)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None) or 1
        return [finding("syntax", "invalid-syntax", path, line, f"{type(error).__name__}: {error}"[:200])]
    if not encoding.startswith("utf-8"):
        return [finding("syntax", "encoding", path, 1, f"is written in {encoding}, not in UTF-8")]
    if deep(tree):
        return [finding("syntax", "too-deep", path, 1, f"is nested more than {DEEPEST_SOURCE} levels deep")]
    return [finding("syntax", "huge-constant", path, line, "is a number too long to work out") for line in huge(tree)]


def huge(tree: ast.AST) -> list[int]:
    """Lines with a power or a shift of constants that whoever folds constants would be long about."""
    powers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow | ast.LShift) and is_constant(node)
    ]
    return [node.lineno for node in powers if any(is_large(part) for part in ast.walk(node.right))]


def is_constant(node: ast.expr) -> bool:
    """Whether it is made of nothing but numbers."""
    return not any(isinstance(part, ast.Name | ast.Call | ast.Attribute) for part in ast.walk(node))


def is_large(part: ast.AST) -> bool:
    """Whether an exponent that holds this is out of bounds."""
    if isinstance(part, ast.BinOp):
        return isinstance(part.op, ast.Pow | ast.LShift)
    return isinstance(part, ast.Constant) and isinstance(part.value, int) and part.value > LARGEST_EXPONENT


def deep(tree: ast.AST) -> bool:
    """Whether the nesting goes beyond the limit."""
    level = [tree]
    for _ in range(DEEPEST_SOURCE):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def finding(gate: Gate, rule: str, path: str, line: int, message: str) -> Finding:
    """One finding."""
    return Finding(gate=gate, rule=rule, path=path, line=max(1, line), message=message)


def write(folder: Path, files: Mapping[str, bytes]) -> None:
    """The files on disk; their paths were confined when they were committed.

    A file's time follows from its content, since mypy takes equal size and time for equal content.
    """
    for path, content in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        os.utime(place, (0, zlib.crc32(content)))


def tools(folder: Path, paths: Sequence[str], metrics: Metrics | None) -> list[Finding]:
    """Ruff, mypy and bandit side by side."""
    with ThreadPoolExecutor(3) as executor:
        runs = [
            executor.submit(ruff, folder / "tree", paths, metrics),
            executor.submit(mypy, folder, paths),
            executor.submit(bandit, folder / "tree", paths),
        ]
        return [found for run in runs for found in run.result()]


def tool(gate: Gate, folder: Path, words: Sequence[str]) -> str | Finding:
    """What a tool prints; a finding when it does not come to an end. `-P`: nothing is imported from the tree."""
    command = [sys.executable, "-P", "-c", LIMITED, *words]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TOOL_SECONDS)
    except subprocess.TimeoutExpired:
        return finding(gate, "timeout", ".", 1, f"{gate} did not end within {TOOL_SECONDS} s")
    if done.returncode not in (0, 1) and '"severity": "error"' not in done.stdout:
        return finding(gate, "crashed", ".", 1, f"{gate} ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def ruff(tree: Path, paths: Sequence[str], metrics: Metrics | None) -> list[Finding]:
    """Errors, likely bugs, and complexity where a bar is set."""
    limit = metrics.max_cyclomatic_complexity if metrics else None
    rules = f"{RUFF_RULES},C901" if limit else RUFF_RULES
    config = ["--config", f"lint.mccabe.max-complexity={limit}"] if limit else []
    flags = ["--isolated", "--no-cache", "--ignore-noqa", "--output-format", "json", "--select", rules, *config]
    said = tool("ruff", tree, ["ruff", "check", *flags, "--", *paths])
    if isinstance(said, Finding):
        return [said]
    return [
        finding("ruff", entry["code"] or "error", relative(tree, entry["filename"]), line_of(entry), entry["message"])
        for entry in json.loads(said or "[]")
    ]


def line_of(entry: Mapping[str, Any]) -> int:
    """The line of one of ruff's findings."""
    return int((entry.get("location") or {}).get("row", 1))


def relative(tree: Path, name: str) -> str:
    """The path in the tree."""
    path = Path(name)
    return str(path.relative_to(tree.resolve())) if path.is_absolute() else str(path)


def mypy(folder: Path, paths: Sequence[str]) -> list[Finding]:
    """Type errors; the repository's own configuration is not read, since its plugins are code.

    Files in folders that no import can name are left out: mypy takes two of them for one module.
    """
    config = folder / "mypy.ini"
    config.write_text(_MYPY)
    modules = [path for path in paths if all(part.isidentifier() for part in path.split("/")[:-1])]
    if not modules:
        return []
    with cache() as place:
        flags = ["--config-file", str(config), "--cache-dir", str(place), "--no-error-summary", "-O", "json"]
        said = tool("mypy", folder / "tree", ["mypy", *flags, "--", *modules])
    if isinstance(said, Finding):
        return [said]
    entries = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    return [
        finding("mypy", entry["code"] or "error", entry["file"], entry["line"], entry["message"])
        for entry in entries
        if entry["severity"] == "error" and (entry["file"] in paths or entry["code"] in BLOCKING)
    ]


@contextmanager
def cache() -> Iterator[Path]:
    """A cache that no other run uses at the moment."""
    root = settings().aidev_home / "mypy-cache"
    root.mkdir(parents=True, exist_ok=True)
    for number in range(CACHES):
        wait = 0 if number == CACHES - 1 else fcntl.LOCK_NB
        with (root / f"{number}.lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | wait)
            except BlockingIOError:
                continue
            yield root / str(number)
            return


def bandit(tree: Path, paths: Sequence[str]) -> list[Finding]:
    """Security findings of medium severity and more; comments that switch it off are not obeyed."""
    flags = ["-q", "-f", "json", "--ignore-nosec", "--severity-level", "medium", "--skip", BANDIT_SKIPPED, "-x", "//"]
    said = tool("bandit", tree, ["bandit", *flags, "--", *paths])
    if isinstance(said, Finding):
        return [said]
    report = json.loads(said)
    unread = [
        finding("bandit", "unreadable", entry["filename"].removeprefix("./"), 1, entry["reason"])
        for entry in report["errors"]
    ]
    return unread + [
        finding(
            "bandit", entry["test_id"], entry["filename"].removeprefix("./"), entry["line_number"], entry["issue_text"]
        )
        for entry in report["results"]
    ]
