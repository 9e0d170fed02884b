"""When a debugging loop goes on, why it ends, and which attempt was the best: from its history alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.stops import TodoStop
from state.developer import Attempt

JUDGED = 2
"""The lowest rank of an attempt that a run has judged."""


@dataclass(frozen=True)
class Limits:
    """What a branch todo may use up."""

    attempts: int
    ceiling: int
    """Debug attempts that the workflow has left for the todo."""
    no_progress: int
    seconds_left: float
    """Of the todo."""
    branch_seconds_left: float


def stop(history: Sequence[Attempt], limits: Limits) -> TodoStop | None:
    """Why there is no further attempt; None when there is one. `history` starts with the try that failed first."""
    used = len(history) - 1
    if repeats([attempt["fingerprint"] for attempt in history]):
        return "repetition"
    if used >= limits.attempts:
        return "attempts"
    if used >= limits.ceiling:
        return "ceiling"
    if limits.seconds_left <= 0:
        return "time"
    if limits.branch_seconds_left <= 0:
        return "branch_time"
    return "no_progress" if in_vain(history) >= limits.no_progress else None


def repeats(fingerprints: Sequence[str]) -> bool:
    """A A or A B A B at the end."""
    return any(
        len(fingerprints) >= 2 * length and fingerprints[-length:] == fingerprints[-2 * length : -length]
        for length in (1, 2)
    )


def in_vain(history: Sequence[Attempt]) -> int:
    """Attempts at the end, one after the other, that came no further than the best before them."""
    count = 0
    for place in range(len(history) - 1, 0, -1):
        before = [attempt for attempt in history[:place] if attempt["sealed"] == history[place]["sealed"]]
        if not before or reached(history[place]) > max(map(reached, before)):
            break
        count += 1
    return count


def best(history: Sequence[Attempt]) -> Attempt:
    """The attempt that came furthest, by the tests that are sealed now; the latest of several."""
    same = [attempt for attempt in history if attempt["sealed"] == history[-1]["sealed"]]
    return max(same, key=lambda attempt: (*reached(attempt), attempt["number"]))


def reached(attempt: Attempt) -> tuple[int, int]:
    """How far it came: the larger, the better."""
    return attempt["rank"], -attempt["failing"]


def fell_back(history: Sequence[Attempt]) -> bool:
    """Whether the last attempt was judged and is worse than one before it."""
    return history[-1]["rank"] >= JUDGED and reached(history[-1]) < reached(best(history))
