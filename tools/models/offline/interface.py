"""A function as a contract describes it."""

from collections.abc import Sequence

from schemas.contract import Interface, Parameter


def function(
    name: str, module: str, parameters: Sequence[Parameter], returns: str, doc: str, rules: str, raises: Sequence[str]
) -> Interface:
    """A function as a contract describes it."""
    listed = ", ".join(f"{p.name}: {p.type}" + (f" = {p.default}" if p.default is not None else "") for p in parameters)
    return Interface(
        name=name,
        type="function",
        signature=f"def {name}({listed}) -> {returns}",
        parameters=list(parameters),
        return_type=returns,
        raises=list(raises),
        docstring=doc,
        module=module,
        rules=rules,
    )
