"""Reaches a verdict: sealed tests among traps, then everything else, each in a container of its own."""

import io
import tarfile
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from schemas.diagnostics import ContainerRun
from schemas.ports import Command, CommandResult, Job, Outcome, Sandbox
from schemas.report import TestReport, TestResult
from settings import Settings
from tools.sandbox.limits import loosened
from tools.verdict import held_back, judge
from tools.verdict.coverage import measured, reached
from tools.verdict.evaluation import EvaluationRun
from tools.verdict.mutants import MutantRun, sample
from tools.verdict.pytest_run import PytestRun, Reading
from tools.verdict.sprung import sprung
from tools.verdict.suite import Suite, is_test_file
from tools.verdict.traps import Woven, weave

FEWEST_MUTANTS = 3
"""With fewer there is no score."""


@dataclass(frozen=True)
class Verdict:
    """A report with what belongs to it."""

    report: TestReport
    log: str
    held_back: Sequence[Mapping[str, object]] = ()
    """Held-back cases that disagree; never shown to the coder."""
    survivors: Sequence[str] = ()
    """Mutants that no sealed test noticed, as diffs."""
    containers: Sequence[ContainerRun] = ()
    """How each ended and what it used."""


@dataclass
class Judgement:
    """One verdict in the making. Whatever the sandbox raises ends it."""

    suite: Suite
    sandbox: Sandbox
    settings: Settings
    outcomes: list[Outcome] = field(default_factory=list)
    results: list[TestResult] = field(default_factory=list)
    runs: list[CommandResult] = field(default_factory=list)
    """Those of pytest, for coverage."""
    mutated: list[Outcome] = field(default_factory=list)
    """Where a mutant may have used up all memory or time, which says nothing about the code."""
    disagreeing: list[Mapping[str, object]] = field(default_factory=list)
    survivors: list[str] = field(default_factory=list)
    containers: list[ContainerRun] = field(default_factory=list)

    def reach(self, report_id: str) -> Verdict:
        """The verdict; cases kept back and mutants only after everything else has passed."""
        self.side_by_side(Judgement.sealed, Judgement.others)
        self.metrics()
        if self.suite.held_back and self.passed:
            self.cases()
        if self.settings.mutation_sample and self.passed:
            self.mutants()
        self.results += [loose(line) for line in loosened(self.settings)]
        coverage = measured(self.suite.own, self.runs)
        report = judge.report_of(self.suite, report_id, self.outcomes, self.results, coverage)
        log = "\n".join(map(judge.log, [*self.outcomes, *self.mutated]))
        return Verdict(report, log, self.disagreeing, self.survivors, self.containers)

    def side_by_side(self, *steps: Callable[["Judgement"], None]) -> None:
        """Steps that need nothing of each other, at the same time; what they find stands in their order."""
        parts = [Judgement(self.suite, self.sandbox, self.settings) for _ in steps]
        with ThreadPoolExecutor(len(steps)) as executor:
            list(executor.map(lambda step, part: step(part), steps, parts))
        for part in parts:
            self.outcomes += part.outcomes
            self.results += part.results
            self.runs += part.runs
            self.containers += part.containers

    @property
    def passed(self) -> bool:
        """Whether nothing has failed so far."""
        return judge.status(self.outcomes, self.results) == "passed"

    def run(self, tree: Mapping[str, bytes], *commands: Command) -> Outcome:
        """One container."""
        job = Job(archive(tree), commands, self.suite.workflow_id, self.suite.task_id, self.suite.seconds)
        outcome = self.sandbox.run(job)
        self.outcomes.append(outcome)
        self.containers.append(judge.container_run(job, outcome, self.settings))
        return outcome

    def sealed(self) -> None:
        """The sealed tests, under fresh names and among canaries, without any test of the coder's near."""
        woven, pytest, outcome, reading = visible(self.suite, self)
        ran = outcome.results[0] if outcome.results else None
        self.results += judge.sealed_results(self.suite, woven, reading) + sprung(
            woven, reading, ran, self.suite.replaced
        )
        wanted = 1 if woven.must_fail else 0
        if ran is None or ran.exit_code != wanted:
            self.results.append(judge.named(woven, judge.ended("pytest", wanted, ran, outcome, pytest.seconds)))
        self.runs += [ran] if ran else []

    def others(self) -> None:
        """The coder's own tests, every acceptance command and every rule; each finds the tree as it was."""
        suite = self.suite
        units = PytestRun(suite.units, suite.limit)
        wanted = [(test.expected_exit_code, test_command(suite, number)) for number, test in enumerate(suite.commands)]
        rules = [rule for rule in suite.rules if rule.command]
        wanted += [
            (rule.expected_exit_code, Command(f"{rule.type}: {rule.command}", rule.command or "", suite.limit))
            for rule in rules
        ]
        commands = ([units.command()] if suite.units else []) + [command for _, command in wanted]
        if not commands:
            return
        outcome = self.run(suite.tree, *commands)
        ended = [*outcome.results, *[None] * len(commands)]
        if suite.units:
            self.units(units, ended.pop(0), outcome)
        for (code, command), result in zip(wanted, ended, strict=False):
            self.results.append(judge.ended(command.name, code, result, outcome, command.timeout_seconds))

    def units(self, run: PytestRun, ran: CommandResult | None, outcome: Outcome) -> None:
        """The results of the coder's own tests; they add to the verdict and take nothing away."""
        reading = run.read(ran)
        self.results += reading.tests
        self.runs += [ran] if ran else []
        if reading.state != "authentic" or ran is None or ran.exit_code != 0:
            self.results.append(judge.ended("pytest: unit tests", 0, ran, outcome, run.seconds))

    def metrics(self) -> None:
        """The metrics that a run can measure; complexity is a gate's."""
        bars = self.suite.metrics
        coverage = measured(self.suite.own, self.runs)
        if (bar := bars.min_test_coverage) is not None:
            reached = coverage.line_rate * 100 if coverage else 0.0
            figures = f"{reached:.1f} % of at least {bar:g} %"
            self.results.append(judge.metric("min_test_coverage", reached >= bar, figures))
        if (limit := bars.max_execution_time_ms) is not None:
            took = self.runs[0].duration_seconds * 1000 if self.runs else float("inf")
            figures = f"{took:.0f} ms of at most {limit} ms"
            self.results.append(judge.metric("max_execution_time_ms", took <= limit, figures))

    def cases(self) -> None:
        """The held-back cases: the code in one process, the comparison here, properties where no such code is."""
        found = held_back.judged(self.suite.modules, self.suite.held_back, self.evaluated)
        self.results += held_back.results(found)
        self.disagreeing += held_back.record(found)

    def evaluated(self, run: EvaluationRun, with_code: bool) -> Outcome:
        """Evaluations, in a container with the files under judgement but none of their tests, or with nothing."""
        return self.run(without_tests(self.suite.tree) if with_code else {}, run.command())

    def mutants(self) -> None:
        """A sample of small faults: the sealed tests have to notice enough of them."""
        sources = {path: self.suite.tree[path].decode("utf-8-sig") for path in self.suite.own}
        chosen = sample(sources, self.settings.mutation_sample, reached(self.runs[0]))
        if not chosen:
            return
        each = 3 * self.runs[0].duration_seconds + 2
        seconds = min(self.settings.mutation_seconds, max(1.0, self.suite.seconds - each - 10))
        run = MutantRun(chosen, list(self.suite.sealed), each, seconds)
        outcome = self.run(sealed_tree(self.suite, self.suite.sealed), run.command())
        self.mutated.append(self.outcomes.pop())
        survivors, tried = run.survivors(outcome)
        self.results.append(self.mutation_score(tried - len(survivors), tried))
        self.survivors += [f"{mutant.path}: {mutant.function}\n{mutant.difference}" for mutant in survivors]

    def mutation_score(self, noticed: int, tried: int) -> TestResult:
        """Whether enough were noticed; a few mutants may all mean the same as the original."""
        bar = self.settings.mutation_bar
        wanted = f"at least {bar:.0%} wanted" if tried >= FEWEST_MUTANTS else "too few to judge by"
        held = tried < FEWEST_MUTANTS or noticed / tried >= bar
        return judge.metric("mutation_score", held, f"{noticed} of {tried} mutants noticed, {wanted}")


