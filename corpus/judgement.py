"""One answer through the same layers as in a workflow: change rules, gates, tester."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.entries import Entry, Layer, Task
from nodes.cases import case_faults
from schemas.errors import SandboxError, SetupError, UnsafePath
from schemas.ports import Sandbox
from schemas.report import TestReport
from schemas.todo import Metrics
from settings import Settings
from tools import triage
from tools.artifacts import PYPROJECT
from tools.change import Limits, refusals
from tools.gates import Ground, run_gates
from tools.verdict.reach import Judgement
from tools.verdict.red import red
from tools.verdict.suite import Suite, is_test_file

BASE = {"pyproject.toml": PYPROJECT}
"""What every task starts from: a repository as a workflow makes one."""
WORKFLOW = "corpus"


@dataclass(frozen=True)
class Found:
    """What became of one answer."""

    entry: Entry
    layer: Layer | None
    """None: the surroundings failed, which no answer may bring about."""
    rules: Sequence[str]
    """Rules, traps or checks that spoke."""
    seconds: float
    text: str
    """Everything that would be kept of it: findings, report, log."""

    @property
    def right(self) -> bool:
        """Whether it ended where it should, by the rule it should."""
        by_rule = self.entry.rule is None or self.layer not in ("refused", "gates") or self.entry.rule in self.rules
        return self.layer in self.entry.expect and by_rule


def suite_of(task: Task, files: dict[str, str], timeout: int | None) -> Suite:
    """What the answer is judged by."""
    criteria = task.item.acceptance_criteria
    apart = [path for path in files if path.startswith("tests/") or (path.endswith(".py") and is_test_file(path))]
    named = [each.module for each in task.specified.contract.interfaces if each.module]
    return Suite(
        task_id=task.item.id,
        workflow_id=WORKFLOW,
        tree={path: text.encode() for path, text in {**BASE, **task.sealed, **files}.items()},
        sealed={path: text for path, text in task.sealed.items() if is_test_file(path)},
        units=[path for path in apart if is_test_file(path)],
        apart=apart,
        own=[path for path in files if path.endswith(".py") and path not in apart],
        modules=list(dict.fromkeys(named)),
        held_back=task.specified.held_back,
        commands=[
            test.model_copy(update={"timeout_seconds": timeout or test.timeout_seconds})
            for test in (criteria.tests if criteria else [])
        ],
        seconds=60.0,
    )


def specified(task: Task, sandbox: Sandbox, settings: Settings) -> Suite:
    """The task's suite after its red run. Raises ValueError for a task whose tests or cases prove nothing."""
    judgement = Judgement(suite_of(task, {}, None), sandbox, settings)
    found = red(judgement, task.specified.contract)
    problems = [*found.problems, *case_faults(task.specified.contract, task.specified.held_back)]
    if problems:
        raise ValueError("\n".join([f"task {task.item.id}:", *problems]))
    return replace(suite_of(task, {}, None), expected=found.collected, replaced=found.replaced)


def judged(entry: Entry, task: Task, proven: Suite, sandbox: Sandbox, settings: Settings, static: bool) -> Found:
    """Where it is stopped; without the static layers, where the others would stop it."""
    start = time.monotonic()
    layer, rules, text = _static(entry, task, settings) if static else (None, [], "")
    if layer is None:
        files = dict(entry.files)
        suite = replace(suite_of(task, files, entry.timeout), expected=proven.expected, replaced=proven.replaced)
        layer, rules, text = _run(Judgement(suite, sandbox, settings))
    return Found(entry, layer, rules, time.monotonic() - start, text)


Ended = tuple[Layer | None, list[str], str]


def _static(entry: Entry, task: Task, settings: Settings) -> Ended:
    present = {**BASE, **task.sealed}
    limits = Limits(settings.change_files, settings.change_bytes)
    findings = refusals(entry.files, task.sealed, present, limits)
    layer: Layer = "refused"
    if not findings:
        tree = {path: text.encode() for path, text in {**present, **entry.files}.items()}
        criteria = task.item.acceptance_criteria
        metrics = criteria.metrics if criteria else Metrics()
        findings = run_gates(tree, list(entry.files), task.specified.contract, metrics, Ground(sealed=task.sealed))
        layer = "gates"
    text = "\n".join(f"{found.path}:{found.line}: {found.rule}: {found.message}" for found in findings)
    return (layer if findings else None), [name for found in findings for name in (found.rule, found.gate)], text


def _run(judgement: Judgement) -> Ended:
    try:
        verdict = judgement.reach("report_corpus")
    except UnsafePath as error:  # the sandbox looks at names itself, whoever has looked before
        return "refused", ["path"], str(error)
    except (SandboxError, SetupError) as error:
        return None, [type(error).__name__], str(error)
    bad = [test for test in verdict.report.test_results if test.status != "passed"]
    rules = [test.test_name.removeprefix(triage.TRAP) for test in bad]
    return layer_of(verdict.report), rules, verdict.report.model_dump_json() + verdict.log


def layer_of(report: TestReport) -> Layer:
    """What a report came to."""
    if report.status == "passed":
        return "passed"
    if triage.certain(report) == "tampering":
        return "tampering"
    if report.status == "timeout":
        return "timeout"
    return "held_back" if triage.only_held_back(report) else "failed"
