"""Missing dependencies: an import that the import system itself could not satisfy, and nobody here can."""

import ast
import re
import sys
from collections.abc import Collection, Iterator

from tools.causes.facts import Facts
from tools.causes.raised import Raised, statements_at
from tools.triage import IN_THE_IMAGE

_MISSING = re.compile(r"No module named '([\w.]+)'")
_ASKED = re.compile(r"(?:No module named|[Ii]mport(?:ing)?|[Ii]nstall) [`'\"]?([A-Za-z_][\w.]*)")
"""How packages name what they lack."""
_BY_NAME = {"import_module", "__import__", "find_spec", "importorskip"}
"""Calls that import what a text names."""
_PACKAGES = "site-packages/"


def missing_dependency(facts: Facts) -> str:
    """What is imported and missing; "" where nothing is."""
    for name, chain in facts.raised.items():
        for raised in chain:
            if module := missing(raised, facts):
                return f"{name}: {raised.path}:{raised.line} needs {module}, which neither project nor image has"
    return ""


def missing(raised: Raised, facts: Facts) -> str:
    """The module that was asked for in vain and that nobody here has; "" where there is none."""
    if raised.error not in ("ModuleNotFoundError", "ImportError"):
        return ""
    if _PACKAGES in raised.deepest:
        named = _ASKED.search(raised.text)
        module = named[1] if named else ""
    else:
        module = asked_in_vain(raised, facts)
        if raised.path in facts.sealed and agreed_names(raised, facts):
            return ""
    return module if module and is_foreign(module, facts) else ""


def asked_in_vain(raised: Raised, facts: Facts) -> str:
    """The module that an import statement of the project did not find; "" where none stands at that place."""
    found = _MISSING.match(raised.text)
    if found is None or raised.path not in facts.files:
        return ""
    asked = [name for node in statements_at(facts.files[raised.path], raised.line)[-1:] for name in imported(node)]
    return found[1] if any(name == found[1] or name.startswith(f"{found[1]}.") for name in asked) else ""


def agreed_names(raised: Raised, facts: Facts) -> set[str]:
    """What the contract offers among the names that the import statement takes."""
    nodes = statements_at(facts.files.get(raised.path, ""), raised.line)[-1:]
    taken = {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return taken & {each.name for each in facts.contract.interfaces}


def imported(statement: ast.stmt) -> Iterator[str]:
    """Dotted names of the modules that a statement imports."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and not statement.level:
        yield statement.module or ""
        yield from (f"{statement.module}.{alias.name}" for alias in statement.names)
    elif not isinstance(statement, ast.Raise):
        for node in ast.walk(statement):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in _BY_NAME:
                yield from (
                    each.value for each in node.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def is_foreign(module: str, facts: Facts) -> bool:
    """Whether it is neither the project's, nor the image's, nor Python's; or another todo should have made it."""
    top = module.split(".", 1)[0]
    if any(path in facts.needed for path in places(module)):
        return True
    return not is_own(top, facts.files) and top not in sys.stdlib_module_names and top not in IN_THE_IMAGE


def is_own(top: str, files: Collection[str]) -> bool:
    """Whether the project, or what the contract puts into it, has a module or package of this name."""
    return any(path.startswith((f"{top}/", f"src/{top}/")) or path in (f"{top}.py", f"src/{top}.py") for path in files)


def places(module: str) -> tuple[str, str]:
    """Where a module would stand."""
    stem = module.replace(".", "/")
    return f"{stem}.py", f"{stem}/__init__.py"
