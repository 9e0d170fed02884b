"""Judgements in real containers; none is left when the tests have ended."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from corpus.judgement import BASE, suite_of
from schemas.contract import Contract
from schemas.report import TestReport
from settings import settings
from tests.proven import proven, without_mutants
from tools.sandbox.docker import DockerSandbox
from tools.verdict.reach import Judgement, Verdict
from tools.verdict.red import Red, red
from tools.verdict.suite import Suite

Judge = Callable[..., Verdict]
OnAStub = Callable[..., Red]


def bad(report: TestReport) -> list[str]:
    """Names of everything that did not pass."""
    return [test.test_name for test in report.test_results if test.status != "passed"]


@pytest.fixture
def judge(sandbox_image: str) -> Judge:
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
