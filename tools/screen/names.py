"""What the names of a file stand for: imports, other names for them, and texts put together from constants."""

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_ORIGINS = 32
LONGEST_TEXT = 4_000
"""Characters of a text put together."""
DEEPEST = 100
"""Steps from one expression to the next."""
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_PASSED_ON = {"sys", "os", "gc", "builtins", "ctypes", "importlib", "inspect", "signal", "threading"}
"""Modules that are reached through others too, as in `logging.os`."""
_SAME = {"posix": "os", "nt": "os"}
_UNREADABLE = ast.Constant(None)
_GETTERS = {"operator.attrgetter", "operator.methodcaller"}


@dataclass(eq=False)
class Scope:
    """Names bound in a module, class, function or comprehension."""

    kind: type[ast.AST]
    parent: "Scope | None" = None
    bound: dict[str, list["str | tuple[ast.expr, Scope] | None"]] = field(default_factory=dict)
    """Name → what it stands for: a dotted name, an expression in a scope, or something that cannot be read."""
    sure: set[str] = field(default_factory=set)
    """Names bound whatever happens; others may mean what is outside."""
    foreign: dict[str, "Scope"] = field(default_factory=dict)
    """Names that a `global` or `nonlocal` statement gives to a scope further out."""

    def bind(self, name: str, value: "str | tuple[ast.expr, Scope] | None") -> None:
        """Note one more thing that a name may stand for."""
        self.foreign.get(name, self).bound.setdefault(name, []).append(value)

    def outermost(self) -> "Scope":
        """The module."""
        return self.parent.outermost() if self.parent else self


