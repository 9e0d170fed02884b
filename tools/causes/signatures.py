"""Does a call fit a signature of the contract? By reading alone."""

import ast
from inspect import Parameter, Signature

from schemas.contract import Interface
from tools.causes.raised import parsed


def binds(interface: Interface, call: ast.Call) -> bool:
    """Whether the contract's signature takes the arguments of a call; false where that cannot be read."""
    signature = signature_of(interface)
    names = [each.arg for each in call.keywords]
    if signature is None or None in names or any(isinstance(each, ast.Starred) for each in call.args):
        return False
    try:
        signature.bind(*call.args, **{str(name): None for name in names})
    except TypeError:
        return False
    return True


def signature_of(interface: Interface) -> Signature | None:
    """The contract's signature without its receiver; None where it cannot be read."""
    tree = parsed(f"{interface.signature.strip().rstrip(':')}: ...")
    node = tree.body[0] if tree and tree.body else None
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return None
    try:
        return Signature([each for each in parameters(node.args) if each.name not in ("self", "cls")])
    except ValueError:  # two parameters of one name
        return None


def parameters(given: ast.arguments) -> list[Parameter]:
    """The same as Python has them at run time; a default is None."""
    plain = [*given.posonlyargs, *given.args]
    required = len(plain) - len(given.defaults)
    first = len(given.posonlyargs)
    found = [
        Parameter(
            each.arg,
            Parameter.POSITIONAL_ONLY if place < first else Parameter.POSITIONAL_OR_KEYWORD,
            default=Parameter.empty if place < required else None,
        )
        for place, each in enumerate(plain)
    ]
    found += [Parameter(given.vararg.arg, Parameter.VAR_POSITIONAL)] if given.vararg else []
    for each, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(Parameter(each.arg, Parameter.KEYWORD_ONLY, default=None if value else Parameter.empty))
    return [*found, *([Parameter(given.kwarg.arg, Parameter.VAR_KEYWORD)] if given.kwarg else [])]
