"""Static refusal of what no honest product code needs. It can be evaded: the later stages do not rely on it."""

import ast
from collections.abc import Collection, Iterator

from schemas.errors import BadInput
from schemas.finding import Finding
from tools.reserved import reserved
from tools.screen.names import FUNCTIONS, Names, Scope
from tools.screen.rules import ADVICE, ATTRIBUTES, CUSTOMISED, FORBIDDEN, SYSTEM_FILES, TESTED, TESTS_FOLDER

Hit = tuple[str, ast.AST, str]
"""Rule, node and what was met there."""
_EQUALS = {"__eq__": True, "__ne__": False}
_DISGUISE = {"__class__", "__bases__", "__mro__"}


def allowed_rules(text: str) -> frozenset[str]:
    """The rules that a setting such as `ctypes,trace` switches off. Raises BadInput."""
    named = frozenset(name.strip() for name in text.split(",") if name.strip())
    if unknown := sorted(named - ADVICE.keys()):
        raise BadInput(f"SCREEN_ALLOW names no rule: {', '.join(unknown)}", f"The rules are {', '.join(ADVICE)}.")
    return named


def screen(
    path: str, text: str, before: str | None, sealed: Collection[str], allowed: Collection[str]
) -> list[Finding]:
    """What a file of the product holds that is refused, less what it held `before` in the same lines."""
    old = {(rule, line) for rule, _, _, line in _met(before, sealed)} if before else set()
    return [
        Finding(gate="screen", rule=rule, path=path, line=number, message=f"{what}: {ADVICE[rule]}")
        for rule, number, what, line in _met(text, sealed)
        if rule not in allowed and (rule, line) not in old
    ]


