"""Measurements around a failure: the same files once more, in other ways, on a stub, and against held-back cases."""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from nodes.suite import judged, specified, suite_of
from nodes.task import Task
from schemas.cases import Case
from schemas.ports import Outcome
from schemas.report import TestReport
from settings import settings
from tools import triage
from tools.causes.cause import on_answers
from tools.causes.facts import Facts
from tools.verdict.reach import Judgement
from tools.verdict.red import red as on_a_stub
from tools.verdict.reruns import Reruns, again, judged_again
from tools.verdict.suite import Suite


@dataclass(frozen=True)
class Looked:
    """The reruns of a failed run."""

    reruns: Reruns
    disagreeing: Sequence[str]
    """Checks that pass here and fail there, or fail for other values each time."""


def facts_of(task: Task, report: TestReport) -> Facts:
    """The failed run as the rules look at it."""
    suite = suite_of(task)
    texts = {path: content.decode("utf-8", "replace") for path, content in suite.tree.items()}
    return Facts(report.test_results, texts, list(suite.sealed), task.agreed, task.item.input_artifacts)


def looked_at(task: Task, report: TestReport) -> Looked:
    """Reruns of the files of a failed run. Raises what the sandbox raises."""
    suite = in_time(task)
    bad = [test.test_name for test in report.test_results if test.status != "passed"]
    reruns = judged(task, suite, lambda judgement: again(judgement, bad))
    first = {test.test_name: test.status for test in report.test_results}
    disagreeing = reruns.disagreeing(first) or reruns.changing(suite.tree)
    if not disagreeing and triage.only_held_back(report):
        disagreeing = changing_cases(task)
    return Looked(reruns, disagreeing)


def changing_cases(task: Task) -> list[str]:
    """Functions whose held-back cases disagree now and did not before, or the other way round."""
    before = {entry["call"] for entry in task.record("disagreeing.json") or []}
    now = {str(entry["call"]) for entry in cases(task).disagreeing}
    return sorted({call.split("(", 1)[0] for call in before ^ now})


def in_time(task: Task) -> Suite:
    """What the todo is judged by, with time for two runs at least, however little the todo has left."""
    suite = suite_of(task)
    return replace(suite, seconds=max(suite.seconds, min(settings().sandbox_timeout, 2.0 * suite.limit)))


def cases(task: Task) -> Judgement:
    """The held-back cases, whether or not the tests pass. Raises what the sandbox raises."""

    def work(judgement: Judgement) -> Judgement:
        judgement.cases()
        return judgement

    return judged(task, in_time(task), work)


def contradicts(task: Task, facts: Facts) -> int:
    """Held-back cases, if all agree and speak of what the failed tests ask, where these fail over answers; else 0."""
    held_back = suite_of(task).held_back
    asked = on_answers(facts)
    if not asked or not all(each <= names(held_back) for each in asked):
        return 0
    return 0 if cases(task).disagreeing else len(held_back)


def names(held_back: Iterable[Case]) -> set[str]:
    """Names and attributes in the calls of cases."""
    nodes = [node for case in held_back for node in ast.walk(ast.parse(case.call.strip(), mode="eval"))]
    return {str(getattr(node, "attr", getattr(node, "id", ""))) for node in nodes}


def ended_again(task: Task, report: TestReport) -> tuple[str, str, str]:
    """How the run ended, how it ends once more, and how it ends on a stub where it died both times."""
    first = "timeout" if report.status == "timeout" else ending(run["ended"] for run in task.record("runs.json") or [])
    if first == "finished":
        return first, first, first
    with_cases = any(test.test_name.startswith(triage.HELD_BACK) for test in report.test_results)
    later = ending(map(how, judged(task, in_time(task), lambda judgement: judged_again(judgement, with_cases))))
    dead = {"out_of_memory", "killed"}
    return first, later, ends_on_a_stub(task) if {first, later} <= dead else "finished"


def ends_on_a_stub(task: Task) -> str:
    """How the sealed tests end on a stub of the contract. Raises what the sandbox raises."""

    def work(judgement: Judgement) -> list[Outcome]:
        on_a_stub(judgement, task.agreed)
        return judgement.outcomes

    return ending(map(how, judged(task, specified(task), work)))


def how(outcome: Outcome) -> str:
    """How a container ended; a command over its own limit counts as time."""
    late = any(result.timed_out for result in outcome.results)
    return "timeout" if late else outcome.ended


def ending(ends: Iterable[str]) -> str:
    """The worst of several."""
    found = set(ends)
    return next((end for end in ("out_of_memory", "killed", "timeout") if end in found), "finished")
