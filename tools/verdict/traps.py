"""Traps: the sealed tests as they stand in one run, under fresh names and with canaries among them.

Code under test shares a process with its tests. What it cannot know is which of the tests it sees must fail.
"""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tools.verdict.canaries import RANDOM, must_fail, must_pass, other_value, plain_tests, twin
from tools.verdict.suite import Function, blocks

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_FRESH = re.compile(r"\btest_[a-z]{12}\b")


@dataclass(frozen=True)
class Woven:
    """The sealed files for one run."""

    files: Mapping[str, str]
    names: Mapping[str, str]
    """Name in this run → name as sealed."""
    must_fail: frozenset[str]
    must_pass: frozenset[str]
    order: Sequence[str]
    """Ids of all tests, without parameters, in the order in which they run."""

    def sealed_name(self, text: str) -> str:
        """A node id or a text, with the names as they were sealed."""
        return _FRESH.sub(lambda found: self.names.get(found[0], found[0]), text)

    def canary(self, node_id: str) -> bool:
        """Whether this is the id of a canary."""
        name = function_of(node_id)
        return name in self.must_fail or name in self.must_pass


def function_of(node_id: str) -> str:
    """The name of the test function in a node id."""
    return node_id.split("[", 1)[0].rsplit("::", 1)[-1]


def weave(sealed: Mapping[str, str]) -> Woven:
    """Fresh names and fresh canaries."""
    sealed = {path: text.replace("\r\n", "\n").replace("\r", "\n") for path, text in sealed.items()}
    trees = {path: ast.parse(text) for path, text in sealed.items()}
    fresh = {name: fresh_name() for name in sorted(renamable(trees))}
    files = {path: renamed(text, trees[path], fresh) for path, text in sealed.items()}
    traps = [(path, fresh_name(), canary) for path, canary in canaries(sealed, trees)]
    for path, name, (_, arguments, body) in traps:
        indented = "\n".join(f"    {line}" for line in body.splitlines())
        files[path] = files[path].rstrip("\n") + f"\n\n\ndef {name}({arguments}):\n{indented}\n"
    return Woven(
        files,
        {new: old for old, new in fresh.items()},
        frozenset(name for _, name, (fails, *_) in traps if fails),
        frozenset(name for _, name, (fails, *_) in traps if not fails),
        [name for path, tree in trees.items() for name in ordered(path, tree, fresh, traps)],
    )


def fresh_name() -> str:
    """A name like any other test's."""
    return "test_" + "".join(RANDOM.choices(_LETTERS, k=12))


def tests_of(tree: ast.Module) -> list[Function]:
    """Test functions of a module and its classes, in order."""
    return [function for block in blocks(tree) for _, function in block]


def renamable(trees: Mapping[str, ast.Module]) -> set[str]:
    """Names of tests that nothing in the files speaks of."""
    names = {node.name for tree in trees.values() for node in tests_of(tree)}
    nodes = [node for tree in trees.values() for node in ast.walk(tree)]
    spoken = {node.id for node in nodes if isinstance(node, ast.Name)}
    spoken |= {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    spoken |= {node.arg for node in nodes if isinstance(node, ast.arg)}
    spoken |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    spoken |= {alias.name for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names}
    return names - spoken


def renamed(text: str, tree: ast.Module, fresh: Mapping[str, str]) -> str:
    """The file with new names, line by line where it was."""
    lines = text.split("\n")
    for node in tests_of(tree):
        if node.name in fresh:
            line = lines[node.lineno - 1]
            definition = re.compile(rf"(\bdef\s+){re.escape(node.name)}\b")
            lines[node.lineno - 1] = definition.sub(rf"\g<1>{fresh[node.name]}", line, count=1)
    return "\n".join(lines)


Canary = tuple[bool, str, str]
"""Whether it must fail, its parameters, its body."""
Trap = tuple[str, str, Canary]
"""The file it goes into, its name, and what it is."""


def canaries(sealed: Mapping[str, str], trees: Mapping[str, ast.Module]) -> list[tuple[str, Canary]]:
    """Each with the file that it goes into."""
    paths = [path for path in sealed if tests_of(trees[path])]
    if not paths:
        return []
    whole = "\n".join(sealed[path] for path in paths)
    bare = [(True, "", body) for body in must_fail(whole)] + [(False, "", body) for body in must_pass()]
    placed: list[tuple[str, Canary]] = [(RANDOM.choice(paths), canary) for canary in bare]
    copies = [(path, test) for path in paths for test in plain_tests(trees[path])]
    for path, test in RANDOM.sample(copies, min(2, len(copies))):
        placed.append((path, (True, ast.unparse(test.args), twin(test))))
    changed = [(path, test.args, other_value(test)) for path, test in copies]
    sure = [(path, args, body) for path, args, body in changed if body]
    for path, args, body in RANDOM.sample(sure, min(2, len(sure))):
        placed.append((path, (True, ast.unparse(args), body)))
    return placed


def ordered(path: str, tree: ast.Module, fresh: Mapping[str, str], traps: Sequence[Trap]) -> Iterator[str]:
    """Ids of a file's tests in their own order, its canaries anywhere between; a class stays together."""
    names = [
        [name.removesuffix(each.name) + fresh.get(each.name, each.name) for name, each in block]
        for block in blocks(tree)
    ]
    for place, trap, _ in traps:
        if place == path:
            names.insert(RANDOM.randint(0, len(names)), [trap])
    return (f"{path}::{name}" for block in names for name in block)
