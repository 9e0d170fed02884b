"""Red before green: sealed tests and held-back cases against a stub of the contract, where every one must fail."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from schemas.contract import Contract
from tools import triage
from tools.stub import stubs
from tools.verdict.evaluation import Answer, EvaluationRun
from tools.verdict.held_back import SECONDS, evaluations
from tools.verdict.pytest_run import Reading
from tools.verdict.reach import Judgement, visible
from tools.verdict.suite import Suite, test_names
from tools.verdict.traps import Woven

NO_BEHAVIOUR = "_NoBehaviour"
"""What a stub raises."""


@dataclass(frozen=True)
class Red:
    """What the run on the stub showed."""

    collected: Sequence[str]
    """Ids of the sealed tests."""
    replaced: Sequence[str]
    """Functions that something else than the code replaces."""
    mismatch: bool
    """Whether the tests or cases call what the contract does not offer."""
    late: bool
    """Whether a limit ended them."""
    problems: Sequence[str]
    """Why the tests or cases prove nothing; empty: each of them can fail."""
    log: str


def red(judgement: Judgement, contract: Contract) -> Red:
    """Run them on a stub. Raises what the sandbox raises."""
    suite = judgement.suite
    python = {path: text.decode("utf-8", "replace") for path, text in suite.tree.items() if path.endswith(".py")}
    base = {path: text for path, text in python.items() if path not in suite.sealed}
    stub = stubs(contract, suite.sealed, base)
    tree = {**suite.tree, **{path: text.encode() for path, text in stub.items()}}
    judgement.suite = stubbed = replace(suite, tree=tree, units=())
    woven, _, outcome, reading = visible(stubbed, judgement)
    real = [test for test in reading.tests if not woven.canary(test.test_name)]
    strangers = [woven.sealed_name(test.test_name) for test in real if triage.call_mismatch(test)]
    problems = [f"{name}: calls what the contract does not offer" for name in strangers]
    problems += test_problems(stubbed, woven, reading)
    cases = case_problems(judgement) if suite.held_back else []
    mismatch = bool(strangers) or any(triage.CALL_MISMATCH.search(problem) for problem in cases)
    collected = [woven.sealed_name(name) for name in reading.collected if not woven.canary(name)]
    said = outcome.results[0].stdout[-4_000:] if outcome.results else f"the container's end was {outcome.ended}"
    late = outcome.ended == "timeout" or any(ran.timed_out for ran in outcome.results)
    return Red(collected, reading.replaced, mismatch, late, problems + cases, woven.sealed_name(said))


def test_problems(suite: Suite, woven: Woven, reading: Reading) -> Iterator[str]:
    """Sealed tests that were not collected, or did not fail."""
    if reading.state != "authentic":
        yield "the sealed tests do not run to their end on a stub of the contract"
        return
    collected = {woven.sealed_name(name).split("[", 1)[0] for name in reading.collected}
    for path, text in suite.sealed.items():
        for name in test_names(path, text):
            if name not in collected:
                yield f"{name}: is not collected on a stub of the contract"
    for test in reading.tests:
        name = woven.sealed_name(test.test_name)
        if "::" not in name:
            said = woven.sealed_name(test.message or "")[-300:]
            yield f"{name}: cannot be imported on a stub of the contract: {said}"
        elif not woven.canary(test.test_name) and test.status not in ("failed", "error"):
            yield f"{name}: {test.status} on a stub that has no behaviour, so it proves nothing"


def case_problems(judgement: Judgement) -> list[str]:
    """Held-back cases that do not reach the stub, or that it satisfies."""
    suite = judgement.suite
    asked = evaluations(suite.held_back, 1)
    run = EvaluationRun(suite.modules, [evaluation for _, evaluation in asked], SECONDS)
    answers = [found[0] for found in run.read(judgement.evaluated(run, True))]
    pairs = zip(asked, answers, strict=True)
    return [f"held_back: {case.call}: {_reached(answer)}" for (case, _), answer in pairs if _reached(answer)]


def _reached(answer: Answer) -> str:
    """Empty when the call ended in the stub."""
    if answer.raised and answer.raised[0] == NO_BEHAVIOUR:
        return ""
    if answer.raised:
        return f"does not reach the contract's interfaces: {answer.raised[0]}: {answer.message}"
    return answer.ended or "gives a value without any behaviour of the contract's interfaces"