class Names:
    """Every node of a file with its scope; answers what an expression stands for."""

    def __init__(self, tree: ast.Module) -> None:
        self.module = Scope(ast.Module)
        self.nodes: list[tuple[ast.AST, Scope]] = []
        self._origins: dict[tuple[int, Scope], set[str]] = {}
        self._texts: dict[tuple[str, Scope], str | None] = {}
        self._depth = 0
        self._visit(tree, self.module)
        self.module.sure = {name for statement in tree.body for name in _sure(statement)}
        for node, _ in self.nodes:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
                self.module.sure.discard(node.id)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        self.nodes.append((node, scope))
        inner = scope
        if isinstance(node, (*FUNCTIONS, *COMPREHENSIONS, ast.ClassDef)):
            inner = Scope(type(node), scope)
            if isinstance(node, FUNCTIONS):
                _bind_parameters(node.args, inner, scope)
        _bind(node, scope)
        for child in ast.iter_child_nodes(node):
            self._visit(child, inner)

    def origins(self, node: ast.expr, scope: Scope) -> set[str]:
        """Dotted names that an expression may stand for: `os.path.join`, `builtins.eval`."""
        key = (id(node), scope)
        if key not in self._origins and self._depth < DEEPEST:
            self._origins[key] = set()
            self._depth += 1
            self._origins[key] = set(sorted(self._found(node, scope))[:MOST_ORIGINS])
            self._depth -= 1
        return self._origins.get(key, set())

    def _found(self, node: ast.expr, scope: Scope) -> set[str]:
        if isinstance(node, ast.Name):
            return self._search(node.id, scope)
        if isinstance(node, ast.IfExp):
            return self.origins(node.body, scope) | self.origins(node.orelse, scope)
        if isinstance(node, ast.BoolOp):
            return {origin for value in node.values for origin in self.origins(value, scope)}
        if isinstance(node, ast.NamedExpr):
            return self.origins(node.value, scope)
        owner, name = self.attribute(node, scope)
        if owner is None or name is None:
            return set()
        if owner is _UNREADABLE:
            return self._search(name, self.module)
        return {_canonical(f"{origin}.{name}") for origin in self.origins(owner, scope)}

    def _search(self, name: str, scope: Scope) -> set[str]:
        for holder in _holders(scope):
            if name in holder.bound:
                found: set[str] = set()
                for value in holder.bound[name]:
                    found |= {value} if isinstance(value, str) else self.origins(*value) if value else set()
                settled = holder.kind in FUNCTIONS or holder.kind in COMPREHENSIONS or name in holder.sure
                if not settled:
                    found |= self._search(name, holder.parent) if holder.parent else _builtin(name)
                return found
        return _builtin(name)

    def attribute(self, node: ast.expr, scope: Scope) -> tuple[ast.expr | None, str | None]:
        """Object and name, however the attribute is taken: `a.b`, `getattr(a, "b")`, `vars(a)["b"]`."""
        if isinstance(node, ast.Attribute):
            return node.value, node.attr
        if isinstance(node, ast.Subscript):
            return self._namespace(node.value, scope), self.text(node.slice, scope)
        if not isinstance(node, ast.Call) or not node.args:
            return None, None
        called = self.origins(node.func, scope)
        if called & {"builtins.getattr", "inspect.getattr_static"} and len(node.args) > 1:
            return node.args[0], self.text(node.args[1], scope)
        if isinstance(node.func, ast.Call) and node.func.args and self.origins(node.func.func, scope) & _GETTERS:
            return node.args[0], self.text(node.func.args[0], scope)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if method in ("get", "pop", "setdefault", "__getitem__") and isinstance(node.func, ast.Attribute):
            return self._namespace(node.func.value, scope), self.text(node.args[0], scope)
        if method in ("__getattribute__", "__getattr__") and isinstance(node.func, ast.Attribute):
            owner = node.args[0] if len(node.args) > 1 else node.func.value
            return owner, self.text(node.args[-1], scope)
        return None, None

    def _namespace(self, node: ast.expr, scope: Scope) -> ast.expr | None:
        """The object whose `__dict__` this is; for the file's own names one that cannot be read."""
        if isinstance(node, ast.Attribute) and node.attr == "__dict__":
            return node.value
        if isinstance(node, ast.Call) and self.origins(node.func, scope) & {"builtins.vars", "builtins.globals"}:
            return node.args[0] if node.args else _UNREADABLE
        return None

    def text(self, node: ast.expr, scope: Scope, depth: int = 0) -> str | None:
        """The text that an expression of constants makes; None for any other."""
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if depth > DEEPEST:
            return None
        if isinstance(node, ast.Name):
            return self._named_text(node.id, scope, depth)
        parts = self._parts(node, scope)
        texts = [self.text(part, inside, depth + 1) for part, inside in parts or []]
        if not texts or None in texts or sum(len(text or "") for text in texts) > LONGEST_TEXT:
            return None
        joint = self.text(node.func.value, scope, depth + 1) if _is_join(node) else ""  # type: ignore[attr-defined]
        made = (joint or "").join(text or "" for text in texts)
        return made[::-1] if isinstance(node, ast.Subscript) else made

    def _named_text(self, name: str, scope: Scope, depth: int) -> str | None:
        """The text that a name stands for, when it is bound just once."""
        if (name, scope) not in self._texts:
            self._texts[name, scope] = None
            holder = next((each for each in _holders(scope) if name in each.bound), None)
            values = holder.bound[name] if holder else []
            if len(values) == 1 and isinstance(values[0], tuple):
                self._texts[name, scope] = self.text(*values[0], depth + 1)
        return self._texts[name, scope]

    def _parts(self, node: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]] | None:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return [(node.left, scope), (node.right, scope)]
        if isinstance(node, ast.JoinedStr):
            return [(part.value if isinstance(part, ast.FormattedValue) else part, scope) for part in node.values]
        if _is_join(node) and isinstance(node.args[0], ast.List | ast.Tuple):  # type: ignore[attr-defined]
            return [(part, scope) for part in node.args[0].elts]  # type: ignore[attr-defined]
        if isinstance(node, ast.Subscript) and ast.unparse(node.slice) == "::-1":
            return [(node.value, scope)]
        return None


def _is_join(node: ast.expr) -> bool:
    named = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"
    return named and len(node.args) == 1  # type: ignore[attr-defined]


