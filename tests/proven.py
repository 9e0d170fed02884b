"""Suites of the corpus' tasks after their red run, which each test process makes once."""

from functools import cache
from typing import Any

from corpus.entries import Task, tasks
from corpus.judgement import specified
from settings import Settings, settings
from tools.sandbox.docker import DockerSandbox
from tools.verdict.suite import Suite


def without_mutants(**changes: Any) -> Settings:
    """Settings of judgements that are not about mutants."""
    return settings().model_copy(update={"mutation_sample": 0, **changes})


@cache
def proven(name: str) -> tuple[Task, Suite]:
    """The task, and its suite with what it has to report."""
    task = tasks()[name]
    return task, specified(task, DockerSandbox(settings()), without_mutants())
