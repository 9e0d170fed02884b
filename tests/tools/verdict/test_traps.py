"""Weaving keeps every test, hides which is which, and is undone in what is reported."""

import ast
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.verdict.samples import ONE, PATH, SEALED, TWO
from tools.verdict import suite
from tools.verdict.traps import function_of, weave

NAMES = st.from_regex(r"test_[a-z]{0,6}", fullmatch=True)
FUNCTIONS = NAMES.map(lambda name: f"def {name}(value=1):\n    assert value == 1\n\n\n")
CLASSES = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(
    lambda names: "class TestIt:\n" + "".join(f"    def {name}(self):\n        assert 1 == 1\n\n" for name in names)
)
FILES = st.lists(FUNCTIONS | CLASSES | st.just("VALUE = 'test_a'\n"), min_size=1, max_size=5).map("".join)
TREES = st.dictionaries(st.sampled_from([PATH, "tests/test_b.py"]), FILES, min_size=1)


@given(TREES)
def test_every_test_is_kept_under_a_name_that_is_undone(sealed: dict[str, str]) -> None:
    woven = weave(sealed)
    kept = [
        name for path, text in woven.files.items() for name in suite.test_names(path, text) if not woven.canary(name)
    ]
    before = [name for path, text in sealed.items() for name in suite.test_names(path, text)]
    assert sorted(map(woven.sealed_name, kept)) == sorted(before)


@given(TREES)
def test_woven_files_are_python_and_their_order_is_whole(sealed: dict[str, str]) -> None:
    woven = weave(sealed)
    found = {name for path, text in woven.files.items() for name in suite.test_names(path, text)}
    assert set(woven.order) == found
    functions = {function_of(name) for name in found}
    assert woven.must_fail | woven.must_pass <= functions
    assert bool(woven.must_fail) == bool(found)


@given(TREES)
def test_real_tests_keep_their_order_and_classes_stay_together(sealed: dict[str, str]) -> None:
    woven = weave(sealed)
    real = [woven.sealed_name(name) for name in woven.order if not woven.canary(name)]
    assert real == [name for path, text in sealed.items() for name in suite.test_names(path, text)]
    for path in sealed:
        heads = [name.split("::")[1] for name in woven.order if name.startswith(path) and name.count("::") == 2]
        places = [at for at, name in enumerate(woven.order) if name.startswith(f"{path}::TestIt::")]
        if heads and sealed[path].count("class ") == 1:
            assert places == list(range(places[0], places[0] + len(places)))


def test_canaries_look_like_tests() -> None:
    woven = weave(SEALED)
    names = [function_of(name) for name in woven.order]
    assert all(re.fullmatch(r"test_[a-z]{12}", name) for name in names)
    assert len(woven.must_fail) >= 2 and len(woven.must_pass) == 2


def test_names_and_places_are_fresh_each_time() -> None:
    first, second = weave(SEALED), weave(SEALED)
    assert not set(first.order) & set(second.order)


def test_renamed_lines_stay_where_they_were() -> None:
    woven = weave(SEALED)
    before, after = SEALED[PATH].splitlines(), woven.files[PATH].splitlines()
    changed = [old for old, new in zip(before, after, strict=False) if old != new]
    assert [line.split("(")[0].split()[-1] for line in changed] == ["test_one", "test_two"]


def test_results_are_named_as_sealed() -> None:
    woven = weave(SEALED)
    fresh = [name for name in woven.order if not woven.canary(name)]
    assert [woven.sealed_name(f"{name}[1]") for name in fresh] == [f"{ONE}[1]", f"{TWO}[1]"]
    assert woven.sealed_name("test_abcdefghijkl") == "test_abcdefghijkl"


@pytest.mark.parametrize(
    "text",
    [
        "def test_a(): ...\nprint(test_a)\n",
        "import b\ndef test_a(): b.test_a()\n",
        "from b import test_a as test_b\ndef test_a(): ...\n",
        "def test_a(): ...\ndef test_b(test_a): ...\n",
        "def test_a(): ...\nNAME = 'test_a'\n",
    ],
)
def test_a_name_that_something_speaks_of_is_kept(text: str) -> None:
    assert "test_a" in [function_of(name) for name in weave({PATH: text}).order]


def test_methods_of_doubles_and_fixtures_are_no_tests() -> None:
    text = (
        "class Double:\n    def test_connection(self): ...\n@pytest.fixture\ndef test_data(): ...\ndef test_a(): ...\n"
    )
    woven = weave({PATH: text})
    assert "def test_connection(" in woven.files[PATH] and "def test_data(" in woven.files[PATH]
    assert "test_a" in woven.names.values()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_ends(end: str) -> None:
    woven = weave({PATH: f"def test_a():{end}    pass{end}{end}{end}def test_b():{end}    pass{end}"})
    assert set(woven.names.values()) == {"test_a", "test_b"}
    assert not re.search(r"def test_[ab]\(", woven.files[PATH])


def test_no_tests_no_canaries() -> None:
    woven = weave({PATH: "VALUE = 1\n"})
    assert woven.files == {PATH: "VALUE = 1\n"} and not woven.order and not woven.must_fail


def test_texts_in_copied_tests_stay_valid() -> None:
    text = 'def test_a():\n    text = f"""{1}\n  x\n"""\n    assert text == "1\\n  x\\n"\n'
    for _ in range(5):
        ast.parse(weave({PATH: text}).files[PATH])
