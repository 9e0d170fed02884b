"""What a todo is judged by, put together from its sealed commit and the coder's files."""

from collections.abc import Callable
from typing import TypeVar

from nodes.task import Task
from schemas.cases import Case
from schemas.todo import Metrics
from settings import settings
from tools.sandbox.pool import sandbox
from tools.verdict.reach import Judgement
from tools.verdict.suite import Suite, is_test_file

T = TypeVar("T")
RECORDS = ".aidev/"
"""What stands there is never in the sandbox."""


def suite_of(task: Task) -> Suite:
    """Sealed tests, held-back cases, the coder's own tests, and everything that the todo asks for."""
    criteria = task.criteria
    own = [path for path in task.own_files if path.endswith(".py")]
    apart = [path for path in task.own_files if path.startswith("tests/") or (path in own and is_test_file(path))]
    red = task.red or {"collected": [], "replaced": []}
    return Suite(
        task_id=task.id,
        workflow_id=task.workflow_id,
        tree=tree(task),
        sealed=sealed_tests(task),
        expected=red["collected"],
        replaced=red["replaced"],
        units=[path for path in apart if is_test_file(path)],
        apart=apart,
        own=[path for path in own if path not in apart],
        modules=modules(task),
        held_back=held_back(task),
        commands=criteria.tests,
        rules=criteria.validation_rules,
        metrics=criteria.metrics or Metrics(),
        timeout_seconds=task.state.get("timeout_seconds"),
        seconds=seconds_left(task),
    )


def specified(task: Task) -> Suite:
    """The same before there is any code: what the todo starts from, and what the architect sealed."""
    commit = task.state["base"]
    files = task.store.contents(commit)
    sealed = {path: task.store.read(task.state["sealed"], path) or b"" for path in task.seal}
    return Suite(
        task_id=task.id,
        workflow_id=task.workflow_id,
        tree=without_records({**files, **sealed}),
        sealed=sealed_tests(task),
        modules=modules(task),
        held_back=held_back(task),
        commands=task.criteria.tests,
        timeout_seconds=task.state.get("timeout_seconds"),
        seconds=seconds_left(task),
    )


def tree(task: Task) -> dict[str, bytes]:
    """The sealed commit's files with the coder's over them; nothing else of the coder's commit."""
    sealed, head = task.state["sealed"], task.state["head"]
    files = task.store.contents(sealed)
    own = {path: task.store.read(head, path) or b"" for path in task.own_files}
    return without_records({**files, **own})


def without_records(files: dict[str, bytes]) -> dict[str, bytes]:
    """The files that may stand in a sandbox."""
    return {path: content for path, content in files.items() if not path.startswith(RECORDS)}


def sealed_tests(task: Task) -> dict[str, str]:
    """The test files among what is sealed."""
    return {path: task.read(path, task.state["sealed"]) for path in task.seal if is_test_file(path)}


def held_back(task: Task) -> list[Case]:
    """The cases that the coder never sees, as they were sealed."""
    return [Case.model_validate(case) for case in task.record("held_back.json", task.state["sealed"]) or []]


def modules(task: Task) -> list[str]:
    """Paths of the modules that the contract names."""
    named = [each.module for each in task.agreed.interfaces if each.module]
    return list(dict.fromkeys(path for path in named if path.endswith(".py")))


def seconds_left(task: Task) -> float:
    """Wall clock for one container."""
    spent, branch = task.state.get("spent_seconds", 0.0), task.state.get("branch")
    left = task.item.timeout_seconds - spent
    if branch and task.state.get("hint"):
        left = max(left, settings().branch_timeout - (spent - branch["began"]))
    return max(1.0, min(settings().sandbox_timeout, left))


def judged(task: Task, suite: Suite, work: Callable[[Judgement], T]) -> T:
    """Work in the sandbox. What a failure of the surroundings raises is the debugger's to meet again."""
    limits = settings().model_copy(update={"mutation_sample": 0}) if task.merging else settings()
    return work(Judgement(suite, sandbox(), limits))
