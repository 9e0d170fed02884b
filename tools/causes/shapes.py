"""Spec mismatches by value: what came back is of another kind than the contract says, or the test wants another."""

import ast
import re
from collections.abc import Iterator, Mapping

from schemas.contract import Interface
from tools.causes.calls import Strange
from tools.causes.facts import Facts
from tools.causes.raised import Raised, parsed, statements_at

_KINDS: Mapping[str, str] = {
    "dict": "dict", "Dict": "dict", "Mapping": "dict", "MutableMapping": "dict", "defaultdict": "dict",
    "OrderedDict": "dict", "Counter": "dict",
    "list": "list", "List": "list", "Sequence": "list", "MutableSequence": "list",
    "tuple": "tuple", "Tuple": "tuple",
    "set": "set", "Set": "set", "frozenset": "set", "FrozenSet": "set",
    "str": "str", "bytes": "bytes", "bool": "bool",
    "int": "number", "float": "number", "complex": "number", "Decimal": "number",
}  # fmt: skip
"""Type as the contract says it → kind of value; only kinds that a printed value shows."""
_ISINSTANCE = re.compile(r"where False = isinstance\((.+), (?:<class ')?([\w.]+)")
_CLASS = re.compile(r"^<class '([\w.]+)'>$")


def other_shape(facts: Facts) -> Strange | None:
    """The first assertion of a sealed test whose sides are of different kinds, one of them against the contract."""
    for test, raised in facts.ends():
        came, wanted = sides(raised)
        for each in called(raised, facts):
            kind = agreed_kind(each)
            against = (kind == came != wanted) or (kind == wanted != came and not right_elsewhere(each, facts))
            if came and wanted and kind and against:
                said = f"{each.name} gives a {came} where a {wanted} is wanted; the contract says {each.return_type}"
                return Strange(test.test_name, f"{raised.path}:{raised.line}: {said}")
    return None


def right_elsewhere(interface: Interface, facts: Facts) -> bool:
    """Whether a sealed test has passed that looks at what the interface returns: then its kind is right as a rule."""
    passed = {test.test_name.split("[", 1)[0] for test in facts.results if test.status == "passed"}
    trees = {path: parsed(facts.files.get(path, "")) for path in facts.sealed}
    bodies = [(path, node) for path, tree in trees.items() if tree for node in ast.walk(tree)]
    tests = [
        node
        for path, node in bodies
        if any(f"{path}::" in name and name.endswith(f"::{getattr(node, 'name', '')}") for name in passed)
    ]
    return any(interface.name in functions(part) for node in tests for part in unguarded(node))


def unguarded(test: ast.AST) -> Iterator[ast.AST]:
    """Statements of a test outside `with`, where it waits for exceptions."""
    body: list[ast.stmt] = getattr(test, "body", [])
    return (node for node in body if not isinstance(node, ast.With))


def sides(raised: Raised) -> tuple[str, str]:
    """Kinds of what came and what was wanted, "" where it cannot be told; nothing at all is no other kind."""
    if raised.error != "AssertionError":
        return "", ""
    checked = next((found for line in raised.lines if (found := _ISINSTANCE.search(line))), None)
    if checked:
        return printed_kind(checked[1]), _KINDS.get(checked[2].rpartition(".")[2], "")
    classes = _CLASS.match(raised.left), _CLASS.match(raised.right)
    if classes[0] and classes[1]:
        return _KINDS.get(classes[0][1], ""), _KINDS.get(classes[1][1], "")
    return printed_kind(raised.left), printed_kind(raised.right)


def printed_kind(text: str) -> str:
    """The kind of a value as Python prints it."""
    tree = parsed(text.strip())
    node = tree.body[0].value if tree and len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr) else None
    match node:
        case ast.Dict() | ast.List() | ast.Tuple() | ast.Set():
            return type(node).__name__.lower()
        case ast.Constant(value=bool() | str() | bytes() as value):
            return type(value).__name__
        case ast.Constant(value=int() | float() | complex()) | ast.UnaryOp(operand=ast.Constant()):
            return "number"
        case ast.Call(func=ast.Name(id=name)):
            return _KINDS.get(name, "")
    return ""


def agreed_kind(interface: Interface) -> str:
    """The kind that an interface returns, as its contract says; "" where that is several, or none that is known."""
    tree = parsed((interface.return_type or "").strip())
    node = tree.body[0].value if tree and tree.body and isinstance(tree.body[0], ast.Expr) else None
    if isinstance(node, ast.Subscript):
        node = node.value
    return _KINDS.get(str(getattr(node, "attr", getattr(node, "id", ""))), "")


def called(raised: Raised, facts: Facts) -> Iterator[Interface]:
    """Interfaces of the contract whose result a failed assertion is about."""
    shown = {name for line in raised.lines for name in re.findall(r"(?:where|and)\s+.* = (\w+)\(", line)}
    names = shown or set(assigned(raised, facts))
    return (each for each in facts.contract.interfaces if each.name in names)


def assigned(raised: Raised, facts: Facts) -> Iterator[str]:
    """Functions called in the statement that failed, and in those that gave its names their values."""
    around = statements_at(facts.files.get(raised.path, ""), raised.line)
    if not around:
        return
    used = {node.id for node in ast.walk(around[-1]) if isinstance(node, ast.Name)}
    yield from functions(around[-1])
    for node in (node for outer in around for node in ast.walk(outer) if isinstance(node, ast.Assign)):
        if node.lineno < raised.line and used & {each.id for each in node.targets if isinstance(each, ast.Name)}:
            yield from functions(node)


def functions(statement: ast.AST) -> list[str]:
    """Names of what a statement calls, not as a method of something."""
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return [func.id for func in calls if isinstance(func, ast.Name)]
