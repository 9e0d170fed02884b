"""Finds the class of a failure: by rules and measurements, and by the model only where they leave doubt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from nodes.looking import Looked, contradicts, ended_again, ends_on_a_stub, facts_of, looked_at
from nodes.task import MODEL_FAILURES, Task, as_json
from prompts import files_text, render
from schemas.answers import DiagnosisAnswer, FailureClass
from schemas.errors import SandboxError, SetupError
from schemas.report import TestReport
from settings import settings
from state.todo import Failure
from tools import triage
from tools.causes.cause import cause, of_the_code
from tools.causes.facts import Facts
from tools.causes.imports import missing_dependency
from tools.diagnostics import diagnostics
from tools.evidence.wording import text as in_words

MEASURED = {"timeout": "no limit ended it", "flaky_test": "reruns of the same files agree"}
"""Classes that the model may not answer, and why not."""
UNFINISHED = "do not run to their end"
"""What the run on the stub says of tests without a report."""


@dataclass(frozen=True)
class Diagnosis:
    """What is known about a failure."""

    failure_class: FailureClass
    explanation: str
    instructions: str
    reruns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Check → what became of it in each rerun of the same files."""


def diagnose(task: Task, failure: Failure) -> Diagnosis:
    """By rules and measurements; the model is asked only where they leave doubt."""
    given = failure["failure_class"]
    if failure["role"] == "gates":
        findings = task.record("build_report.json")["findings"]
        lines = [f"{found['path']}:{found['line']}: {found['rule']}: {found['message']}" for found in findings]
        return by_rule(given, "The static gates found:\n" + "\n".join(lines))
    if failure["role"] == "prepare":
        return by_rule(given or "merge_conflict", failure["summary"])
    if failure["role"] not in ("red", "tester") or given == "infrastructure":
        return by_rule(given, failure["summary"])
    try:
        if failure["role"] == "red":
            return of_red(task, given)
        return of_run(task, TestReport.model_validate(task.record("test_report.json")))
    except (SetupError, SandboxError) as error:
        return by_rule("infrastructure", f"While the failure was looked into: {error}")


def by_rule(failure_class: FailureClass | None, explanation: str) -> Diagnosis:
    """A class that was measured."""
    return Diagnosis(failure_class or "implementation_bug", explanation, "Mend what the evidence shows.")


def of_red(task: Task, given: FailureClass | None) -> Diagnosis:
    """Sealed tests that do not fail on a stub as they should. Raises what the sandbox raises."""
    problems = task.record("red.json")["problems"]
    unfinished = any(UNFINISHED in problem for problem in problems)
    late = unfinished and ends_on_a_stub(task) == "timeout"
    return by_rule("timeout" if late else given, "The sealed tests cannot be used:\n" + "\n".join(problems))


def of_run(task: Task, report: TestReport) -> Diagnosis:
    """What a run that failed shows. Raises what the sandbox raises."""
    settled = triage.certain(report)
    if settled in ("tampering", "weak_tests"):
        survivors = task.record("survivors.json") if settled == "weak_tests" else []
        return by_rule(settled, "\n\n".join([triage.evidence(report), *(survivors or [])]))
    if settled == "timeout" or report.status == "error":
        found = ended(task, report)
        if found is not None:
            return found
    facts = facts_of(task, report)
    if missing := missing_dependency(facts):
        return by_rule("missing_dependency", f"{missing}\n\n{triage.evidence(report)}")
    looked = looked_at(task, report)
    return replace(by_looking(task, report, facts, looked), reruns=looked.reruns.told())


def ended(task: Task, report: TestReport) -> Diagnosis | None:
    """A run that a limit ended, or whose container died: by what becomes of it the second time. None for neither."""
    first, later, control = ended_again(task, report)
    note = f"\n\n{triage.evidence(report)}"
    if first == "finished":
        return None
    if later == "finished" and first == "timeout":
        return by_rule("flaky_test", "A limit ended the first run of these files, and not the second." + note)
    if later == "finished":
        said = first.replace("_", " ")
        return by_rule("infrastructure", f"The first run of these files ended: {said}; the second did not." + note)
    if "timeout" in (first, later):
        return by_rule("timeout", "2 of 2 runs were ended by their limit." + note)
    if control != "finished":
        return by_rule("infrastructure", "Even a stub of the contract does not live to the end of these tests." + note)
    where = f"at the memory limit of {settings().sandbox_memory}" if "out_of_memory" in (first, later) else "early"
    return by_rule("implementation_bug", f"2 of 2 runs ended {where}; with a stub the same tests do not." + note)


def by_looking(task: Task, report: TestReport, facts: Facts, looked: Looked) -> Diagnosis:
    """Reruns, then rules, then cases; what none of them settles is for the model."""
    evidence = triage.evidence(report)
    if looked.disagreeing:
        names = ", ".join(looked.disagreeing)
        return by_rule("flaky_test", f"Reruns of the same files disagree on: {names}\n\n{evidence}")
    if triage.only_held_back(report):
        return held_back(task, evidence)
    if found := cause(facts):
        return by_rule(found.failure_class, f"{found.reason}\n\n{evidence}")
    if agreeing := contradicts(task, facts):
        note = f"All {agreeing} held-back cases agree with the code; only assertions on values fail."
        return by_model(task, report, note, "spec_mismatch")
    if reason := of_the_code(facts):
        return by_rule("implementation_bug", f"{reason}\n\n{evidence}")
    return by_model(task, report, "Only commands fail that run what nobody has.", "spec_mismatch")


def held_back(task: Task, evidence: str) -> Diagnosis:
    """All that the coder sees passes. Twice the same: the architect looks whether the cases are right."""
    before = task.state.get("branch")
    again = before is not None and before["attempts"] > 0
    note = "The sealed tests pass, but cases that are kept back do not: the code is not right for other inputs.\n\n"
    return by_rule("spec_mismatch" if again else "implementation_bug", note + evidence)


def by_model(task: Task, report: TestReport, note: str, otherwise: FailureClass) -> Diagnosis:
    """The debugger model's classification; `otherwise` where it gives no usable answer."""
    runs, log = task.record("runs.json") or [], task.read(task.folder("log.txt"))
    found = diagnostics(report, findings=[], runs=runs, diff="", reruns={}, log=log, stage="tester")
    text = render(
        "debugger",
        todo=as_json(task.item).decode(),
        contract=as_json(task.contract).decode() if task.contract else "",
        tests=files_text(task.texts(list(task.seal))),
        files=files_text(task.texts(task.own_files)),
        failure=f"{note}\n\n{in_words(found)}",
    )
    try:
        answer = task.ask("debugger", DiagnosisAnswer, text, lambda answer: check(answer, text))
    except MODEL_FAILURES:
        return by_rule(otherwise, f"{note}\n\n{triage.evidence(report)}")
    quoted = "\n".join(f"> {line}" for line in answer.evidence)
    return Diagnosis(answer.failure_class, f"{answer.explanation}\n\n{quoted}", answer.instructions)


def check(answer: DiagnosisAnswer, shown: str) -> None:
    """Raises ValueError for an answer that measurements rule out, or whose evidence nobody has seen."""
    if reason := MEASURED.get(answer.failure_class):
        raise ValueError(f"failure_class: it is not {answer.failure_class}: {reason}")
    if not any(line.strip() for line in answer.evidence):
        raise ValueError("evidence: quote at least one line of what you were shown, word for word")
    seen = " ".join(shown.split())
    invented = [line for line in answer.evidence if " ".join(line.split()) not in seen]
    if invented:
        raise ValueError("evidence: not in what you were shown: " + "; ".join(invented))