def loose(line: str) -> TestResult:
    """A limit that was made laxer than its default: no fault, but to be known."""
    return TestResult(test_name=f"sandbox: {line}", status="passed", duration_seconds=0, message="a limit was loosened")


def visible(suite: Suite, judgement: Judgement, hash_seed: int = 0) -> tuple[Woven, PytestRun, Outcome, Reading]:
    """One run of the sealed tests among their traps."""
    woven = weave(suite.sealed)
    pytest = PytestRun(list(woven.files), suite.limit, woven.order, hash_seed)
    outcome = judgement.run(sealed_tree(suite, woven.files), pytest.command())
    return woven, pytest, outcome, pytest.read(outcome.results[0] if outcome.results else None)


def sealed_tree(suite: Suite, tests: Mapping[str, str]) -> dict[str, bytes]:
    """The files with these texts of the sealed tests, and without tests that are not sealed."""
    kept = {path: content for path, content in suite.tree.items() if path not in suite.apart}
    return kept | {path: text.encode() for path, text in tests.items()}


def without_tests(tree: Mapping[str, bytes]) -> dict[str, bytes]:
    """What is left when all tests are gone."""
    return {path: content for path, content in tree.items() if not is_test_file(path)}


def readings(judgement: Judgement, tests: Mapping[str, str] | None, runs: Sequence[PytestRun]) -> list[Reading]:
    """What several runs in one container report; those that did not end are left out."""
    if not runs:
        return []
    suite = judgement.suite
    tree = suite.tree if tests is None else sealed_tree(suite, tests)
    outcome = judgement.run(tree, *(run.command() for run in runs))
    return [run.read(ran) for run, ran in zip(runs, outcome.results, strict=False)]


def test_command(suite: Suite, number: int) -> Command:
    """An acceptance command of the todo."""
    test = suite.commands[number]
    limit = max(test.timeout_seconds, suite.timeout_seconds or 0)
    return Command(f"command: {test.cmd}", test.cmd, limit, cwd=test.working_dir or ".", env=test.env)


def archive(tree: Mapping[str, bytes]) -> bytes:
    """A tar archive of plain files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, content in tree.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
    return buffer.getvalue()
