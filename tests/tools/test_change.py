import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.change import Limits, refusals, shown
from tools.gates import LARGEST_SOURCE
from tools.reserved import reserved

LIMITS = Limits(files=5, bytes=1_000_000)
SEALED = ["tests/test_words.py", "tests/data/words.csv", "fixtures/goog.csv", "pkg/checks/test_b.py"]
PRESENT = [
    "README.md",
    "pyproject.toml",
    "words.py",
    "calendar.py",
    "types/a.py",
    "tests/test_old.py",
    "lib/__init__.py",
]


def rules(files: dict[str, str], limits: Limits = LIMITS) -> list[tuple[str, str]]:
    found = refusals(files, SEALED, [*PRESENT, *SEALED], limits)
    assert all(each.gate == "change" and each.line == 1 and each.message for each in found)
    return [(each.rule, each.path) for each in found]


def named(path: str) -> set[str]:
    return {rule for rule, _ in rules({path: "x = 1\n"})}


@pytest.mark.parametrize(
    "path",
    [
        "words.py",
        "calendar.py",
        "types/b.py",
        "shop/json.py",
        "shop/random/core.py",
        "src/shop/core.py",
        "docs/index.md",
        "json/data.csv",
        "data/pytest.csv",
        "jsonl.py",
        "my_pytest.py",
        "fixtures/more.csv",
        "tests/unit/test_a.py",
        "tests/unit/__init__.py",
        "tests/unit/shop/test_json.py",
        "tests/test_old.py",
        "lib/words.py",
        "lib/setup_tools.py",
        "contest.py",
        "tools/entry_points.py",
        "ä/ö.py",
        "Makefile",
    ],
)
def test_ordinary_files_are_taken(path: str) -> None:
    assert named(path) == set()


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/etc/passwd", "path"),
        ("../a.py", "path"),
        ("a\\b.py", "path"),
        ("a\nb.py", "path"),
        ("a\ud800.py", "path"),
        ("a\u202eb.py", "path"),
        ("C:/a.py", "path"),
        (".git/hooks/pre-commit", "path"),
        ("nul.py", "path"),
        ("x/COM1.txt", "path"),
        ("é" * 128 + ".py", "path"),
        ("Words.py", "path"),
        ("words.py/a.py", "path"),
        ("lib", "path"),
        ("tests/test_words.py", "sealed"),
        ("Tests/Test_Words.py", "sealed"),
        ("tests/test_wordſ.py", "sealed"),
        ("fixtures/goog.csv", "sealed"),
        ("FIXTURES/goog.csv", "sealed"),
        ("conftest.py", "test-configuration"),
        ("tests/unit/conftest.py", "test-configuration"),
        ("ConfTest.py", "test-configuration"),
        ("ｃonftest.py", "test-configuration"),
        ("pytest.ini", "test-configuration"),
        (".pytest.toml", "test-configuration"),
        ("a/pyproject.toml", "test-configuration"),
        ("setup.py", "test-configuration"),
        (".coveragerc", "test-configuration"),
        ("lib/sitecustomize.py", "test-configuration"),
        ("usercustomize.py", "test-configuration"),
        ("json.py", "shadow"),
        ("json/__init__.py", "shadow"),
        ("random/core.py", "shadow"),
        ("src/random.py", "shadow"),
        ("JSON.py", "shadow"),
        ("json.pyi", "shadow"),
        ("numpy-stubs/__init__.pyi", "shadow"),
        ("_pytest/__init__.py", "shadow"),
        ("pytest.py", "shadow"),
        ("pytest_cov.py", "shadow"),
        ("pytest_cov/x.py", "shadow"),
        ("dateutil.py", "shadow"),
        ("sortedcontainers/__init__.py", "shadow"),
        ("numpy.py", "shadow"),
        ("aidev_report.py", "shadow"),
        ("aidev_x/a.py", "shadow"),
        ("tests/unit/math.py", "shadow"),
        ("pkg/checks/math.py", "shadow"),
        ("words/__init__.py", "shadow"),
        ("lib.py", "shadow"),
        ("a.pth", "plugin"),
        ("x-1.0.dist-info/METADATA", "plugin"),
        ("x.egg-info/PKG-INFO", "plugin"),
        ("a/entry_points.txt", "plugin"),
        ("words.so", "plugin"),
        ("words.cpython-311-x86_64-linux-gnu.so", "plugin"),
        ("words.PYC", "plugin"),
        ("__pycache__/words.cpython-311.pyc", "plugin"),
        ("tests/helpers.py", "tests-folder"),
        ("tests/test_new.py", "tests-folder"),
        ("tests/__init__.py", "tests-folder"),
        ("TESTS/helpers.py", "tests-folder"),
        ("tests/data/more.csv", "tests-folder"),
        (".aidev/words/sealed.json", "records"),
        (".AIDEV/x", "records"),
    ],
)
def test_what_is_refused_has_its_rule(path: str, rule: str) -> None:
    assert rule in named(path)


def test_names_of_the_image_are_reserved() -> None:
    assert {"pandas", "pluggy", "iniconfig", "packaging", "coverage", "tzdata", "hypothesis"} <= reserved()
    assert {"unittest", "_socket"} <= reserved() and "words" not in reserved()


def test_a_package_of_the_change_beside_its_own_module() -> None:
    assert rules({"a.py": "", "a/__init__.py": ""}) == [("shadow", "a/__init__.py")]
    assert rules({"a.py": "", "A.py": ""}) == [("path", "A.py")]


def test_sizes_and_numbers_are_limited() -> None:
    assert rules({f"a{number}.py": "" for number in range(6)}) == [("too-many", ".")]
    assert rules({"a.py": "x" * LARGEST_SOURCE}) == []
    assert rules({"a.csv": "é" * (LARGEST_SOURCE // 2 + 1)}) == [("too-large", "a.csv")]
    assert rules({"a.py": "x" * 20, "b.py": "y" * 20}, Limits(2, 30)) == [("too-large", ".")]


@pytest.mark.parametrize("text", ["a\0b", "x = '\ud800'", "\udfff"])
def test_text_is_utf_8(text: str) -> None:
    assert rules({"a.py": text}) == [("encoding", "a.py")]


def test_what_is_shown_is_printable() -> None:
    (found,) = refusals({"a\x1b[2J\u202e\ud800\n.py": ""}, [], [], LIMITS)
    assert found.path == "a\\x1b[2J\\u202e\\ud800\\n.py"
    assert found.message.isprintable() and shown("x" * 500) == "x" * 120 + "…"


@given(
    st.dictionaries(st.one_of(st.text(max_size=8), st.sampled_from(["a/b", "a", "a.py", "."])), st.text(), max_size=5)
)
def test_nothing_crashes_it_and_all_it_says_can_be_printed(files: dict[str, str]) -> None:
    for found in refusals(files, SEALED, PRESENT, LIMITS):
        assert (found.path + found.message).isprintable()
