"""Runs the same files again: with the same seed and order, with others, and as they were judged."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.ports import Command, Outcome
from schemas.report import TestResult
from tools.causes.facts import MEASURES
from tools.evidence.noise import quiet
from tools.verdict.pytest_run import PytestRun, Reading
from tools.verdict.reach import Judgement, readings, test_command
from tools.verdict.suite import Suite, test_names

Arranged = Callable[[Sequence[str]], list[str]]


def reversed_(names: Sequence[str]) -> list[str]:
    """The last first."""
    return list(names)[::-1]


def rotated(names: Sequence[str]) -> list[str]:
    """The second half first."""
    half = len(names) // 2
    return [*names[half:], *names[:half]]


@dataclass(frozen=True)
class Way:
    """One way to run the same tests."""

    name: str
    hash_seed: int = 0
    arranged: Arranged = list


WAYS = (
    Way("as before"),
    Way("as before, again"),
    Way("hash seed 1", 1),
    Way("last test first", 0, reversed_),
    Way("second half first, hash seed 2", 2, rotated),
)


@dataclass
class Reruns:
    """What became of each check in each rerun."""

    states: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """Check → way → result."""
    said: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    """The same with what each failure said, without what differs from run to run and means nothing."""

    def add(self, way: str, tests: Sequence[TestResult]) -> None:
        """Results of one rerun."""
        for test in tests:
            self.states[test.test_name][way] = test.status
            self.said[test.test_name][way] = quiet(test.message or "")

    def disagreeing(self, first: Mapping[str, str]) -> list[str]:
        """Checks that pass here and fail there; `first`: check → its result in the run that was judged."""
        return sorted(
            name
            for name, found in self.states.items()
            if len({state == "passed" for state in [*found.values(), *filter(None, [first.get(name)])]}) > 1
        )

    def changing(self, files: Mapping[str, bytes]) -> list[str]:
        """Tests that fail for other values each time, run in the same way; those that measure time are left out."""
        same = [way.name for way in WAYS[:2]]
        return sorted(
            name
            for name, said in self.said.items()
            if len({said[way] for way in same if way in said}) > 1
            and not MEASURES.search(files.get(name.split("::", 1)[0], b"").decode("utf-8", "replace"))
        )

    def told(self) -> dict[str, list[str]]:
        """Check → `way: result`, of all that did not pass everywhere."""
        return {
            name: [f"{way}: {state}" for way, state in found.items()]
            for name, found in self.states.items()
            if set(found.values()) != {"passed"}
        }


def again(judgement: Judgement, failed: Sequence[str]) -> Reruns:
    """The sealed tests in every way, and what else failed: the coder's own tests too, commands twice."""
    suite, found = judgement.suite, Reruns()
    names = [name for path, text in suite.sealed.items() for name in test_names(path, text)]
    sealed = [pytest_run(suite, list(suite.sealed), names, way) for way in WAYS]
    for way, reading in zip(WAYS, readings(judgement, suite.sealed, sealed), strict=False):
        found.add(way.name, whole(reading, suite.expected or names))
    in_doubt = any(name.split("::", 1)[0] in suite.units for name in failed)
    units = [pytest_run(suite, suite.units, [], way) for way in WAYS if in_doubt]
    for way, reading in zip(WAYS, readings(judgement, None, units), strict=False):
        found.add(way.name, reading.tests)
    repeated(judgement, failed, found)
    return found


def pytest_run(suite: Suite, paths: Sequence[str], names: Sequence[str], way: Way) -> PytestRun:
    """One run of these files in one way."""
    return PytestRun(way.arranged(paths), suite.limit, way.arranged(names), way.hash_seed, coverage=False)


def whole(reading: Reading, expected: Sequence[str]) -> list[TestResult]:
    """All that was reported, and each expected test that was not."""
    seen = {test.test_name for test in reading.tests} | {test.test_name.split("[", 1)[0] for test in reading.tests}
    lost = [name for name in expected if name not in seen]
    said = "this sealed test did not report a result"
    missing = [TestResult(test_name=name, status="error", duration_seconds=0, message=said) for name in lost]
    return [*reading.tests, *missing]


def repeated(judgement: Judgement, failed: Sequence[str], found: Reruns) -> None:
    """The acceptance commands among what failed, unless they are the tests once more."""
    numbers = [
        number
        for number, test in enumerate(judgement.suite.commands)
        if f"command: {test.cmd}" in failed and "pytest" not in test.cmd
    ]
    commands: list[Command] = [test_command(judgement.suite, number) for number in numbers for _ in WAYS[:2]]
    if not commands:
        return
    results = judgement.run(judgement.suite.tree, *commands).results
    for place, (command, ran) in enumerate(zip(commands, results, strict=False)):
        wanted = judgement.suite.commands[numbers[place // 2]].expected_exit_code
        facts = {"status": "passed" if ran.exit_code == wanted else "failed", "duration_seconds": 0}
        found.add(WAYS[place % 2].name, [TestResult.model_validate({"test_name": command.name, **facts})])


def judged_again(judgement: Judgement, with_cases: bool) -> list[Outcome]:
    """Everything but mutants, as it was judged: how its containers end this time."""
    judgement.side_by_side(Judgement.sealed, Judgement.others)
    if with_cases:
        judgement.cases()
    return judgement.outcomes
