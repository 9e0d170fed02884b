"""Expressions evaluated in the sandbox, and what came of them as plain data."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from schemas.ports import Command, Outcome
from tools.verdict.values import Plain

SECONDS_EACH = 10.0
LEVELS = 300
"""Of JSON in one value: no more than what the other side writes for its deepest value."""


@dataclass(frozen=True)
class Evaluation:
    """One expression, with values for some of its names."""

    expression: str
    names: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came of one: a value, an exception, or neither."""

    value: Plain = None
    raised: Sequence[str] = ()
    """Names of the exception's classes, its own first."""
    message: str = ""
    ended: str = ""
    """Why there is neither."""


@dataclass(frozen=True)
class EvaluationRun:
    """Evaluations with the names of these modules; without modules no code under test is near."""

    modules: Sequence[str]
    evaluations: Sequence[Evaluation]
    seconds: float
    rounds: int = 0
    """How often all of them are asked again, together in one process."""
    answers: str = field(default_factory=lambda: f".run/{secrets.token_hex(8)}")

    def command(self) -> Command:
        """For the sandbox."""
        told = {
            "modules": list(self.modules),
            "evaluations": [
                {"expression": each.expression, "names": dict(each.names), "seconds": SECONDS_EACH}
                for each in self.evaluations
            ],
            "seconds": self.seconds,
            "rounds": self.rounds,
            "answers": self.answers,
        }
        stdin = json.dumps(told).encode()
        limit = self.seconds + SECONDS_EACH
        return Command("held-back cases", "python -m aidev_cases", limit, collect=(self.answers,), stdin=stdin)

    def read(self, outcome: Outcome) -> list[list[Answer]]:
        """For each evaluation its answer alone, and whatever else it answered together with the others."""
        ran = outcome.results[0] if outcome.results else None
        try:
            told = json.loads(ran.files[self.answers]) if ran else {}
        except (KeyError, ValueError, RecursionError):
            told = {}
        lost = f"the container's end was {outcome.ended}" if outcome.ended != "finished" else "no answer"
        alone = self._each(told, "alone", lost)
        together = self._each(_part(told, "together"), "answers", "no answer when asked again") if self.rounds else []
        again = [_answers(each) for each in together] or [[]] * len(alone)
        return [[_answer(first), *more] for first, more in zip(alone, again, strict=True)]

    def _each(self, told: object, key: str, lost: str) -> list[object]:
        """One entry for each evaluation, whatever came back."""
        found = _part(told, key)
        missing: list[object] = [{"ended": lost}] * len(self.evaluations)
        return [*(found if isinstance(found, list) else []), *missing][: len(missing)]


def _part(told: object, key: str) -> object:
    return told.get(key) if isinstance(told, dict) else None


def _answers(told: object) -> list[Answer]:
    return [_answer(each) for each in told] if isinstance(told, list) else [_answer(told)]


def _answer(told: object) -> Answer:
    match told:
        case {"value": value} if _within(value, LEVELS):
            return Answer(value=value)
        case {"raised": [_, *_] as kinds, "message": str(message)} if all(isinstance(kind, str) for kind in kinds):
            return Answer(raised=kinds, message=message)
        case {"ended": str(ended)} if ended:
            return Answer(ended=ended)
    return Answer(ended="an answer that cannot be read")


def _within(value: object, levels: int) -> bool:
    """Whether JSON is no deeper than that."""
    layer = [value]
    for _ in range(levels):
        inner = [each.values() if isinstance(each, dict) else each for each in layer if isinstance(each, dict | list)]
        layer = list(chain.from_iterable(inner))
    return not layer
