"""Does the code offer what its contract says? Names, parameters, defaults, types and fields, by reading alone."""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import griffe

from schemas.contract import Contract, DataModel, Interface
from schemas.finding import Finding
from tools.raises import unraised

_OLD_NAMES = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "FrozenSet": "frozenset", "Type": "type"}
_VARIADIC = (griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword)
_UNSAID = {None, "", "Any", "any"}


FIELDLESS = {"object", "BaseModel", "TypedDict", "NamedTuple", "Protocol", "Generic", "ABC", "Exception", "str"}
"""Bases without fields."""
DEEPEST_FAMILY = 20


@dataclass(frozen=True)
class Wanted:
    """A parameter as the contract has it."""

    name: str
    type: str | None
    default: str | None
    required: bool


def conformance(sources: Mapping[str, str], contract: Contract) -> list[Finding]:
    """Every difference between the changed Python files and the contract."""
    modules = {path: _module(path, text) for path, text in sources.items()}
    findings = [found for interface in contract.interfaces for found in _interface(modules, interface)]
    findings += [found for model in contract.data_models for found in _data_model(modules, model)]
    found = {each.name: _find(modules, each) for each in contract.interfaces if each.type != "api_endpoint"}
    places = {name: where[0] for name, where in found.items() if where and not isinstance(where[1], griffe.Alias)}
    return findings + list(unraised(sources, places, contract))


def _module(path: str, text: str) -> griffe.Module:
    lines = griffe.LinesCollection()
    lines[Path(path)] = text.splitlines()
    name = path.removesuffix(".py").replace("/", ".")
    return griffe.visit(name, filepath=Path(path), code=text, lines_collection=lines)


def _interface(modules: Mapping[str, griffe.Module], wanted: Interface) -> Iterator[Finding]:
    if wanted.type == "api_endpoint":
        return
    found = _find(modules, wanted)
    if found is None:
        where = wanted.module or next(iter(modules), "?")
        yield _finding("missing-interface", where, 1, f"{wanted.type} {wanted.name} is missing")
        return
    path, code = found
    if isinstance(code, griffe.Function | griffe.Class) and isinstance(code, griffe.Class) != (wanted.type == "class"):
        yield _finding("kind", path, code.lineno or 1, f"{wanted.name} is no {wanted.type}")
    elif isinstance(code, griffe.Function):
        yield from _signature(path, code, wanted)
    elif isinstance(code, griffe.Class) and wanted.parameters:
        yield from _constructor(path, code, wanted)


def _find(modules: Mapping[str, griffe.Module], wanted: Interface) -> tuple[str, griffe.Object | griffe.Alias] | None:
    """What has the name; an import or an assignment is taken as it is, since reading cannot tell what it holds."""
    for path, module in modules.items():
        if wanted.module in (None, path):
            holders = list(module.classes.values()) if wanted.type == "method" else [module]
            for holder in holders:
                if wanted.name in holder.members:
                    return path, holder.members[wanted.name]
    return None


def _signature(path: str, code: griffe.Function, wanted: Interface) -> Iterator[Finding]:
    line = code.lineno or 1
    expected = _expected(wanted)
    actual = [each for each in code.parameters if not _is_receiver(wanted, each.name)]
    if expected is not None:
        yield from _same_parameters(path, line, actual, wanted, expected)
        if [each.name for each in actual] != [each.name for each in expected]:
            return
    if not _same_type(code.returns, wanted.return_type):
        said = f"{wanted.name} returns {code.returns or 'nothing named'}, the contract says {wanted.return_type}"
        yield _finding("return-type", path, line, said)


def _same_parameters(
    path: str, line: int, actual: list[griffe.Parameter], wanted: Interface, expected: list[Wanted]
) -> Iterator[Finding]:
    names, wanted_names = [each.name for each in actual], [each.name for each in expected]
    if names != wanted_names:
        said = f"{wanted.name}({', '.join(names)}) should be {wanted.name}({', '.join(wanted_names)})"
        yield _finding("parameter-name", path, line, said)
        return
    for has, wants in zip(actual, expected, strict=True):
        yield from _parameter(path, line, wanted.name, has, wants)


def _constructor(path: str, code: griffe.Class, wanted: Interface) -> Iterator[Finding]:
    """`__init__` against the parameters; without one, the fields; nothing where a base or decorator makes it."""
    made = code.members.get("__init__")
    if isinstance(made, griffe.Function):
        given = [each for each in made.parameters if not _is_receiver(wanted, each.name)]
        if not any(each.kind in _VARIADIC for each in given):
            yield from _same_parameters(path, code.lineno or 1, given, wanted, _expected(wanted) or [])
        return
    fields = _constructor_fields(code)
    if fields is None:
        return
    wants = _expected(wanted) or []
    if sorted(fields) != sorted(each.name for each in wants):
        said = f"{wanted.name}({', '.join(fields)}) should be {wanted.name}({', '.join(each.name for each in wants)})"
        yield _finding("parameter-name", path, code.lineno or 1, said)
        return
    for each in wants:
        if not _same_type(fields[each.name].annotation, each.type):
            said = f"{wanted.name}: {each.name} is {fields[each.name].annotation}, the contract says {each.type}"
            yield _finding("type", path, fields[each.name].lineno or 1, said)


