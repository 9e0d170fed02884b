"""What has to hold before a todo is done."""

import ast
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.cases import Case
from schemas.todo import Metrics, TestCommand, ValidationRule


@dataclass(frozen=True)
class Suite:
    """The files under judgement and everything that they are judged by."""

    task_id: str
    workflow_id: str
    tree: Mapping[str, bytes]
    """All files that may stand in the sandbox: never the records under `.aidev/`, which hold what is kept back."""
    sealed: Mapping[str, str]
    """Sealed test files and their text: each test in them must be reported passed."""
    expected: Sequence[str] = ()
    """Ids of the tests that were collected, and failed, on the stub; empty: those that the sealed files define."""
    replaced: Collection[str] = ()
    """Functions that something else than the code replaces: they were so on the stub, too."""
    units: Sequence[str] = ()
    """Test files that are not sealed: the coder's own, and those of the repository. They run apart."""
    apart: Collection[str] = ()
    """Files that do not stand beside the sealed tests: the coder's tests, and what these need."""
    own: Sequence[str] = ()
    """The coder's Python files that are no tests: their coverage counts, and mutants are made of them."""
    modules: Sequence[str] = ()
    """Paths of the modules that hold the contract's interfaces."""
    held_back: Sequence[Case] = ()
    commands: Sequence[TestCommand] = ()
    rules: Sequence[ValidationRule] = ()
    metrics: Metrics = field(default_factory=Metrics)
    timeout_seconds: int | None = None
    """Replaces the limits of the commands where it is longer."""
    seconds: float = 300.0
    """Wall clock for one container."""

    @property
    def limit(self) -> int:
        """Seconds for one run of pytest."""
        return max([self.timeout_seconds or 0, *(command.timeout_seconds for command in self.commands)]) or 60


def test_names(path: str, text: str) -> list[str]:
    """Ids, without parameters, of the tests that a file defines."""
    return [f"{path}::{name}" for block in blocks(ast.parse(text)) for name, _ in block]


Function = ast.FunctionDef | ast.AsyncFunctionDef
Block = list[tuple[str, Function]]
"""Tests that run one after the other, each with its name in the file: those of a class, or a single one."""


def blocks(tree: ast.Module) -> list[Block]:
    """The tests of a file, in order."""
    found = [[(function.name, function)] for function in _tests(tree.body)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and _holds_tests(node):
            found.append([(f"{node.name}::{function.name}", function) for function in _tests(node.body)])
    return sorted((block for block in found if block), key=lambda block: block[0][1].lineno)


def _tests(body: Sequence[ast.stmt]) -> list[Function]:
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [node for node in functions if node.name.startswith("test") and not _is_fixture(node)]


def _is_fixture(node: Function) -> bool:
    return any(ast.unparse(each).partition("(")[0].endswith("fixture") for each in node.decorator_list)


def _holds_tests(node: ast.ClassDef) -> bool:
    return node.name.startswith("Test") or any("TestCase" in ast.unparse(base) for base in node.bases)


def is_test_file(path: str) -> bool:
    """Whether pytest would collect it."""
    name = path.rsplit("/", 1)[-1]
    return name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))
