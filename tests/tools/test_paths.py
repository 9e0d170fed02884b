import os
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import UnsafePath
from tools.paths import LONGEST_PART, LONGEST_PATH, folded, safe_change, safe_path

PARTS = st.one_of(st.sampled_from(["..", ".", "", ".git", "a", "a.py", "C:", "~", "git~1"]), st.text(max_size=6))


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../a",
        "a/../../b",
        "a/./b",
        "a//b",
        "a/",
        ".",
        "C:/a",
        "c:a",
        "a\\b",
        "a\nb",
        "a\0b",
        "a\x7fb",
        "a\u2028b",
        "a\ud800b",
        ".git",
        ".GIT/config",
        "a/.Git/hooks/x",
        "git~1/config",
        "GIT~1",
        ".g\u200cit/config",
        ".git\u200b",
        "\uff0egit/config",
        ".git./config",
        ".git /config",
        ".git::$INDEX_ALLOCATION/x",
        "a.py:stream",
        ".gitattributes",
        "a/.gitmodules",
        "nul",
        "a/CON.py",
        "aux.tar.gz/b",
        "com¹.py",
        "lpt1 .py",
        " a",
        "a /b",
        "a./b",
        "a\u202eyp.",
        "a" * (LONGEST_PART + 1),
        "é" * (LONGEST_PART // 2 + 1),
        "a/" * (LONGEST_PATH // 2) + "ab",
    ],
)
def test_what_leaves_the_tree_or_means_something_to_git_is_refused(path: str) -> None:
    with pytest.raises(UnsafePath):
        safe_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "a.py",
        "console.py",
        "com.py",
        "com10",
        "tests/unit/test_a-b.py",
        ".aidev/x/contract.json",
        ".gitignore",
        "ein Ordner/ä.py",
        "a..b",
        "~a",
    ],
)
def test_ordinary_paths_are_taken_as_they_are(path: str) -> None:
    assert safe_path(path) == path


@given(st.lists(PARTS, max_size=5).map("/".join))
def test_what_is_taken_stays_inside(path: str) -> None:
    try:
        safe_path(path)
    except UnsafePath:
        return
    assert not PurePosixPath(path).is_absolute()
    assert os.path.normpath(os.path.join("/tree", path)).startswith("/tree/")
    assert ".git" not in [folded(part) for part in path.split("/")]


@pytest.mark.parametrize(
    ("paths", "present"),
    [
        (["a.py", "A.py"], []),
        (["A.py"], ["a.py"]),
        (["\u00e9.py", "e\u0301.py"], []),
        (["e\u0301.py"], ["\u00e9.py"]),
        (["straße.py", "strasse.py"], []),
        (["\ufb01x.py"], ["fix.py"]),
        (["a", "a/b"], []),
        (["a"], ["a/b"]),
        (["a/b"], ["a"]),
        (["A/c.py"], ["a"]),
        (["A"], ["a/b"]),
        (["a/../b"], []),
    ],
)
def test_paths_that_clash_are_refused(paths: list[str], present: list[str]) -> None:
    with pytest.raises(UnsafePath):
        safe_change(paths, present)


def test_a_file_may_be_written_again_and_beside_others() -> None:
    safe_change(["a/b.py", "a/c.py", "d"], ["a/b.py", "a/d.py", "README", "readme"])
