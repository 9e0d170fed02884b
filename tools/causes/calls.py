"""Spec mismatches by static comparison: what a sealed test asks for, against the contract and against the code."""

import ast
import builtins
import re
from collections.abc import Iterator
from typing import NamedTuple

from tools.causes.facts import Facts
from tools.causes.imports import asked_in_vain
from tools.causes.raised import Raised, parsed, statements_at
from tools.causes.signatures import binds

_ATTRIBUTE = re.compile(r"(?:type object )?'?(\w+)'?(?: '([\w.]+)')?(?: object)? has no attribute '(\w+)'")
_BINDING = re.compile(r"(?:[\w.<>]+\.)?(\w+)\(\) (?:got |takes |missing )")
_ITS_OWN = {"NameError", "UnboundLocalError", "SyntaxError", "IndentationError"}
"""At a test's own line: the test is broken, whatever the code does."""
_NO_FIXTURE = re.compile(r"fixture '\w+' not found")
_FIXTURES = re.compile(r"No such file or directory: '(?:\./)?(?:tests|fixtures)/")


class Strange(NamedTuple):
    """A test that asks for what is not agreed."""

    test: str
    what: str


def strange(facts: Facts) -> Strange | None:
    """The first sealed test that asks for something that the contract, or the code under it, does not offer."""
    for test, raised in facts.ends():
        here = raised.direct and raised.path in facts.sealed
        what = _at_its_line(raised, facts) if here else _without_fixture(raised)
        what = what or unagreed_exception(raised, test.test_name, facts)
        if what:
            return Strange(test.test_name, f"{raised.path}:{raised.line}: {what}")
    return None


def _without_fixture(raised: Raised) -> str:
    """What pytest says of a test that it cannot call; nothing else fails at no place at all."""
    found = None if raised.path else _NO_FIXTURE.match(raised.text)
    return f"the test itself is broken: {found[0]}" if found else ""


def _at_its_line(raised: Raised, facts: Facts) -> str:
    """What the test's own statement asks for in vain; "" where it got what it asked for."""
    first = raised.text.split("\n", 1)[0]
    if raised.error in _ITS_OWN:
        return f"the test itself is broken: {raised.error}: {first}"
    if raised.error == "FileNotFoundError" and _FIXTURES.search(first):
        return f"the test reads a file that was not sealed: {first}"
    if "NoneType" in first:
        return ""
    if raised.error == "ImportError" and first.startswith("cannot import name"):
        return first
    if raised.error == "ModuleNotFoundError" and asked_in_vain(raised, facts):
        return f"{first}, which the contract does not name"
    if raised.error == "AttributeError":
        return "" if _in_the_code(first, facts) else first
    if raised.error == "TypeError":
        return "" if _agreed_call(raised, first, facts) else first
    if raised.error == "KeyError":
        return _field(first, facts)
    return ""


def _in_the_code(said: str, facts: Facts) -> bool:
    """Whether the code has the attribute after all: then it is only missing at this moment."""
    found = _ATTRIBUTE.search(said)
    if found is None:
        return False
    owner, attribute = found[2] or found[1], found[3]
    code = [text for path, text in facts.files.items() if path.endswith(".py") and path not in facts.sealed]
    return any(attribute in members(text, owner if found[1] != "module" else "") for text in code)


def members(text: str, owner: str) -> set[str]:
    """Names that a class of a file defines or assigns somewhere; those of the module itself for no class."""
    tree = parsed(text)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == owner] if tree else []
    nodes = [node for found in classes for node in ast.walk(found)] if owner else list(tree.body if tree else [])
    names = {getattr(node, "name", "") for node in nodes}
    names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)}
    return names | {
        node.target.id for node in nodes if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _agreed_call(raised: Raised, said: str, facts: Facts) -> bool:
    """Whether the call is one that the contract's signature takes; the gates have held the code's against it."""
    found = _BINDING.match(said)
    offered = facts.interfaces(found[1]) if found else []
    calls = [call for call in _calls(raised, facts) if found and _name(call) == found[1]]
    return bool(calls and offered) and all(any(binds(each, call) for each in offered) for call in calls)


def _calls(raised: Raised, facts: Facts) -> Iterator[ast.Call]:
    for statement in statements_at(facts.files.get(raised.path, ""), raised.line)[-1:]:
        yield from (node for node in ast.walk(statement) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", getattr(call.func, "id", "")))


def _field(said: str, facts: Facts) -> str:
    """A key that a test asks for where the contract names the keys of what is returned."""
    key = said.strip().strip("'\"")
    named = set(
        re.findall(r"['\"]([A-Za-z_]\w*)\\?['\"]", " ".join(each.rules or "" for each in facts.contract.interfaces))
    )
    named |= {field.name for model in facts.contract.data_models for field in model.fields}
    return f"what came back has no {key!r}" if named and re.fullmatch(r"[A-Za-z_]\w*", key) else ""


def unagreed_exception(raised: Raised, test: str, facts: Facts) -> str:
    """An exception that a test waits for and the contract never speaks of."""
    path = test.split("::", 1)[0]
    for name in awaited(facts.files.get(path, ""), raised.line_in(path)):
        if not facts.speaks_of(name) and not any(is_base(name, each) for each in facts.promised):
            return f"the test waits for {name}, of which the contract does not speak"
    return ""


def awaited(text: str, line: int) -> Iterator[str]:
    """Names of the exceptions that a `pytest.raises` around a line waits for."""
    for node in statements_at(text, line):
        if isinstance(node, ast.With):
            for call in (item.context_expr for item in node.items):
                if isinstance(call, ast.Call) and _name(call) == "raises" and call.args:
                    kinds = call.args[0].elts if isinstance(call.args[0], ast.Tuple) else [call.args[0]]
                    yield from (str(getattr(kind, "attr", getattr(kind, "id", ""))) for kind in kinds)


def is_base(name: str, promised: str) -> bool:
    """Whether a built-in exception is the other one, or one of its bases."""
    base, kind = getattr(builtins, name, None), getattr(builtins, promised, None)
    if not isinstance(kind, type):
        return name in ("Exception", "BaseException")
    return isinstance(base, type) and issubclass(kind, base)
