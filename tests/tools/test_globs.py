"""Declared paths: what each of them means, and whether two of them meet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.globs import covers, overlap

PATTERNS = st.text("ab/*", max_size=8)
PATHS = st.text("ab/", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("pattern", "path", "meant"),
    [
        ("a/b.py", "a/b.py", True),
        ("./a/b.py", "a/b.py", True),
        ("a/b.py", "a/bxpy", False),
        ("a/", "a/b/c.py", True),
        ("a/", "ab/c.py", False),
        ("a/*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**/c.py", "a/c.py", True),
        ("a/**/c.py", "a/b/b/c.py", True),
        ("a/**", "a/b/c.py", True),
        ("a[b].py", "ab.py", False),
        ("*.py", "a.py", True),
    ],
)
def test_a_declared_path_means_files(pattern: str, path: str, meant: bool) -> None:
    assert covers(pattern, path) is meant


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        ("a/*.py", "a/b.py", True),
        ("a/*", "*/b", True),
        ("a*c", "*b*", True),
        ("a/**", "b/**", False),
        ("a/", "a/b/c.py", True),
        ("**/x.py", "a/*.py", True),
        ("*.py", "a/b.py", False),
    ],
)
def test_two_declared_paths_meet(one: str, other: str, meet: bool) -> None:
    assert overlap(one, other) is meet
    assert overlap(other, one) is meet


def expression(pattern: str) -> str:
    """The same as a regular expression."""
    text = pattern + "**" if pattern.endswith("/") else pattern
    parts = {"**/": "(?:.*/)?", "*": "[^/]*"}
    pieces = re.findall(r"\*\*/|\*\*+|\*|[^*]", text)
    return "".join(parts.get(piece, ".*" if piece[0] == "*" else re.escape(piece)) for piece in pieces)


@given(PATTERNS, PATHS)
def test_covering_is_that_of_a_regular_expression(pattern: str, path: str) -> None:
    assert covers(pattern, path) == bool(re.fullmatch(expression(pattern), path))


@given(PATTERNS, PATTERNS, PATHS)
def test_what_both_cover_is_where_they_meet(one: str, other: str, path: str) -> None:
    assert overlap(one, other) or not (covers(one, path) and covers(other, path))


def test_a_hostile_pattern_ends_soon() -> None:
    assert not covers("*a" * 100 + "b", "a" * 250)
