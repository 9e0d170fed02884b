"""How well failures are classified: shares, and the two faults that none may have."""

from collections.abc import Mapping, Sequence

from corpus.classified import Classified

BAR = 0.95
"""The share that has to be right."""
FORBIDDEN: Mapping[str, tuple[str, str]] = {
    "infrastructure failures blamed on the coder": ("infrastructure", "implementation_bug"),
    "flaky tests called a bug": ("flaky_test", "implementation_bug"),
}
"""What must not happen once: label and class given."""


def confused(found: Sequence[Classified]) -> dict[str, int]:
    """How often each forbidden confusion was met."""
    pairs = [(each.failure.expect, each.given) for each in found]
    return {name: pairs.count(pair) for name, pair in FORBIDDEN.items()}


def reached(found: Sequence[Classified]) -> bool:
    """Whether the bar is reached without a forbidden confusion."""
    return sum(each.right for each in found) >= BAR * len(found) and not any(confused(found).values())


def share(found: Sequence[Classified]) -> str:
    """`98 % (103 of 105)`."""
    right = sum(each.right for each in found)
    return f"{right / len(found):.0%} ({right} of {len(found)})" if found else "none"


def summary(found: Sequence[Classified]) -> str:
    """The last line."""
    disguised = [each for each in found if each.failure.disguised]
    faults = ", ".join(f"{count} {name}" for name, count in confused(found).items())
    asked = sum(each.asked for each in found)
    return f"{share(found)} right, of those in disguise {share(disguised)}; {faults}; the model was asked {asked} times"
