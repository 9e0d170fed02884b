"""Stubs from a contract: the right names and signatures without behaviour, on which every sealed test must fail."""

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Collection, Iterator, Mapping
from textwrap import indent
from typing import NamedTuple

from schemas.contract import Contract, Interface
from tools.paths import safe_path
from tools.triage import IN_THE_IMAGE

_ROOTS = ("", "src/")
"""Folders in which imports are looked up."""
_KINDS = {"Error": "Exception", "Exception": "Exception", "Warning": "Warning"}
"""Ends of names by which an exception is known whose base cannot be read."""
_ANY = "*args, **kwargs"
_PREAMBLE = '''\
from abc import ABCMeta as _ABCMeta


class _NoBehaviour(Exception):
    """Raised by all that the contract names."""


class _NoValue:
    """Whatever else a test takes from here: equal to nothing, and of no use."""

    def __call__(self, *args, **kwargs):
        raise _NoBehaviour

    __bool__ = __iter__ = __len__ = __contains__ = __enter__ = __aenter__ = __await__ = __aiter__ = __next__ = __call__

    def __eq__(self, other):
        return False

    __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__
    __hash__ = object.__hash__

    def _itself(self, *others):
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _itself
    __floordiv__ = __mod__ = __pow__ = __neg__ = __or__ = __ror__ = __and__ = __getitem__ = _itself

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return _NoValue()


class _NoInstances(_ABCMeta):
    """Classes that cannot be called and whose every other attribute is of no use."""

    def __call__(cls, *args, **kwargs):
        raise _NoBehaviour

    __iter__ = __len__ = __contains__ = __call__

    def __getitem__(cls, key):
        return _NoValue()

    def __getattr__(cls, name):
        if name.startswith(("__", "_abc_")):
            raise AttributeError(name)
        return _NoValue()
'''
_AT_THE_END = """\
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    if "__path__" in globals():
        from importlib import import_module

        try:
            return import_module(f"{__name__}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{__name__}.{name}":
                raise
    return _NoValue()


if __name__ == "__main__":
    raise _NoBehaviour
"""


class _Part(NamedTuple):
    """One definition, and the module that the contract puts it into."""

    name: str
    path: str | None
    text: str


def stubs(contract: Contract, tests: Mapping[str, str], base: Mapping[str, str]) -> dict[str, str]:
    """Path → source of every module that the contract or its tests need and `base` (path → source) lacks.

    A module of `base` keeps its content, with the stubs after it. Raises UnsafePath.
    """
    parts = list(_parts(contract))
    modules: dict[str, list[_Part]] = {}
    for interface in contract.interfaces:
        if interface.module:
            modules.setdefault(_path(interface.module), [])
    for part in parts:
        if part.path:
            modules[part.path].append(part)
    _imported(modules, parts, _imports(tests), tests, base)
    placed = {part.name for held in modules.values() for part in held}
    homeless = [part for part in parts if part.name not in placed]
    return {
        path: _source(held, base[path]) if path in base else _source([*held, *homeless], None)
        for path, held in modules.items()
    }


def _source(parts: Collection[_Part], before: str | None) -> str:
    texts = [part.text for part in parts]
    if before is None:
        return "\n\n".join([_PREAMBLE, *texts, _AT_THE_END])
    return "\n\n".join([before + "\n", _PREAMBLE, *texts]) if texts else before


def _path(module: str) -> str:
    return safe_path(module if module.endswith(".py") else f"{module.replace('.', '/')}.py")


# Where the tests look for it


def _imports(tests: Mapping[str, str]) -> dict[str, set[str]]:
    """Dotted module → names that the tests take from it; deepest modules first."""
    found: dict[str, set[str]] = {}
    for path, text in tests.items():
        tree = _parsed(text) if path.endswith(".py") else None
        for node in ast.walk(tree) if tree else ():
            if isinstance(node, ast.Import):
                found.update({alias.name: found.get(alias.name, set()) | {""} for alias in node.names})
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.setdefault(node.module, set()).update(alias.name for alias in node.names)
    return dict(sorted(found.items(), key=lambda each: -each[0].count(".")))


def _imported(
    modules: dict[str, list[_Part]],
    parts: Collection[_Part],
    imports: Mapping[str, set[str]],
    tests: Mapping[str, str],
    base: Mapping[str, str],
) -> None:
    """Adds the modules that tests import and nobody has, and to each what they take from it."""
    for module, names in imports.items():
        if module.split(".", 1)[0] in sys.stdlib_module_names | IN_THE_IMAGE:
            continue
        tree = {*base, *tests, *modules}
        wanted = {name for name in names if not _located(f"{module}.{name}", tree)}
        path = _located(module, tree) or (_new(module, tree) if wanted else None)
        if path is None or path in tests:
            continue
        taken = [part for part in parts if part.name in wanted and not _held(part.name, path, modules, base)]
        if taken or path not in base:
            modules.setdefault(path, []).extend({part.name: part for part in taken}.values())


def _held(name: str, path: str, modules: Mapping[str, list[_Part]], base: Mapping[str, str]) -> bool:
    return any(part.name == name for part in modules.get(path, ())) or bool(
        re.search(rf"\b{name}\b", base.get(path, ""))
    )


def _located(module: str, tree: Collection[str]) -> str | None:
    """The file of a dotted module."""
    stems = [root + module.replace(".", "/") for root in _ROOTS]
    return next((path for stem in stems for path in (f"{stem}/__init__.py", f"{stem}.py") if path in tree), None)


