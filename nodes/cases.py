"""What the architect has to keep back, and what is wrong with it."""

import ast
import re
from collections.abc import Iterator, Sequence

from schemas.cases import Case
from schemas.contract import Contract, Interface
from schemas.errors import BadInput
from tools.verdict.examples import strategy
from tools.verdict.values import literal

PLAIN = re.compile(
    r"(?:[\s\[\],|.]|\b(?:int|float|bool|str|bytes|complex|None|list|dict|tuple|set|frozenset|Sequence|Mapping|Iterable|"
    r"Optional|Union|Any|object|date|datetime|Decimal|Series|DataFrame|ndarray|pd|np|pandas|numpy|typing|collections|abc)\b)+"
)
"""Types whose values can be written as data."""


def case_faults(contract: Contract, cases: Sequence[Case]) -> list[str]:
    """One line per fault."""
    faults = [f"held_back[{place}].{fault}" for place, case in enumerate(cases) for fault in _faults(case)]
    called = {name for case in cases for name in _names(case.call)}
    return faults + [
        f"held_back: needs at least one case that calls {each.name}, with other inputs than the tests have"
        for each in contract.interfaces
        if each.name not in called and speaks_data(each)
    ]


def speaks_data(interface: Interface) -> bool:
    """Whether it is a function that takes and gives what can be written as data."""
    types = [interface.return_type or "", *(each.type for each in interface.parameters)]
    plain = all(PLAIN.fullmatch(each) for each in types)
    return interface.type == "function" and bool(interface.parameters) and types[0] != "None" and plain


def _names(call: str) -> set[str]:
    try:
        tree = ast.parse(call.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} | {
        node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)
    }


def _faults(case: Case) -> Iterator[str]:
    for field in ("call", "holds"):
        text = getattr(case, field)
        if text is not None and not _expression(text):
            yield f"{field}: {text[:80]!r} is no Python expression"
    try:
        if case.returns is not None:
            literal(case.returns)
        for each in case.given:
            strategy(each.type)
    except BadInput as error:
        yield f"{'given' if case.given else 'returns'}: {error.message}"


def _expression(text: str) -> bool:
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
