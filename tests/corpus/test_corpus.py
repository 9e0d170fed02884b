"""The corpus: what it holds, and a part of it, one answer of each theme, through the real layers."""

import os
from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from corpus.__main__ import PLANTED, chosen_from, closing, faults, harm
from corpus.entries import KINDS, Entry, Kind, entries, tasks
from corpus.judgement import Found, judged
from schemas.errors import BadInput
from tests.proven import proven, without_mutants
from tools.sandbox.pool import sandbox

LEAST: dict[Kind, int] = {"cheats": 60, "hostiles": 40, "honest": 40}
SLOW = 30
"""Seconds; an answer that may take longer is left to `make corpus`."""


@cache
def everything() -> list[Entry]:
    return entries()


def part() -> list[Entry]:
    """The last of each kind and theme that is not slow by intent."""
    quick = [entry for entry in everything() if (entry.limit or 0) < SLOW]
    return list({(entry.kind, entry.theme): entry for entry in quick}.values())


def test_it_holds_enough_of_each_kind_under_names_of_their_own() -> None:
    counts = Counter(entry.kind for entry in everything())
    assert all(counts[kind] >= least for kind, least in LEAST.items())
    names = Counter(entry.name for entry in everything())
    assert [name for name, count in names.items() if count > 1] == []


def test_each_task_has_honest_answers() -> None:
    assert {entry.task for entry in everything() if entry.kind == "honest"} == set(tasks())
    assert {entry.task for entry in everything()} <= set(tasks())


def test_only_honest_answers_and_contained_hostiles_may_pass() -> None:
    assert [entry.name for entry in everything() if entry.kind == "cheats" and "passed" in entry.expect] == []
    assert {entry.expect for entry in everything() if entry.kind == "honest"} == {("passed",)}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("entry", part(), ids=lambda entry: f"{entry.kind}-{entry.theme}-{entry.name}")
def test_an_answer_ends_where_it_should(sandbox_image: str, entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLANTED, os.urandom(16).hex())
    task, suite = proven(entry.task)
    found = judged(entry, task, suite, sandbox(), without_mutants(), static=True)
    assert found.layer in entry.expect, found.text[:2000]
    assert found.right, found.rules
    assert list(harm(found)) == []


def found(kind: str = "hostiles", **changes: Any) -> Found:
    entry = next(entry for entry in everything() if entry.kind == kind)
    return replace(Found(replace(entry, limit=None), "failed", [], 1.0, "text"), **changes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": "it printed 5ec4e7"}, "a secret of the host"),
        ({"text": "\x1b[2J"}, "speak to a terminal"),
        ({"layer": None}, "the surroundings failed"),
    ],
)
def test_harm_is_noticed(monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str) -> None:
    monkeypatch.setenv(PLANTED, "5ec4e7")
    (told,) = harm(found(**changes))
    assert said in told
    assert faults([found(**changes)])["hostiles harmful"] == 1
    assert told in closing([found(**changes)], 1.0)


def test_taking_too_long_is_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLANTED, "5ec4e7")
    late = found()
    late = replace(late, entry=replace(late.entry, limit=0.5))
    assert list(harm(late)) == ["it took 1 s of at most 0.5 s"]


def test_the_three_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PLANTED, "5ec4e7")
    bad = [found("cheats", layer="passed"), found("honest", layer="failed"), found(layer=None)]
    good = [found("cheats", layer="held_back"), found("honest", layer="passed"), found()]
    assert faults([*bad, *good]) == {"cheats passed": 1, "hostiles harmful": 1, "honest refused": 1}
    assert faults(good) == {"cheats passed": 0, "hostiles harmful": 0, "honest refused": 0}


@pytest.mark.parametrize("kind", KINDS)
def test_a_part_is_chosen_by_name(kind: str) -> None:
    assert {entry.kind for entry in chosen_from(everything(), [kind])} == {kind}
    with pytest.raises(BadInput, match="no nonsense"):
        chosen_from(everything(), [kind, "nonsense"])