def _new(module: str, tree: Collection[str]) -> str:
    for root in _ROOTS:
        folder = f"{root}{module.replace('.', '/')}/"
        if any(path.startswith(folder) for path in tree):
            return f"{folder}__init__.py"
    return f"{module.replace('.', '/')}.py"


# What the contract names


def _parts(contract: Contract) -> Iterator[_Part]:
    methods = [each for each in contract.interfaces if each.type == "method" and _sayable(each.name)]
    bases = _bases(contract)
    paths = {each.name: _path(each.module) for each in contract.interfaces if each.type == "class" and each.module}
    for name in bases:
        if _sayable(name):
            yield _Part(name, paths.get(name), _class(name, sorted(_roots(name, bases, set())), methods))
    for each in contract.interfaces:
        if each.type == "function" and _sayable(each.name):
            yield _Part(each.name, _path(each.module) if each.module else None, _function(each))


def _sayable(name: str) -> bool:
    return not keyword.iskeyword(name) and not name.startswith("__")


def _bases(contract: Contract) -> dict[str, list[str]]:
    """Class → names of its bases; an exception that is raised is a class too."""
    found: dict[str, list[str]] = {}
    for each in contract.interfaces:
        if each.type == "class":
            tree = _definition(each.signature)
            listed = tree.bases if isinstance(tree, ast.ClassDef) else []
            found.setdefault(each.name, []).extend(getattr(base, "attr", getattr(base, "id", "")) for base in listed)
    for model in contract.data_models:
        found.setdefault(model.name, []).extend(_last(base) for base in model.base_classes)
    functions = {each.name for each in contract.interfaces if each.type == "function"}
    raised = [_last(said.split(":", 1)[0]) for each in contract.interfaces for said in each.raises]
    for name in raised:
        if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) and name not in functions and not hasattr(builtins, name):
            found.setdefault(name, ["Exception"])
    return found


def _last(name: str) -> str:
    return name.split("[", 1)[0].strip().rsplit(".", 1)[-1]


def _roots(name: str, bases: Mapping[str, list[str]], seen: set[str]) -> set[str]:
    """The builtin exceptions that a class descends from; for one that only its name shows to be one, Exception."""
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, BaseException) and (seen or name not in bases):
        return {name}
    if name in seen:
        return set()
    seen.add(name)
    found = {root for base in bases.get(name, []) for root in _roots(base, bases, seen)}
    return found or {root for end, root in _KINDS.items() if name.endswith(end)}


def _class(name: str, roots: Collection[str], methods: Collection[Interface]) -> str:
    inherits = ", ".join(roots) if _compatible(roots) else next(iter(roots))
    body = ["    pass", *(indent(_method(each), "    ") for each in methods)]
    return "\n".join([f"class {name}({inherits or 'metaclass=_NoInstances'}):", *body])


def _compatible(roots: Collection[str]) -> bool:
    """Whether Python lets a class have them all as bases."""
    try:
        type("E", tuple(getattr(builtins, root) for root in roots), {})
    except TypeError:
        return False
    return True


def _method(method: Interface) -> str:
    text = _function(method)
    first = re.match(r"(?:async )?def \w+\((\w*)", text)
    receiver = first[1] if first else ""
    if receiver == "self" or f"({_ANY})" in text:
        return text
    return f"{'@classmethod' if receiver == 'cls' else '@staticmethod'}\n{text}"


def _function(interface: Interface) -> str:
    """The definition by its signature; one that takes anything when that cannot be read."""
    loose = f"def {interface.name}({_ANY}):\n    raise _NoBehaviour"
    tree = _definition(interface.signature)
    if not isinstance(tree, ast.FunctionDef | ast.AsyncFunctionDef):
        return loose
    try:
        word = "async def" if isinstance(tree, ast.AsyncFunctionDef) and not _yields(interface, tree) else "def"
        returns = f" -> {ast.unparse(tree.returns)!r}" if tree.returns else ""
        text = f"{word} {interface.name}({_arguments(tree.args)}){returns}:\n    raise _NoBehaviour"
        compile(text, "<stub>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return loose
    return text


def _yields(interface: Interface, tree: ast.AsyncFunctionDef) -> bool:
    """An asynchronous generator is not awaited."""
    said = f"{interface.return_type} {ast.unparse(tree.returns) if tree.returns else ''}"
    return bool(re.search(r"\bAsync(Iterator|Iterable|Generator)\b", said))


def _arguments(given: ast.arguments) -> str:
    """Annotations as text and defaults as far as they are plain values: nothing that an import could stumble over."""
    for each in [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]:
        if each is not None and each.annotation is not None:
            each.annotation = ast.Constant(ast.unparse(each.annotation))
    given.defaults = [_plain(each) for each in given.defaults]
    given.kw_defaults = [each and _plain(each) for each in given.kw_defaults]
    return ast.unparse(given)


def _plain(default: ast.expr) -> ast.expr:
    try:
        ast.literal_eval(default)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return ast.Constant(...)
    return default


def _definition(signature: str) -> ast.stmt | None:
    text = signature.strip().removesuffix("...").rstrip().rstrip(":")
    for candidate in (f"{text}: ...", signature.strip(), f"def {text}: ..."):
        tree = _parsed(candidate)
        if tree and len(tree.body) == 1 and hasattr(tree.body[0], "decorator_list"):
            return tree.body[0]
    return None


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
