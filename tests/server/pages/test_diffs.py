"""Diffs side by side: what faces what, and that code stays text."""

import difflib
from pathlib import Path

import pytest
from markupsafe import Markup

from server.pages import diffs
from server.pages.diffs import File, Unreadable


def compared(old: str, new: str, path: str = "m.py") -> File:
    """The only file of a diff."""
    lines = difflib.unified_diff(old.splitlines(True), new.splitlines(True), f"a/{path}", f"b/{path}")
    (found,) = diffs.files("".join(lines))
    return found


def faced(file: File) -> list[tuple[str, str]]:
    """Both sides as plain text."""
    return [(old.code.striptags(), new.code.striptags()) for part in file.parts for old, new in part.lines]


def test_what_goes_faces_what_comes() -> None:
    found = compared("a = 1\nb = 2\nc = 3\n", "a = 1\nb = 4\nd = 5\nc = 3\n")
    assert faced(found) == [("a = 1", "a = 1"), ("b = 2", "b = 4"), ("", "d = 5"), ("c = 3", "c = 3")]
    numbers = [(old.number, new.number) for old, new in found.parts[0].lines]
    assert numbers == [(1, 1), (2, 2), (None, 3), (3, 4)]
    tones = [(old.tone, new.tone) for old, new in found.parts[0].lines]
    assert tones == [("", ""), ("del", "add"), ("none", "add"), ("", "")]


@pytest.mark.parametrize("path", ["m.py", "m.html", "m.unknown", "m.md", "m.json"])
def test_code_is_text_in_every_language(path: str) -> None:
    code = "</td><script>alert(1)</script> \x1b[2J \u202e & 'x'"
    (line,) = compared("", f"{code}\n", path).parts[0].lines
    shown = line[1].code
    assert "<script" not in shown
    assert Markup(shown).striptags().startswith("</td><script>alert(1)</script> ␛[2J")
    assert not set(shown) & {"\x1b", "\u202e"}


def test_a_string_over_lines_stays_on_its_lines() -> None:
    found = compared("", 'x = """one\n\n  two"""\ny = 1\n')
    assert [new for _, new in faced(found)] == ['x = """one', "", 'two"""', "y = 1"]
    assert all(new.code.count("<span") == new.code.count("</span>") for _, new in found.parts[0].lines)


def test_long_files_and_records_are_closed_and_records_last() -> None:
    parts = [compared_text("z.py", 400), compared_text(".aidev/t/contract.json", 1), compared_text("a.py", 1)]
    found = diffs.files("".join(parts))
    assert [(file.path, file.is_open) for file in found] == [
        ("z.py", False),
        ("a.py", True),
        (".aidev/t/contract.json", False),
    ]


def compared_text(path: str, lines: int) -> str:
    """A diff that adds so many lines."""
    added = [f"x{number} = 1\n" for number in range(lines)]
    return "".join(difflib.unified_diff([], added, "/dev/null", f"b/{path}"))


def test_of_an_endless_file_only_so_much_is_shown() -> None:
    (found,) = diffs.files(compared_text("m.py", diffs.MOST + 5))
    assert found.hidden == 5
    assert sum(len(part.lines) for part in found.parts) == diffs.MOST


def test_new_and_deleted_files_are_named_so() -> None:
    assert diffs.files(compared_text("m.py", 1))[0].kind == "new"
    gone = "".join(difflib.unified_diff(["a\n"], [], "a/m.py", "/dev/null"))
    assert diffs.files(gone)[0].kind == "deleted"
    assert diffs.files("") == []


def test_what_is_no_diff_is_told() -> None:
    broken = "--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\n-one\n"
    with pytest.raises(Unreadable):
        diffs.files(broken)


def test_no_template_trusts_what_it_is_given() -> None:
    templates = Path(diffs.__file__).parent / "templates"
    found = [file for file in templates.rglob("*.html") if "safe" in file.read_text().replace("unsafe", "")]
    assert found == []
