"""The labelled failures: what they are, a few of them through the real graph, and the figures that they come to."""

from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from corpus.classified import Classified, run
from corpus.failures import CLASSES, Failure, Surroundings, failures, planned, read
from corpus.score import confused, reached, summary
from corpus.table import matrix
from schemas.errors import BadInput

ENOUGH, IN_DISGUISE = 100, 1 / 3
MADE_ELSEWHERE = {"budget"}
"""The class that no debugger finds: the ledger sets it."""


@cache
def everything() -> dict[str, Failure]:
    """Name → failure."""
    return {failure.name: failure for failure in failures()}


def part() -> list[Failure]:
    """The first of each class that is in disguise and leaves no doubt; `make corpus` runs all."""
    clear = [one for one in failures() if one.disguised and all(answer["role"] != "debugger" for answer in one.script)]
    return list({failure.expect: failure for failure in reversed(clear)}.values())


def test_there_are_enough_under_names_of_their_own() -> None:
    names = Counter(failure.name for failure in failures())
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) >= ENOUGH
    assert sum(failure.disguised for failure in everything().values()) >= IN_DISGUISE * len(names)


def test_labels_and_disguises_are_classes_and_every_class_is_there() -> None:
    labels = {failure.expect for failure in everything().values()}
    disguises = {failure.looks_like for failure in everything().values()} - {None}
    assert labels | disguises <= set(CLASSES)
    assert set(CLASSES) - labels <= MADE_ELSEWHERE
    assert {failure.expect for failure in part()} == labels


@pytest.mark.timeout(300)
@pytest.mark.parametrize("failure", part(), ids=lambda failure: f"{failure.expect}-{failure.name}")
def test_a_failure_is_given_its_class(sandbox_image: str, home: Path, failure: Failure) -> None:
    (found,) = run([failure], home)
    assert found.given == failure.expect, found.text
    assert not found.asked


def test_a_fault_that_nobody_can_plant_is_refused() -> None:
    assert planned({"fault": "engine_away"}) == Surroundings("engine_away", "tester", 99)
    with pytest.raises(ValueError, match="no fault is called flood"):
        planned({"fault": "flood"})


def test_an_entry_that_cannot_be_used_is_named() -> None:
    with pytest.raises(BadInput, match=r"timeout.yaml: endless: KeyError: 'no-task'"):
        read(Path("timeout.yaml"), {"name": "endless", "task": "no-task"}, {}, {})


def given(expect: str, named: str, looks_like: str | None = None) -> Classified:
    """A failure of one class that was given another."""
    failure = replace(next(iter(everything().values())), expect=expect, looks_like=looks_like)
    return Classified(failure, named, 1.0, "", False)


RIGHT = [given("timeout", "timeout"), given("flaky_test", "flaky_test", "timeout")]


def test_the_matrix_counts_labels_against_classes() -> None:
    heads, lines = matrix([*RIGHT, given("timeout", "passed")])
    assert heads == ["really ↓ given →", "timeout", "flaky_test", "passed", "right"]
    assert lines == [["timeout", "1", "", "1", "1/2"], ["flaky_test", "", "1", "", "1/1"]]
    assert "67% (2 of 3) right, of those in disguise 100% (1 of 1)" in summary([*RIGHT, given("timeout", "passed")])


@pytest.mark.parametrize(
    ("wrong", "many", "enough"),
    [
        (given("timeout", "passed"), 10, True),
        (given("timeout", "passed"), 5, False),
        (given("infrastructure", "implementation_bug"), 100, False),
        (given("flaky_test", "implementation_bug"), 100, False),
        (given("flaky_test", "timeout"), 100, True),
        (given("infrastructure", "nothing"), 100, True),
    ],
)
def test_the_bar_and_what_must_never_be(wrong: Classified, many: int, enough: bool) -> None:
    assert reached(RIGHT)
    assert reached([*RIGHT * many, wrong]) is enough
    assert sum(confused([wrong]).values()) == (wrong.given == "implementation_bug")
