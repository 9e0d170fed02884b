"""The coder: the implementation and its unit tests, in one commit."""

from typing import Any

from nodes.architect import contracts, diagnosis, repository
from nodes.outside import from_outside, is_outside
from nodes.suite import RECORDS
from nodes.task import ASKING_FAILURES, Task, as_json, timed
from prompts import files_text, render
from schemas.answers import CoderAnswer
from schemas.errors import ModelOutputError
from settings import settings
from state.todo import TodoState
from tools.change import Limits, refusals, shown
from tools.paths import safe_path
from tools.write_set import outside


@timed
def coder(state: TodoState) -> dict[str, Any]:
    """Write the code, or mend it."""
    task = Task(state)
    if is_outside(task):
        return from_outside(task)
    told = prompt(task)
    try:
        answer = task.ask("coder", CoderAnswer, told, lambda answer: check(task, answer))
    except ASKING_FAILURES as error:
        return task.failed("coder", error)
    files = {safe_path(file.path): file.content.encode() for file in answer.files}
    verb = "implementation" if task.attempt == 1 else f"mended, attempt {task.attempt}"
    commit = task.commit(task.change("coder", [state["head"]], files, f"{task.id}: {verb}", told))
    return {"head": commit, "tip": commit, "written": True, "failure": None}


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
    named = [path for path in [*item.input_artifacts, *item.output_artifacts] if not path.startswith(RECORDS)]
    return list(dict.fromkeys([*task.own_files, *named]))


def check(task: Task, answer: CoderAnswer) -> None:
    """Raises ModelOutputError with every reason why the files cannot be taken, as `path:line: rule: message`."""
    problems = [] if answer.files else [".:1: missing: at least one file is needed"]
    files = {file.path: file.content for file in answer.files}
    present = set(task.store.files(task.state["head"]))
    limits = Limits(settings().change_files, settings().change_bytes)
    interfaces = task.contract.interfaces if task.contract else []
    findings = refusals(files, task.seal, present, limits)
    findings += outside(files, task.item, [interface.module for interface in interfaces if interface.module])
    problems += [f"{found.path}:{found.line}: {found.rule}: {found.message}" for found in findings]
    problems += [
        f"{shown(interface.module)}:1: missing: the contract puts {interface.name} into this file"
        for interface in interfaces
        if interface.module and interface.module not in files.keys() | present
    ]
    if problems:
        raise ModelOutputError("\n".join(problems))
