"""Reruns notice results that change, and take nothing else for it."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from corpus.judgement import suite_of
from schemas.report import TestResult
from schemas.todo import TestCommand
from tests.proven import proven, without_mutants
from tools.sandbox.docker import DockerSandbox
from tools.verdict.reach import Judgement
from tools.verdict.reruns import WAYS, Reruns, again, reversed_, rotated

SAME, MORE, *_ = (way.name for way in WAYS)
ONE = "tests/test_a.py::test_one"


def result(status: str, message: str = "") -> TestResult:
    """Of one test."""
    told = {"test_name": ONE, "status": status, "duration_seconds": 0, "message": message}
    return TestResult.model_validate(told)


def reruns(**ways: TestResult) -> Reruns:
    """What each way came to."""
    found = Reruns()
    for way, test in ways.items():
        found.add(way, [test])
    return found


def test_every_kind_of_rerun_is_made() -> None:
    assert [way.hash_seed for way in WAYS].count(0) >= 3
    assert {tuple(way.arranged("abcd")) for way in WAYS} == {tuple("abcd"), tuple("dcba"), tuple("cdab")}
    assert (reversed_([]), rotated([]), rotated(["a"])) == ([], [], ["a"])


@pytest.mark.parametrize(
    ("states", "first", "disagree"),
    [
        (("failed", "failed"), "failed", False),
        (("failed", "error"), "failed", False),
        (("passed", "failed"), "passed", True),
        (("passed", "passed"), "failed", True),
        (("failed", "failed"), "passed", True),
        (("passed", "passed"), "passed", False),
        (("passed", "failed"), None, True),
    ],
)
def test_any_result_that_differs_is_a_disagreement(states: tuple[str, str], first: str | None, disagree: bool) -> None:
    found = reruns(a=result(states[0]), b=result(states[1]))
    assert found.disagreeing({ONE: first} if first else {}) == ([ONE] if disagree else [])


@pytest.mark.parametrize(
    ("said", "text", "changes"),
    [
        (("assert 0.73 == 0.5", "assert 0.12 == 0.5"), "assert half() == 0.5", True),
        (("assert 3 == 4", "assert 3 == 4"), "assert three() == 4", False),
        (("<A at 0x7f0011223344>", "<A at 0x7f9911223344>"), "assert a == b", False),
        (("assert 0.51 < 0.5", "assert 0.52 < 0.5"), "start = time.perf_counter()", False),
        (("Falsifying example: n=3", "Falsifying example: n=7"), "@given(n=integers())", False),
    ],
)
def test_other_values_each_time_count_unless_time_is_measured(said: tuple[str, str], text: str, changes: bool) -> None:
    found = reruns(**{SAME: result("failed", said[0]), MORE: result("failed", said[1])})
    assert found.changing({"tests/test_a.py": text.encode()}) == ([ONE] if changes else [])


def test_values_may_differ_where_seed_or_order_do() -> None:
    found = reruns(**{SAME: result("failed", "{'a', 'b'}"), WAYS[2].name: result("failed", "{'b', 'a'}")})
    assert found.changing({}) == []


WORDS = '''
"""Word counts that remember what was counted before."""

import re
from collections import Counter

_WORD = re.compile(r"[^\\W\\d_]+(?:'+[^\\W\\d_]+)*")
_SEEN: Counter[str] = Counter()


def word_count(text: str) -> dict[str, int]:
    """How often each word occurs; TypeError for what is no text."""
    if not isinstance(text, str):
        raise TypeError("text must be a str")
    {remember}
    return dict(counts)
'''
COUNT = "Counter(word.lower() for word in _WORD.findall(text))"


@pytest.mark.parametrize(
    ("remember", "disagree"),
    [(f"counts = {COUNT}", False), (f"_SEEN.update({COUNT})\n    counts = _SEEN", True)],
)
def test_state_that_outlives_a_test_shows_in_another_order(sandbox_image: str, remember: str, disagree: bool) -> None:
    task, known = proven("words")
    files: Mapping[str, str] = {"words.py": WORDS.replace("{remember}", remember)}
    coin = TestCommand(cmd="sh -c 'exit 3'", timeout_seconds=10)
    suite = replace(suite_of(task, dict(files), 20), expected=known.expected, commands=[coin])
    found = again(Judgement(suite, DockerSandbox(without_mutants()), without_mutants()), [f"command: {coin.cmd}"])
    assert bool(found.disagreeing({})) is disagree
    assert set(found.states[known.expected[0]]) == {way.name for way in WAYS}
    assert found.told()[f"command: {coin.cmd}"] == [f"{SAME}: failed", f"{MORE}: failed"]
