"""What the rules look at: the failed checks, the files, the contract."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from schemas.contract import Contract, Interface
from schemas.report import TestResult
from tools.causes.raised import Raised, chain
from tools.triage import HELD_BACK, TRAP

MEASURES = re.compile(r"\b(?:perf_counter|monotonic|process_time|timeit|time\(\)|now\(\)|today\(\))|@given\b")
"""What a test has that measures time or makes up its inputs: it may fail for other values each time."""


@dataclass(frozen=True)
class Facts:
    """One failed run."""

    results: Sequence[TestResult]
    """All of the report."""
    files: Mapping[str, str]
    """Path → text of the tree under judgement."""
    sealed: Sequence[str]
    """Paths of the sealed test files."""
    contract: Contract
    needed: Sequence[str] = ()
    """Paths that other todos should have made: what the todo reads."""

    @cached_property
    def bad(self) -> list[TestResult]:
        """Everything that did not pass."""
        return [test for test in self.results if test.status != "passed"]

    @cached_property
    def tests(self) -> list[TestResult]:
        """Those of the sealed files among them, files that cannot be collected included."""
        return [test for test in self.bad if test.test_name.split("::", 1)[0] in self.sealed]

    @cached_property
    def raised(self) -> dict[str, list[Raised]]:
        """Failed check → its chain of exceptions, where one is told."""
        own = [test for test in self.bad if not test.test_name.startswith((TRAP, HELD_BACK))]
        return {test.test_name: found for test in own if (found := chain(test))}

    @cached_property
    def said(self) -> str:
        """All that the contract says, as one text."""
        return self.contract.model_dump_json()

    @cached_property
    def promised(self) -> set[str]:
        """Exceptions that the contract's interfaces raise."""
        said = [each for interface in self.contract.interfaces for each in interface.raises]
        return {each.split(":", 1)[0].strip().rpartition(".")[2] for each in said}

    def speaks_of(self, name: str) -> bool:
        """Whether the contract has this word."""
        return bool(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", self.said))

    def interfaces(self, name: str) -> list[Interface]:
        """What the contract offers under a name."""
        return [each for each in self.contract.interfaces if each.name == name]

    def ends(self) -> list[tuple[TestResult, Raised]]:
        """Each failed sealed test with the exception that ended it."""
        return [(test, self.raised[test.test_name][-1]) for test in self.tests if test.test_name in self.raised]
