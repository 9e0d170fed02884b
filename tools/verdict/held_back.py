"""Held-back cases: run after green, judged by plain data in a process that never loads the code under test."""

import builtins
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.cases import Case
from schemas.ports import Outcome
from schemas.report import TestResult
from tools.triage import HELD_BACK
from tools.verdict.compare import same
from tools.verdict.evaluation import Answer, Evaluation, EvaluationRun
from tools.verdict.examples import examples
from tools.verdict.pytest_run import printable
from tools.verdict.values import Plain, literal, plain, shown

EXAMPLES = 20
"""Made up for each case with `given`."""
ROUNDS, CALLS = 25, 100
"""How often all cases are asked again in one process, and about how many calls that may come to."""
SECONDS = 60.0
SHOWN = 300
"""Characters of a value, a message or a name."""
Run = Callable[[EvaluationRun, bool], Outcome]
"""Runs evaluations in the sandbox: with the files under judgement (true) or with none."""


@dataclass(frozen=True)
class Judged:
    """One case, or one example of it, and what is wrong with what came of it."""

    case: Case
    call: str
    fault: str
    """Empty: it agrees."""


def evaluations(cases: Sequence[Case], count: int = EXAMPLES) -> list[tuple[Case, Evaluation]]:
    """Each case; one with `given` as often as there are examples."""
    found = []
    for case in cases:
        values: list[dict[str, Any]] = examples(case.given, count) if case.given else [{}]
        for each in values:
            found.append((case, Evaluation(case.call.strip(), {name: plain(value) for name, value in each.items()})))
    return found


Asked = tuple[Case, Evaluation]


def judged(modules: Sequence[str], cases: Sequence[Case], run: Run) -> list[Judged]:
    """Every case against the code: all answers that it ever gave. Raises what the sandbox raises."""
    asked = evaluations(cases)
    first = EvaluationRun(modules, [evaluation for _, evaluation in asked], SECONDS, rounds(len(asked)))
    answers = [(place, answer) for place, found in enumerate(first.read(run(first, True))) for answer in found]
    faults: dict[int, str] = {}
    for (place, answer), held in zip(answers, properties(asked, answers, run), strict=True):
        faults[place] = faults.get(place) or fault(asked[place][0], answer, held)
    return [Judged(case, call_text(evaluation), faults[place]) for place, (case, evaluation) in enumerate(asked)]


def rounds(asked: int) -> int:
    """Twice at least: code that takes something for good with each call shall not be blamed for many."""
    return min(ROUNDS, max(2, CALLS // max(1, asked)))


def properties(asked: Sequence[Asked], answers: Sequence[tuple[int, Answer]], run: Run) -> list[Answer | None]:
    """For each answer whether its case's property holds; None where there is none, or no value."""
    wanted = [at for at, (place, answer) in enumerate(answers) if asked[place][0].holds and not _no_value(answer)]
    if not wanted:
        return [None] * len(answers)
    second = EvaluationRun([], [_property(*asked[answers[at][0]], answers[at][1]) for at in wanted], SECONDS)
    held = dict(zip(wanted, (found[0] for found in second.read(run(second, False))), strict=True))
    return [held.get(at) for at in range(len(answers))]


def _property(case: Case, evaluation: Evaluation, answer: Answer) -> Evaluation:
    return Evaluation(f"bool(\n{case.holds}\n)", {**evaluation.names, "result": answer.value})


def _no_value(answer: Answer) -> bool:
    return bool(answer.raised or answer.ended)


def fault(case: Case, answer: Answer, held: Answer | None) -> str:
    """What is wrong with an answer, as `way: details`; empty when it agrees with the case."""
    if answer.ended:
        return f"no answer: {printable(answer.ended[:SHOWN])}"
    if case.raises is not None:
        return "" if case.raises.rpartition(".")[2] in answer.raised else f"{_said(answer)}, not {case.raises}"
    if answer.raised:
        return _said(answer)
    if case.returns is not None:
        return "" if same(literal(case.returns), answer.value, case.tolerance) else _said(answer)
    holds = held is not None and held.value is True
    return "" if holds else f"a property does not hold: {case.holds} for {_text(answer.value)}"


def _said(answer: Answer) -> str:
    if not answer.raised:
        return f"another value: {_text(answer.value)}"
    name = answer.raised[0][:SHOWN]
    way = name if hasattr(builtins, name) else "an exception of its own"  # whose name could tell what was asked
    return printable(f"raised {way}: {name}: {answer.message[:SHOWN]}")


def _text(value: Plain) -> str:
    try:
        return printable(shown(value)[:SHOWN])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError):
        return "what cannot be shown"


def call_text(evaluation: Evaluation) -> str:
    """The call with its values."""
    values = ", ".join(f"{name} = {_text(value)}" for name, value in evaluation.names.items())
    return f"{evaluation.expression} with {values}" if values else evaluation.expression


def results(found: Sequence[Judged]) -> list[TestResult]:
    """One result per expression's head, which says how many agree and gives no case away."""
    heads = list(dict.fromkeys(_head(each) for each in found))
    return [_result(head, [each for each in found if _head(each) == head]) for head in heads]


def _head(each: Judged) -> str:
    return each.case.call.split("(", 1)[0].strip()


def _result(head: str, found: Sequence[Judged]) -> TestResult:
    wrong = [each for each in found if each.fault]
    ways = Counter(each.fault.partition(":")[0] for each in wrong)
    said = f"{len(found) - len(wrong)} of {len(found)} held-back cases agree"
    if wrong:
        said += f"; the others: {', '.join(f'{way} ({count})' for way, count in ways.items())}"
    state: Any = "failed" if wrong else "passed"
    return TestResult(test_name=HELD_BACK + head, status=state, duration_seconds=0, message=said)


def record(found: Sequence[Judged]) -> list[dict[str, Any]]:
    """Every case that disagrees, for a person and for the architect."""
    return [
        {**each.case.model_dump(exclude_defaults=True), "call": each.call, "fault": each.fault}
        for each in found
        if each.fault
    ]
