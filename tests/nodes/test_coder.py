"""The coder's and the architect's answers against the write-set of their todo."""

from pathlib import Path
from typing import Any, cast

import pytest

from nodes.architect import module_faults
from nodes.coder import check
from nodes.task import Task
from schemas.answers import CoderAnswer
from schemas.contract import Contract
from schemas.errors import ModelOutputError
from schemas.todo import TodoItem
from state.todo import TodoState
from tools.artifacts import create_repository

TODO = {
    "id": "words",
    "title": "Count words",
    "description": "A function that counts words.",
    "agent_role": "coder",
    "acceptance_criteria": {"tests": [{"cmd": "python -m pytest -q tests/test_words.py"}]},
    "priority": 1,
    "max_retries": 3,
    "output_artifacts": ["textlib/words.py", "data/"],
}


def task(folder: Path, **more: Any) -> Task:
    store = create_repository(folder / "repository", "Count words.", "2026-01-01T00:00:00+00:00")
    state = {"repository": str(store.path), "base": store.base(), "head": store.base(), "todo": {**TODO, **more}}
    return Task(cast(TodoState, state))


def answer(*paths: str) -> CoderAnswer:
    return CoderAnswer.model_validate({"files": [{"path": path, "content": "A = 1\n"} for path in paths]})


def contract(module: str) -> Contract:
    interface = {"name": "count", "type": "function", "signature": "def count() -> int", "module": module}
    head = {"contract_id": "contract_words", "task_id": "words", "version": "1.0.0"}
    return Contract.model_validate({**head, "interfaces": [{**interface, "return_type": "int", "parameters": []}]})


def test_declared_files_are_taken(tmp_path: Path) -> None:
    check(task(tmp_path), answer("textlib/words.py", "textlib/__init__.py", "data/a.txt", "tests/unit/test_words.py"))


@pytest.mark.parametrize("path", ["README.md", "textlib/other.py", "fixtures/a.csv"])
def test_a_file_outside_the_write_set_goes_back(tmp_path: Path, path: str) -> None:
    with pytest.raises(ModelOutputError) as refused:
        check(task(tmp_path), answer("textlib/words.py", path))
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"{path}:1: write-set: is outside what the todo declares: textlib/words.py, data/")


def test_a_todo_that_declares_nothing_is_free(tmp_path: Path) -> None:
    check(task(tmp_path, output_artifacts=[]), answer("anything.py"))


@pytest.mark.parametrize(("module", "count"), [("textlib/words.py", 0), ("data/words.py", 0), ("words.py", 1)])
@pytest.mark.parametrize("present", [[], ["words.py", "textlib/words.py"]])
def test_a_contract_stays_in_the_write_set(module: str, count: int, present: list[str]) -> None:
    found = module_faults(contract(module), present, TodoItem.model_validate(TODO))
    assert len(found) == count
    said = f"contract.interfaces: module {module}: is outside what the todo declares: textlib/words.py, data/"
    assert all(fault.startswith(said) for fault in found)
