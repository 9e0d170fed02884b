"""Can the code raise what its contract says? By reading alone, and generous where reading cannot tell."""

import ast
import builtins
import importlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from schemas.contract import Contract, Interface
from schemas.finding import Finding
from tools.reserved import reserved

_MODULES = (
    "asyncio binascii concurrent.futures configparser csv dataclasses decimal graphlib http.client json lzma pickle "
    "queue shutil sqlite3 socket ssl statistics struct subprocess tarfile tomllib urllib.error xml.etree.ElementTree "
    "zipfile zlib"
)
"""Modules whose functions raise exceptions of their own."""
_MAY_RAISE = (
    ast.Call,
    ast.Subscript,
    ast.BinOp,
    ast.UnaryOp,
    ast.Attribute,
    ast.For,
    ast.AsyncFor,
    ast.comprehension,
    ast.Compare,
    ast.AugAssign,
    ast.Assert,
    ast.With,
    ast.AsyncWith,
    ast.Starred,
    ast.Tuple,
    ast.JoinedStr,
    ast.Import,
    ast.ImportFrom,
    ast.Yield,
    ast.YieldFrom,
    ast.Await,
    ast.Match,
)


def unraised(sources: Mapping[str, str], places: Mapping[str, str], contract: Contract) -> Iterator[Finding]:
    """Exceptions of the contract that nobody can name or that nothing raises; `places`: interface → its file."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    for interface in contract.interfaces:
        path = places.get(interface.name)
        for said in interface.raises if path else []:
            name = said.split(":", 1)[0].strip()
            if path and re.fullmatch(r"[A-Za-z_][\w.]*", name, re.ASCII):
                yield from _one(trees, path, interface, name)


def _one(trees: Mapping[str, ast.Module], path: str, interface: Interface, name: str) -> Iterator[Finding]:
    code = _code(trees[path], interface.name)
    short = name.rsplit(".", 1)[-1]
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    if isinstance(getattr(builtins, short, None), type):
        problem = None if _raised(nodes, short) or _implicit(code) else "which nothing in it can raise"
    elif not _named(nodes, name, short):
        problem = "which no file defines or imports"
    else:
        own = any(isinstance(node, ast.ClassDef) and node.name == short for node in nodes)
        problem = "which nothing raises" if own and not _raised(nodes, short) else None
    if problem:
        line = getattr(code, "lineno", 1)
        message = f"{interface.name} should raise {name}, {problem}"
        yield Finding(gate="conformance", rule="raises", path=path, line=line, message=message)


def _code(tree: ast.Module, name: str) -> ast.AST:
    """The definition; the whole file when the name is bound otherwise."""
    defined = (node for node in ast.walk(tree) if getattr(node, "name", None) == name and hasattr(node, "body"))
    return next(defined, tree)


def _implicit(code: ast.AST) -> bool:
    """Whether the code does anything at all that can go wrong."""
    body = code.body if isinstance(code, ast.FunctionDef | ast.AsyncFunctionDef) else [code]
    return any(isinstance(node, _MAY_RAISE) for part in body for node in ast.walk(part))


def _raised(nodes: list[ast.AST], wanted: str) -> bool:
    """Whether it, a subclass of it, or something that cannot be read is raised."""
    bases = {node.name: [_last(base) for base in node.bases] for node in nodes if isinstance(node, ast.ClassDef)}
    raised = [node.exc for node in nodes if isinstance(node, ast.Raise) and node.exc]
    names = [_last(each.func if isinstance(each, ast.Call) else each) for each in raised]
    return any(_is_a(name, wanted, bases, set()) for name in names)


def _is_a(name: str, wanted: str, bases: Mapping[str, list[str]], seen: set[str]) -> bool:
    if name == wanted:
        return True
    if name in bases and name not in seen:
        seen.add(name)
        return any(_is_a(base, wanted, bases, seen) for base in bases[name])
    kind, other = getattr(builtins, name, None), getattr(builtins, wanted, None)
    if isinstance(kind, type):
        return isinstance(other, type) and issubclass(kind, other)
    return name not in bases and not name[:1].isupper()


def _last(node: ast.expr) -> str:
    """The last name; "" for what has none, such as the result of a call."""
    return getattr(node, "attr", getattr(node, "id", ""))


def _named(nodes: list[ast.AST], name: str, short: str) -> bool:
    """Whether somebody who reads these files could import it, or a module they use raises it."""
    imported = {alias.name.split(".")[0] for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    imported |= {(node.module or "").split(".")[0] for node in nodes if isinstance(node, ast.ImportFrom)}
    if "." in name and name.split(".")[0] in imported | reserved():
        return True
    if _of_library().get(short, set()) & imported:
        return True
    return any(short in _names(node) for node in nodes)


def _names(node: ast.AST) -> set[str]:
    """Names that a node defines, imports, assigns or takes from a module."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names} | {alias.name for alias in node.names}
    if isinstance(node, ast.Name):
        return {node.id} if isinstance(node.ctx, ast.Store) else set()
    return {getattr(node, "name", ""), getattr(node, "attr", "")} if not isinstance(node, ast.arg) else set()


@lru_cache(maxsize=1)
def _of_library() -> dict[str, set[str]]:
    """Name of an exception → the top-level modules that raise it."""
    found: dict[str, set[str]] = {}
    for module in _MODULES.split():
        for name, value in vars(importlib.import_module(module)).items():
            if isinstance(value, type) and issubclass(value, BaseException):
                found.setdefault(name, set()).add(module.split(".")[0])
    return found
