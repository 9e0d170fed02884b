"""The architect: a contract, sealed acceptance tests and documentation, in one commit."""

import ast
import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from nodes.cases import case_faults
from nodes.task import ASKING_FAILURES, Task, as_json, sha256, timed
from prompts import files_text, render
from schemas.answers import ArchitectAnswer
from schemas.contract import Contract
from schemas.errors import ModelOutputError
from schemas.todo import TodoItem
from schemas.validation import contract_problems
from state.todo import TodoState
from tools.change import Limits, refusals
from tools.contract_change import changes
from tools.paths import safe_path
from tools.verdict.suite import is_test_file
from tools.write_set import outside


@timed
def architect(state: TodoState) -> dict[str, Any]:
    """Specify the todo, or mend its specification."""
    task = Task(state)
    told = prompt(task)
    try:
        answer = task.ask("architect", ArchitectAnswer, told, lambda answer: check(task, answer))
    except ASKING_FAILURES as error:
        return task.failed("architect", error)
    message = f"{task.id}: contract and sealed tests"
    commit = task.commit(task.change("architect", [state["head"]], files(task, answer), message, told))
    written = bool(state.get("written")) and not outdated(task, answer.contract)
    return {"head": commit, "tip": commit, "sealed": commit, "written": written, "failure": None}


def outdated(task: Task, agreed: Contract) -> bool:
    """Whether the code there is has to follow: the contract is another one, or it stands and the code breaks it."""
    failure = task.state.get("failure")
    broken = failure is not None and failure["role"] == "gates"
    return broken or (task.contract is not None and bool(changes(task.contract, agreed)))


def prompt(task: Task) -> str:
    """What the architect is told."""
    return render(
        "architect",
        request=task.state.get("request", ""),
        todo=as_json(task.item).decode(),
        contracts=contracts(task),
        repository=repository(task),
        contract=as_json(task.contract).decode() if task.contract else "",
        tests=files_text(task.texts(list(task.seal))),
        held_back=task.read(task.folder("held_back.json"), task.state.get("sealed")) if task.contract else "",
        disagreeing=task.read(task.folder("disagreeing.json")) if task.contract else "",
        survivors=task.read(task.folder("survivors.json")) if task.contract else "",
        diagnosis=diagnosis(task),
    )


def contracts(task: Task) -> str:
    """The contracts that the base holds, one after the other."""
    paths = task.store.files(task.state["base"], ".aidev/")
    found = task.texts([path for path in paths if path.endswith("/contract.json")], task.state["base"])
    return files_text(found)


def repository(task: Task) -> str:
    """The first paths of the base."""
    return "\n".join(task.store.files(task.state["base"])[:300])


def diagnosis(task: Task) -> str:
    """What the debugger wrote for whoever mends the failure, and what a person added."""
    commit, branch = task.state.get("diagnosis"), task.state.get("branch")
    text = task.read(f".aidev/{branch['id']}/diagnosis.json", commit) if commit and branch else ""
    hint = task.state.get("hint")
    return text + (f"\nA person says: {hint}" if hint else "")


def files(task: Task, answer: ArchitectAnswer) -> dict[str, bytes | None]:
    """Everything the architect commits; tests it no longer wants are deleted."""
    sealed = {safe_path(file.path): file.content.encode() for file in [*answer.tests, *answer.fixtures]}
    written: dict[str, bytes | None] = {path: None for path in task.seal}
    written |= sealed
    written[task.folder("contract.json")] = as_json(answer.contract)
    written[task.folder("held_back.json")] = as_json(
        [case.model_dump(exclude_defaults=True) for case in answer.held_back]
    )
    written[task.folder("sealed.json")] = seal_record(sealed)
    written[f"docs/{task.id}.md"] = (answer.documentation.strip() + "\n").encode()
    return written


def seal_record(sealed: Mapping[str, bytes]) -> bytes:
    """The record that seals files: path → SHA-256."""
    return as_json({path: sha256(content) for path, content in sealed.items()})


def check(task: Task, answer: ArchitectAnswer) -> None:
    """Raises ModelOutputError with every reason why the answer cannot be sealed."""
    problems = contract_problems(json.loads(as_json(answer.contract)))
    problems += contract_faults(task, answer.contract)
    problems += case_faults(answer.contract, answer.held_back)
    problems += test_faults({file.path: file.content for file in answer.tests})
    problems += place_faults(task, [file.path for file in [*answer.tests, *answer.fixtures]])
    missing = named_tests(task) - {file.path for file in answer.tests} - set(task.store.files(task.state["base"]))
    problems += [f"tests: the todo's command runs {path}, which you did not write" for path in sorted(missing)]
    if problems:
        raise ModelOutputError("\n".join(problems))


def contract_faults(task: Task, contract: Contract) -> list[str]:
    """What is wrong with the contract for this todo."""
    faults = []
    if contract.task_id != task.id:
        faults.append(f"contract.task_id: must be {task.id}")
    if task.contract and _version(contract) <= _version(task.contract):
        faults.append(f"contract.version: must be higher than {task.contract.version}")
    return faults + module_faults(contract, task.store.files(task.state["base"]), task.item)


def module_faults(contract: Contract, present: Collection[str], item: TodoItem) -> list[str]:
    """Modules that the coder could not write, or that the todo does not declare."""
    wanted = {each.module: "" for each in contract.interfaces if each.module and each.module not in present}
    unnamed = [each.name for each in contract.interfaces if not each.module and each.type != "api_endpoint"]
    found = refusals(wanted, [], present, Limits(len(wanted), 1))
    modules = dict.fromkeys(each.module for each in contract.interfaces if each.module)
    found += outside(modules, item)
    return [f"contract.interfaces: module {one.path}: {one.message}" for one in found] + [
        f"contract.interfaces: {name}: say its module" for name in unnamed
    ]


def _version(contract: Contract) -> tuple[int, ...]:
    return tuple(int(part) for part in contract.version.split("."))


def test_faults(tests: Mapping[str, str]) -> list[str]:
    """What is wrong with the test files themselves."""
    faults = [] if any(map(is_test_file, tests)) else ["tests: at least one file test_….py is needed"]
    for path, content in tests.items():
        try:
            tree = ast.parse(content)
        except (SyntaxError, ValueError, RecursionError) as error:
            faults.append(f"{path}: {error}")
            continue
        if is_test_file(path) and not _has_test(tree):
            faults.append(f"{path}: holds no test")
    return faults


def _has_test(tree: ast.AST) -> bool:
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(node.name.startswith("test") for node in functions)


def place_faults(task: Task, paths: list[str]) -> list[str]:
    """Paths where the architect must not write."""
    taken = set(task.store.files(task.state["base"]))
    faults = []
    for path in paths:
        safe_path(path)
        if not path.startswith(("tests/", "fixtures/")):
            faults.append(f"{path}: tests go under tests/, data under fixtures/ or tests/")
        elif path in taken:
            faults.append(f"{path}: this file exists already and is not yours")
    return faults


def named_tests(task: Task) -> set[str]:
    """Test files that the todo's acceptance commands name."""
    commands = " ".join(test.cmd for test in task.criteria.tests)
    return set(re.findall(r"[\w./-]*tests/[\w./-]+\.py", commands))