def _constructor_fields(code: griffe.Class) -> dict[str, griffe.Attribute] | None:
    """What a dataclass, named tuple or pydantic model takes; None where that cannot be read."""
    makers = {str(each.value).split("(")[0].rsplit(".", 1)[-1] for each in code.decorators}
    bases = {str(base).split("[")[0].rsplit(".", 1)[-1] for base in code.bases}
    if not makers and not bases and "metaclass" not in code.source.split("\n", 1)[0] and "__new__" not in code.members:
        return {}
    if not (makers == {"dataclass"} and not bases) and not (bases in ({"NamedTuple"}, {"BaseModel"}) and not makers):
        return None
    fields = {
        name: each
        for name, each in code.attributes.items()
        if each.annotation is not None and "instance-attribute" in each.labels
    }
    unsaid = ("ClassVar", "KW_ONLY", "PrivateAttr")
    if any(
        word in f"{each.annotation} {each.value}" for each in fields.values() for word in (*unsaid, "init=", "alias")
    ):
        return None
    return fields


def _is_receiver(wanted: Interface, name: str) -> bool:
    return wanted.type in ("method", "class") and name in ("self", "cls")


def _expected(wanted: Interface) -> list[Wanted] | None:
    """From the parameters; where there are none, from the signature; None when that is no definition."""
    if wanted.parameters:
        listed = [Wanted(each.name.lstrip("*"), each.type, each.default, each.required) for each in wanted.parameters]
    else:
        signature = _definition(wanted.signature)
        if signature is None:
            return None
        listed = [
            Wanted(each.name, _text(each.annotation), _default(each), each.required) for each in signature.parameters
        ]
    return [each for each in listed if each.name not in ("", "/") and not _is_receiver(wanted, each.name)]


def _definition(signature: str) -> griffe.Function | None:
    try:
        module = _module("signature", f"{signature.strip().rstrip(':')}: ...")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return next(iter(module.functions.values()), None)


def _parameter(path: str, line: int, name: str, has: griffe.Parameter, wants: Wanted) -> Iterator[Finding]:
    default = _default(has)
    if wants.default is not None and _normal(default) not in (_normal(wants.default), repr(wants.default)):
        said = f"{name}: {has.name} defaults to {default or 'nothing'}, the contract says {wants.default}"
        yield _finding("default", path, line, said)
    elif wants.default is None and wants.required and default is not None:
        yield _finding("default", path, line, f"{name}: {has.name} has a default, the contract says it is required")
    elif not wants.required and has.required:
        yield _finding("default", path, line, f"{name}: {has.name} has no default, the contract says it is optional")
    if not _same_type(has.annotation, wants.type):
        said = f"{name}: {has.name} is {has.annotation or 'not annotated'}, the contract says {wants.type}"
        yield _finding("type", path, line, said)


def _default(has: griffe.Parameter) -> str | None:
    return None if has.kind in _VARIADIC else _text(has.default)


def _data_model(modules: Mapping[str, griffe.Module], wanted: DataModel) -> Iterator[Finding]:
    found = next(
        ((path, module.members[wanted.name]) for path, module in modules.items() if wanted.name in module.members), None
    )
    if found is None:
        yield _finding("data-model", next(iter(modules), "?"), 1, f"class {wanted.name} is missing")
        return
    path, member = found
    fields = _fields(modules, member) if isinstance(member, griffe.Class) else None
    for field in wanted.fields:
        if fields is not None and field.name not in fields:
            yield _finding("data-model", path, member.lineno or 1, f"{wanted.name} has no field {field.name}")


def _fields(modules: Mapping[str, griffe.Module], code: griffe.Class, depth: int = 0) -> set[str] | None:
    """Names of the members, inherited ones too; None when a base cannot be read."""
    names = set(code.members) | set(re.findall(r"\bself\.(\w+)", code.source))
    for base in code.bases:
        name = str(base).split("[")[0].rsplit(".", 1)[-1]
        parent = next((module.classes[name] for module in modules.values() if name in module.classes), None)
        inherited = _fields(modules, parent, depth + 1) if parent and depth < DEEPEST_FAMILY else None
        if inherited is None and name not in FIELDLESS:
            return None
        names |= inherited or set()
    return names


def _same_type(has: object, wants: str | None) -> bool:
    """A type in prose cannot be compared."""
    return wants in _UNSAID or _parsed(wants) is None or _normal(_text(has)) == _normal(wants)


def _text(expression: object) -> str | None:
    return None if expression is None else str(expression)


def _normal(text: str | None) -> str | None:
    """The same text for the same type or default: quotes, qualified and old names do not matter."""
    tree = _parsed(text)
    try:
        return text if tree is None else ast.unparse(_Normal().visit(tree))
    except RecursionError:
        return text


def _parsed(text: str | None) -> ast.expr | None:
    try:
        return ast.parse((text or "").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


class _Normal(ast.NodeTransformer):
    """`Optional[pd.Series]` → `Series | None`, with unions in order."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """The last name alone."""
        return self.visit_Name(ast.Name(node.attr))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """New names for old."""
        return ast.Name(_OLD_NAMES.get(node.id, node.id))

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        """A quoted type as the type, a quoted word as the word."""
        quoted = _parsed(node.value) if isinstance(node.value, str) else None
        return node if quoted is None else self.visit(quoted)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`Optional` and `Union` as `|`."""
        self.generic_visit(node)
        name = node.value.id if isinstance(node.value, ast.Name) else ""
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name == "Optional":
            return _union([*parts, ast.Constant(None)])
        return _union(parts) if name == "Union" else node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Unions in order."""
        self.generic_visit(node)
        return _union(_parts(node)) if isinstance(node.op, ast.BitOr) else node


def _parts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*_parts(node.left), *_parts(node.right)]
    return [node]


def _union(parts: list[ast.expr]) -> ast.expr:
    ordered = sorted((each for part in parts for each in _parts(part)), key=ast.unparse)
    union = ordered[0]
    for part in ordered[1:]:
        union = ast.BinOp(union, ast.BitOr(), part)
    return union


def _finding(rule: str, path: str, line: int, message: str) -> Finding:
    return Finding(gate="conformance", rule=rule, path=path, line=line, message=message)