def _holders(scope: Scope) -> Iterator[Scope]:
    """The scopes in which Python looks for a name, from the inside."""
    yield scope
    outer = scope.parent
    while outer:
        if outer.kind is not ast.ClassDef:
            yield outer
        outer = outer.parent


def _builtin(name: str) -> set[str]:
    return {f"builtins.{name}"} if hasattr(builtins, name) or name == "__builtins__" else set()


def _canonical(dotted: str) -> str:
    """`logging.os._exit` → `os._exit`."""
    parts = [part.lstrip("_") if part.lstrip("_") in _PASSED_ON else part for part in dotted.split(".")]
    last = max((place for place, part in enumerate(parts) if part in _PASSED_ON), default=0)
    return ".".join([_SAME.get(parts[last], parts[last]), *parts[last + 1 :]])


def _bind_parameters(given: ast.arguments, inner: Scope, outer: Scope) -> None:
    positional = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(positional) - len(given.defaults)) + [*given.defaults, *given.kw_defaults]
    for parameter, default in zip([*positional, *given.kwonlyargs], defaults, strict=True):
        inner.bind(parameter.arg, (default, outer) if default else None)
    for rest in (given.vararg, given.kwarg):
        if rest:
            inner.bind(rest.arg, None)


def _bind(node: ast.AST, scope: Scope) -> None:
    """Note what a node gives names to."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            scope.bind(
                alias.asname or alias.name.split(".")[0], _canonical(alias.name if alias.asname else _top(alias))
            )
    elif isinstance(node, ast.ImportFrom):
        for alias in node.names:
            scope.bind(alias.asname or alias.name, None if node.level else _canonical(f"{node.module}.{alias.name}"))
    elif isinstance(node, ast.Global | ast.Nonlocal):
        holder = scope.outermost() if isinstance(node, ast.Global) else scope.parent or scope
        scope.foreign |= dict.fromkeys(node.names, holder)
    elif isinstance(node, ast.Assign):
        for target in node.targets:
            _bind_target(target, node.value, scope)
    elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value:
        _bind_target(node.target, node.value, _around(scope) if isinstance(node, ast.NamedExpr) else scope)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) and isinstance(node.iter, ast.List | ast.Tuple):
        for value in node.iter.elts:
            _bind_target(node.target, value, scope)
    else:
        for name in _bound_by(node):
            scope.bind(name, None)


def _around(scope: Scope) -> Scope:
    while scope.kind in COMPREHENSIONS and scope.parent:
        scope = scope.parent
    return scope


def _top(alias: ast.alias) -> str:
    return alias.name.split(".")[0]


def _bind_target(target: ast.expr, value: ast.expr, scope: Scope) -> None:
    if isinstance(target, ast.Name):
        scope.bind(target.id, (value, scope))
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        even = len(values) == len(target.elts) and not any(isinstance(each, ast.Starred) for each in values)
        for place, part in enumerate(target.elts):
            _bind_target(part, values[place] if even else _UNREADABLE, scope)
    elif isinstance(target, ast.Starred):
        _bind_target(target.value, _UNREADABLE, scope)


def _bound_by(node: ast.AST) -> list[str]:
    """Names that a node binds, whatever to."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
        return [node.name] if node.name else []
    targets: list[ast.expr | None] = []
    if isinstance(node, ast.Assign):
        targets = [*node.targets]
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.For | ast.AsyncFor | ast.comprehension):
        targets = [node.target]
    elif isinstance(node, ast.withitem):
        targets = [node.optional_vars]
    inside = [each for target in targets if target for each in ast.walk(target)]
    return [each.id for each in inside if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]


def _sure(statement: ast.stmt) -> list[str]:
    """Names that a statement binds if it runs at all."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or _top(alias) for alias in statement.names]
    if isinstance(statement, ast.For | ast.AsyncFor | ast.AugAssign):
        return []
    return [] if isinstance(statement, ast.AnnAssign) and not statement.value else _bound_by(statement)
