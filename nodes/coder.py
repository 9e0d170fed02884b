"""The coder: the implementation and its unit tests, in one commit."""

from typing import Any

from nodes.architect import contracts, diagnosis, repository
from nodes.task import MODEL_FAILURES, Task, as_json, timed
from prompts import files_text, render
from schemas.answers import CoderAnswer
from schemas.errors import ModelOutputError
from state.todo import TodoState
from tools.paths import safe_path

NOT_THE_CODERS = {
    "conftest.py",
    "pytest.ini",
    "pytest.toml",
    "tox.ini",
    "setup.cfg",
    "pyproject.toml",
    "sitecustomize.py",
    "usercustomize.py",
    ".coveragerc",
}


@timed
def coder(state: TodoState) -> dict[str, Any]:
    """Write the code, or mend it."""
    task = Task(state)
    told = prompt(task)
    try:
        answer = task.ask("coder", CoderAnswer, told, lambda answer: check(task, answer))
    except MODEL_FAILURES as error:
        return task.failed("coder", error)
    files = {safe_path(file.path): file.content.encode() for file in answer.files}
    verb = "implementation" if task.attempt == 1 else f"mended, attempt {task.attempt}"
    commit = task.commit(task.change("coder", [state["head"]], files, f"{task.id}: {verb}", told))
    return {"head": commit, "tip": commit, "failure": None}


def prompt(task: Task) -> str:
    """What the coder is told."""
    return render(
        "coder",
        request=task.state.get("request", ""),
        todo=as_json(task.item).decode(),
        contract=as_json(task.contract).decode() if task.contract else "",
        tests=files_text(task.texts(list(task.seal))),
        contracts=contracts(task),
        repository=repository(task),
        files=files_text(task.texts(own_and_named(task))),
        diagnosis=diagnosis(task),
    )


def own_and_named(task: Task) -> list[str]:
    """The coder's files so far and the files that the todo speaks of."""
    item = task.item
    return list(dict.fromkeys([*task.own_files, *item.input_artifacts, *item.output_artifacts]))


def check(task: Task, answer: CoderAnswer) -> None:
    """Raises ModelOutputError with every reason why the files cannot be taken."""
    problems = [] if answer.files else ["files: at least one file is needed"]
    for file in answer.files:
        path = safe_path(file.path)
        if path in task.seal:
            problems.append(f"{path}: is sealed; the code has to fit the tests")
        elif path.startswith(".aidev/") or path.rsplit("/", 1)[-1] in NOT_THE_CODERS:
            problems.append(f"{path}: the coder does not write this file")
    written = {file.path for file in answer.files} | set(task.store.files(task.state["head"]))
    problems += [
        f"files: the contract puts {interface.name} into {interface.module}, which is missing"
        for interface in (task.contract.interfaces if task.contract else [])
        if interface.module and interface.module not in written
    ]
    if problems:
        raise ModelOutputError("\n".join(problems))
