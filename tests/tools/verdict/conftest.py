"""Judgements in real containers; none is left when the tests have ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from corpus.entries import Task, tasks
from corpus.judgement import BASE, specified, suite_of
from schemas.contract import Contract
from schemas.report import TestReport
from settings import Settings, settings
from tools.sandbox.docker import DockerSandbox
from tools.verdict.reach import Judgement, Verdict
from tools.verdict.red import Red, red
from tools.verdict.suite import Suite

Judge = Callable[..., Verdict]
OnAStub = Callable[..., Red]


class Proven:
    """Suites of the corpus' tasks after their red run, which is made once."""

    def __init__(self) -> None:
        self._known: dict[str, Suite] = {}

    def __call__(self, name: str) -> tuple[Task, Suite]:
        task = tasks()[name]
        if name not in self._known:
            self._known[name] = specified(task, DockerSandbox(settings()), without_mutants())
        return task, self._known[name]


def without_mutants(**changes: Any) -> Settings:
    """Settings of these tests."""
    return settings().model_copy(update={"mutation_sample": 0, **changes})


def bad(report: TestReport) -> list[str]:
    """Names of everything that did not pass."""
    return [test.test_name for test in report.test_results if test.status != "passed"]


@pytest.fixture(scope="module")
def proven(sandbox_image: str) -> Proven:
    return Proven()


@pytest.fixture
def judge(proven: Proven) -> Judge:
    """`judge("words", {"words.py": …}, timeout=10, mutation_sample=8)`: the verdict over such an answer."""

    def reach(
        name: str, files: dict[str, str], timeout: int | None = None, suite: Any = None, **changes: Any
    ) -> Verdict:
        task, known = proven(name)
        made = replace(suite_of(task, files, timeout), expected=known.expected, replaced=known.replaced)
        changed = replace(made, **(suite or {}))
        return Judgement(changed, DockerSandbox(settings()), without_mutants(**changes)).reach("report_x")

    return reach


@pytest.fixture
def on_a_stub(sandbox_image: str) -> OnAStub:
    """`on_a_stub(contract, {"tests/test_a.py": …}, [Case(…)])`: what the red run shows."""

    def run(contract: Contract, sealed: dict[str, str], cases: Any = (), seconds: float = 60.0) -> Red:
        tree = {path: text.encode() for path, text in {**BASE, **sealed}.items()}
        suite = Suite("a", "w", tree, sealed, modules=("a.py",), held_back=cases, seconds=seconds)
        return red(Judgement(suite, DockerSandbox(settings()), without_mutants()), contract)

    return run
