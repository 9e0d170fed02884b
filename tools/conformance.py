"""Does the code offer what its contract says? Names, parameters, defaults, types and fields, by reading alone."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import griffe

from schemas.contract import Contract, DataModel, Interface
from schemas.finding import Finding

_OLD_NAMES = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set", "FrozenSet": "frozenset", "Type": "type"}
_UNSAID = {None, "", "Any", "any"}


@dataclass(frozen=True)
class Wanted:
    """A parameter as the contract has it."""

    name: str
    type: str | None
    default: str | None
    required: bool


def conformance(sources: Mapping[str, str], contract: Contract) -> list[Finding]:
    """Every difference between the changed Python files and the contract."""
    modules = {path: griffe.visit(_dotted(path), filepath=None, code=text) for path, text in sources.items()}  # type: ignore[arg-type]
    findings = [found for interface in contract.interfaces for found in _interface(modules, interface)]
    return findings + [found for model in contract.data_models for found in _data_model(modules, model)]


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _interface(modules: Mapping[str, griffe.Module], wanted: Interface) -> Iterator[Finding]:
    if wanted.type == "api_endpoint":
        return
    found = _find(modules, wanted)
    if found is None:
        where = wanted.module or next(iter(modules), "?")
        yield _finding("missing-interface", where, 1, f"{wanted.type} {wanted.name} is missing")
        return
    path, code = found
    if isinstance(code, griffe.Function):
        yield from _signature(path, code, wanted)


def _find(modules: Mapping[str, griffe.Module], wanted: Interface) -> tuple[str, griffe.Object] | None:
    kind = griffe.Class if wanted.type == "class" else griffe.Function
    for path, module in modules.items():
        if wanted.module in (None, path):
            holders = [module, *module.classes.values()] if wanted.type == "method" else [module]
            for holder in holders:
                member = holder.members.get(wanted.name)
                if isinstance(member, kind):
                    return path, member
    return None


def _signature(path: str, code: griffe.Function, wanted: Interface) -> Iterator[Finding]:
    expected = _expected(wanted)
    actual = [each for each in code.parameters if wanted.type != "method" or each.name not in ("self", "cls")]
    line = code.lineno or 1
    names, wanted_names = [each.name for each in actual], [each.name for each in expected]
    if names != wanted_names:
        said = f"{wanted.name}({', '.join(names)}) should be {wanted.name}({', '.join(wanted_names)})"
        yield _finding("parameters", path, line, said)
        return
    for has, wants in zip(actual, expected, strict=True):
        yield from _parameter(path, line, wanted.name, has, wants)
    if not _same_type(code.returns, wanted.return_type):
        said = f"{wanted.name} returns {code.returns or 'nothing named'}, the contract says {wanted.return_type}"
        yield _finding("return-type", path, line, said)


def _expected(wanted: Interface) -> list[Wanted]:
    """From the parameters; where there are none, from the signature."""
    if wanted.parameters:
        return [Wanted(each.name.lstrip("*"), each.type, each.default, each.required) for each in wanted.parameters]
    try:
        module = griffe.visit("signature", filepath=None, code=f"{wanted.signature.rstrip(':')}: ...")  # type: ignore[arg-type]
    except SyntaxError:
        return []
    functions = [member for member in module.members.values() if isinstance(member, griffe.Function)]
    parameters = [each for each in functions[0].parameters if each.name not in ("self", "cls")] if functions else []
    return [
        Wanted(each.name, str(each.annotation or "") or None, _text(each.default), each.required) for each in parameters
    ]


def _parameter(path: str, line: int, name: str, has: griffe.Parameter, wants: Wanted) -> Iterator[Finding]:
    default = _text(has.default) if not _is_variadic(has) else None
    if wants.default is not None and _normal(default) != _normal(wants.default):
        said = f"{name}: {has.name} defaults to {default or 'nothing'}, the contract says {wants.default}"
        yield _finding("default", path, line, said)
    elif wants.default is None and wants.required and default is not None:
        yield _finding("default", path, line, f"{name}: {has.name} has a default, the contract says it is required")
    if not _same_type(has.annotation, wants.type):
        said = f"{name}: {has.name} is {has.annotation or 'not annotated'}, the contract says {wants.type}"
        yield _finding("type", path, line, said)


def _is_variadic(has: griffe.Parameter) -> bool:
    return has.kind in (griffe.ParameterKind.var_positional, griffe.ParameterKind.var_keyword)


def _data_model(modules: Mapping[str, griffe.Module], wanted: DataModel) -> Iterator[Finding]:
    for path, module in modules.items():
        member = module.members.get(wanted.name)
        if isinstance(member, griffe.Class):
            missing = [each.name for each in wanted.fields if each.name not in member.all_members]
            for name in missing:
                yield _finding("data-model", path, member.lineno or 1, f"{wanted.name} has no field {name}")
            return
    yield _finding("data-model", next(iter(modules), "?"), 1, f"class {wanted.name} is missing")


def _same_type(has: object, wants: str | None) -> bool:
    return wants in _UNSAID or _normal(_text(has)) == _normal(wants)


def _text(expression: object) -> str | None:
    return None if expression is None else str(expression)


def _normal(text: str | None) -> str | None:
    """The same text for the same type or default: quotes, qualified and old names do not matter."""
    if text is None:
        return None
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return text.strip()
    return ast.unparse(_Normal().visit(tree))


class _Normal(ast.NodeTransformer):
    """`Optional[pd.Series]` → `Series | None`, with unions in order."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        """The last name alone."""
        return self.visit_Name(ast.Name(node.attr))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """New names for old."""
        return ast.Name(_OLD_NAMES.get(node.id, node.id))

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