def _met(text: str, sealed: Collection[str]) -> list[tuple[str, int, str, str]]:
    """Rule, line number, what was met, and the line's text; once per line and rule."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    lines = text.splitlines()
    found: dict[tuple[int, str], str] = {}
    for rule, node, what in _Screen(tree, sealed).hits():
        found.setdefault((getattr(node, "lineno", 1), rule), what)
    return [
        (rule, number, what, lines[number - 1].strip() if number <= len(lines) else "")
        for (number, rule), what in sorted(found.items())
    ]


class _Screen:
    def __init__(self, tree: ast.Module, sealed: Collection[str]) -> None:
        self.names = Names(tree)
        files = {path for path in sealed if path.endswith(".py")}
        self.files = files | {name for path in files if (name := path.rsplit("/", 1)[-1]).startswith("test_")}
        self.modules = {path.removesuffix(".py").replace("/", ".") for path in self.files}
        self.unsaid = {
            id(node.value)
            for node, _ in self.names.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        """Docstrings."""

    def hits(self) -> Iterator[Hit]:
        """Everything refused, in no order."""
        for node, scope in self.names.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._import(node)
            elif isinstance(node, ast.ClassDef):
                yield from _disguised(node)
            elif isinstance(node, ast.MatchClass):
                yield from ((ATTRIBUTES[name], node, name) for name in node.kwd_attrs if name in ATTRIBUTES)
            elif isinstance(node, ast.expr):
                yield from self._expression(node, scope)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Iterator[Hit]:
        if isinstance(node, ast.ImportFrom):
            named = [f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names]
        else:
            named = [alias.name for alias in node.names]
        for name in named:
            parts = name.split(".")
            whole = [".".join(parts[:end]) for end in range(1, len(parts) + 1)]
            yield from ((FORBIDDEN[each], node, name) for each in whole if each in FORBIDDEN)
            if parts[0] == "tests" or self.modules & set(whole):
                yield "reads-tests", node, name

    def _expression(self, node: ast.expr, scope: Scope) -> Iterator[Hit]:
        owner, name = self.names.attribute(node, scope)
        if owner is not None and name in ATTRIBUTES:
            yield ATTRIBUTES[name], node, name
        if owner is not None or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            for origin in self.names.origins(node, scope):
                if origin in FORBIDDEN and (owner is not None or origin.startswith("builtins.")):
                    yield FORBIDDEN[origin], node, origin
        if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
            yield from self._set(node, owner, name, scope)
        if isinstance(node, ast.Call):
            yield from self._call(node, scope)
        elif id(node) not in self.unsaid:
            yield from self._text(node, scope)

    def _set(self, node: ast.expr, owner: ast.expr | None, name: str | None, scope: Scope) -> Iterator[Hit]:
        """An attribute that is set or deleted."""
        if name in _DISGUISE and owner is not None:
            yield "class-disguise", node, f"sets {name}"
        for origin in sorted(self.names.origins(owner, scope)) if owner is not None else []:
            known = origin.split(".")[0] in reserved()
            if known and not CUSTOMISED.fullmatch(f"{origin}.{name or '?'}"):
                yield "monkeypatch", node, f"sets {origin}.{name or '…'}"

    def _call(self, node: ast.Call, scope: Scope) -> Iterator[Hit]:
        called = self.names.origins(node.func, scope)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called & {"builtins.setattr", "builtins.delattr"} or (method in ("__setattr__", "__delattr__")):
            yield from self._set_by_call(node, method, scope)
        elif method in ("update", "__setitem__", "clear") and isinstance(node.func, ast.Attribute):
            owner, _ = self.names.attribute(ast.Subscript(node.func.value, ast.Constant(0), ast.Load()), scope)
            yield from self._set(node, owner, None, scope)
        if "builtins.type" in called and len(node.args) == 3 and isinstance(node.args[2], ast.Dict):
            yield from _made_class(node.args[2])
        if called & {"operator.attrgetter", "operator.methodcaller"}:
            texts = [self.names.text(each, scope) or "" for each in node.args]
            parts = [part for text in texts for part in text.split(".")]
            yield from ((ATTRIBUTES[part], node, part) for part in parts if part in ATTRIBUTES)

    def _set_by_call(self, node: ast.Call, method: str, scope: Scope) -> Iterator[Hit]:
        """`setattr(a, "b", …)`, `object.__setattr__(a, "b", …)`, `a.__setattr__("b", …)`."""
        of_class = method and len(node.args) < (3 if method == "__setattr__" else 2)
        given = [node.func.value, *node.args] if of_class and isinstance(node.func, ast.Attribute) else node.args
        if len(given) > 1:
            yield from self._set(node, given[0], self.names.text(given[1], scope), scope)

    def _text(self, node: ast.expr, scope: Scope) -> Iterator[Hit]:
        text = None if isinstance(node, ast.Name) else self.names.text(node, scope)
        if text is None:
            return
        if SYSTEM_FILES.fullmatch(text):
            yield "proc", node, repr(text[:40])
        if TESTED.search(text):
            yield "test-detection", node, repr(text[:40])
        if TESTS_FOLDER.match(text) or any(name in text for name in self.files) or text in self.modules:
            yield "reads-tests", node, repr(text[:40])


def _disguised(node: ast.ClassDef) -> Iterator[Hit]:
    """A class that says it is another, or that its objects are equal to everything."""
    for part in node.body:
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _member(part.name, part, part)
        elif isinstance(part, ast.Assign | ast.AnnAssign) and part.value:
            targets = part.targets if isinstance(part, ast.Assign) else [part.target]
            for name in (target.id for target in targets if isinstance(target, ast.Name)):
                yield from _member(name, part.value, part)


def _made_class(node: ast.Dict) -> Iterator[Hit]:
    """The same in `type("A", (), {…})`."""
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield from _member(key.value, value, key)


def _member(name: str, value: ast.AST, place: ast.AST) -> Iterator[Hit]:
    if name in _DISGUISE:
        yield "class-disguise", place, f"defines {name}"
    if name in _EQUALS and isinstance(value, FUNCTIONS) and _always(value, _EQUALS[name]):
        yield "equal-to-everything", place, name


def _always(function: ast.AST, answer: bool) -> bool:
    """Whether a function can return nothing but this answer, by its constants alone."""
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    if isinstance(function, ast.Lambda):
        returned = [function.body]
    return bool(returned) and all(_constant(value) is answer for value in returned)


def _constant(value: ast.expr | None) -> bool | None:
    """Truth of a constant expression."""
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        inner = _constant(value.operand)
        return None if inner is None else not inner
    return bool(value.value) if isinstance(value, ast.Constant) else None
