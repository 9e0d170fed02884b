"""The tester as mender: repairs tests that are slow or not deterministic, or says whose fault it is."""

from typing import Any, Literal

from nodes.architect import diagnosis, place_faults, seal_record, test_faults
from nodes.task import ASKING_FAILURES, Task, as_json, timed
from prompts import files_text, render
from schemas.answers import RepairAnswer
from schemas.errors import ModelOutputError
from state.todo import TodoState


@timed
def mend_tests(state: TodoState) -> dict[str, Any]:
    """Mend the sealed tests or their limit, or hand over."""
    task = Task(state)
    told = prompt(task)
    try:
        answer = task.ask("tester", RepairAnswer, told, lambda answer: check(task, answer))
    except ASKING_FAILURES as error:
        return task.failed("mend_tests", error)
    update: dict[str, Any] = {"failure": None, "hand_over": answer.hand_over}
    if answer.timeout_seconds:
        update["timeout_seconds"] = min(answer.timeout_seconds, task.item.timeout_seconds)
    if answer.tests:
        message = f"{task.id}: tests mended"
        commit = task.commit(task.change("mend_tests", [state["head"]], files(task, answer), message, told))
        update |= {"head": commit, "tip": commit, "sealed": commit}
    return update


def prompt(task: Task) -> str:
    """What the tester is told."""
    return render(
        "mend_tests",
        request=task.state.get("request", ""),
        todo=as_json(task.item).decode(),
        contract=as_json(task.contract).decode() if task.contract else "",
        tests=files_text(task.texts(list(task.seal))),
        files=files_text(task.texts(task.own_files)),
        diagnosis=diagnosis(task),
    )


def files(task: Task, answer: RepairAnswer) -> dict[str, bytes | None]:
    """The repaired files and the seal with their new hashes."""
    head = task.state["head"]
    kept = {path: task.store.read(head, path) or b"" for path in task.seal}
    mended = {file.path: file.content.encode() for file in answer.tests}
    return {**mended, task.folder("sealed.json"): seal_record(kept | mended)}


def check(task: Task, answer: RepairAnswer) -> None:
    """Raises ModelOutputError with every reason why the repair cannot be taken."""
    tests = {file.path: file.content for file in answer.tests if file.path.endswith(".py")}
    problems = test_faults(tests) if answer.tests else []
    problems += place_faults(task, [file.path for file in answer.tests])
    problems += [f"{path}: is not one of the sealed tests" for path in tests if path not in task.seal]
    if not (answer.tests or answer.timeout_seconds or answer.hand_over):
        problems.append("nothing is mended: answer tests, timeout_seconds or hand_over")
    if problems:
        raise ModelOutputError("\n".join(problems))


def handed_over(state: TodoState) -> Literal["coder", "architect", "red", "debugger"]:
    """Where the branch goes on."""
    if state.get("failure"):
        return "debugger"
    return state.get("hand_over") or "red"
