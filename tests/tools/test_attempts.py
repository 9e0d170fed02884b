"""A debugging loop ends, for a reason that has a name, and knows its best attempt."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.stops import TodoStop
from state.developer import Attempt
from tools.attempts import Limits, best, fell_back, in_vain, reached, stop

PLENTY = Limits(attempts=10, ceiling=10, no_progress=2, seconds_left=60, branch_seconds_left=60)


def attempt(number: int, fingerprint: str = "", rank: int = 3, failing: int = 5, sealed: str = "s") -> Attempt:
    """An attempt that failed; every one is another one unless a fingerprint says otherwise."""
    return {
        "number": number,
        "failure_class": "implementation_bug",
        "route": "coder",
        "fingerprint": fingerprint or f"f{number}",
        "rank": rank,
        "failing": failing,
        "role": "tester",
        "summary": "it fails",
        "head": f"h{number}",
        "tip": f"t{number}",
        "sealed": sealed,
        "red": "r",
        "diagnosis": "",
    }


outcomes = st.lists(
    st.builds(
        lambda fingerprint, rank, failing, sealed: attempt(0, fingerprint, rank, failing, sealed),
        st.sampled_from("abcde"),
        st.integers(0, 5),
        st.integers(1, 6),
        st.sampled_from(["s", "s", "s", "z"]),
    ),
    min_size=40,
    max_size=40,
)
limits = st.builds(Limits, st.integers(0, 10), st.integers(0, 15), st.integers(1, 4), st.just(1.0), st.just(1.0))


def driven(tries: list[Attempt], allowed: Limits) -> tuple[list[Attempt], TodoStop]:
    """What the branch machine does with these outcomes: the attempts made, and why it ended."""
    history: list[Attempt] = []
    for number, one in enumerate(tries, 1):
        history.append({**one, "number": number})
        if reason := stop(history, allowed):
            return history, reason
    raise AssertionError("it did not end")


@given(outcomes, limits)
def test_it_always_ends_within_its_limits_for_a_reason_with_a_name(tries: list[Attempt], allowed: Limits) -> None:
    history, reason = driven(tries, allowed)
    assert reason in get_args(TodoStop)
    assert len(history) - 1 <= min(allowed.attempts, allowed.ceiling)


@given(outcomes, limits)
def test_the_best_attempt_is_kept(tries: list[Attempt], allowed: Limits) -> None:
    history, _ = driven(tries, allowed)
    champion = best(history)
    comparable = [one for one in history if one["sealed"] == history[-1]["sealed"]]
    assert champion in comparable
    assert all(reached(one) <= reached(champion) for one in comparable)
    assert fell_back(history) == (history[-1]["rank"] >= 2 and reached(history[-1]) < reached(champion))


@given(st.integers(1, 10), st.integers(1, 3))
def test_a_slow_climb_is_not_stopped(failing: int, patience: int) -> None:
    allowed = Limits(failing + 5, failing + 5, patience, 60, 60)
    history = [attempt(number, failing=failing + 1 - number) for number in range(1, failing + 1)]
    assert stop(history, allowed) is None
    assert in_vain(history) == 0


@pytest.mark.parametrize(
    ("prints", "reason"),
    [
        ("aa", "repetition"),
        ("abab", "repetition"),
        ("aba", None),
        ("abba", None),
        ("abb", "repetition"),
        ("abcb", None),
        ("abcbc", "repetition"),
    ],
)
def test_repetition(prints: str, reason: str | None) -> None:
    climbing = [attempt(number, name, failing=50 - number) for number, name in enumerate(prints)]
    assert stop(climbing, PLENTY) == reason


@pytest.mark.parametrize(
    ("failing", "count"),
    [([5], 0), ([5, 5], 1), ([5, 6, 5], 2), ([5, 4, 4], 1), ([5, 4, 3], 0), ([5, 6, 4], 0), ([3, 5, 4], 2)],
)
def test_attempts_in_vain(failing: list[int], count: int) -> None:
    history = [attempt(number, failing=bad) for number, bad in enumerate(failing)]
    assert in_vain(history) == count
    assert stop(history, PLENTY) == ("no_progress" if count >= PLENTY.no_progress else None)


def test_other_tests_are_a_new_beginning() -> None:
    history = [attempt(1, failing=1), attempt(2, failing=4, sealed="new")]
    assert in_vain(history) == 0
    assert best(history)["number"] == 2
    assert not fell_back(history)


@pytest.mark.parametrize(
    ("allowed", "reason"),
    [
        (Limits(0, 9, 9, 1, 1), "attempts"),
        (Limits(9, 0, 9, 1, 1), "ceiling"),
        (Limits(9, 9, 9, 0, 1), "time"),
        (Limits(9, 9, 9, 1, -1), "branch_time"),
        (Limits(9, 9, 9, 1, 1), None),
    ],
)
def test_each_limit_has_a_name(allowed: Limits, reason: str | None) -> None:
    assert stop([attempt(1)], allowed) == reason


def test_further_on_is_better_than_fewer_failures() -> None:
    history = [attempt(1, rank=3, failing=1), attempt(2, rank=4, failing=3), attempt(3, rank=1, failing=1)]
    assert best(history)["number"] == 2
    assert not fell_back(history)
