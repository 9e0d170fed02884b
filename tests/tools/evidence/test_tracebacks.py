"""Tracebacks of real runs in the sandbox: what is the project's own, and what was raised."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tools.evidence.sampled import sampled
from tools.evidence.assertions import inputs, sides, values
from tools.evidence.tracebacks import LONGEST, MOST_FRAMES, MOST_LINES, ROOT, Trace, is_own, own_places, read

TESTS: dict[str, dict[str, Any]] = {test["test_name"].rsplit("::", 1)[-1]: test for test in sampled("tests")}
"""Name of the function, or path of the file → result, as the tester got it."""


def trace(name: str) -> Trace:
    """What is read of such a result."""
    return read(TESTS[name].get("traceback", ""), TESTS[name].get("message", ""))


@pytest.mark.parametrize(
    ("name", "error", "places"),
    [
        ("test_where", "AssertionError", ["tests/test_shop.py:14 test_where: assert double(2) == 4"]),
        ("test_inside", "NameError", [
            'shop.py:20 price_of: return item["price"] * (1 + TAX)',
            "shop.py:16 <genexpr>: return sum(price_of(item) for item in items)",
            "shop.py:16 total: return sum(price_of(item) for item in items)",
            'tests/test_shop.py:32 test_inside: assert total([{"price": 2.0}]) == 2.4']),
        ("test_chained", "RuntimeError", [
            'shop.py:27 parse: raise RuntimeError(f"cannot parse {text!r}") from error',
            'tests/test_shop.py:36 test_chained: assert parse("x1") == 1',
            "shop.py:25 parse: return int(text)"]),
        ("test_fixture", "AttributeError", [
            "shop.py:47 add: self.itms.append(item)", 'tests/test_shop.py:94 cart: cart.add(Item("a", 1.0))']),
        ("test_recursion", "RecursionError", [
            "shop.py:30 deep: def deep(n):", "shop.py:31 deep: return deep(n + 1)",
            "tests/test_shop.py:50 test_recursion: deep(0)"]),
        ("test_property", "AssertionError", ["tests/test_shop.py:56 test_property: assert double(n) == 2 * n"]),
        ("test_pandas", "AssertionError", [
            "tests/test_shop.py:64 test_pandas: "
            "pd.testing.assert_series_equal(pd.Series([1.0, 2.0]), pd.Series([1.0, 3.0]))"]),
        ("test_raises", "Failed", ["tests/test_shop.py:40 test_raises: with pytest.raises(TypeError):"]),
        ("test_group", "ExceptionGroup", [
            'tests/test_shop.py:108 test_group: raise ExceptionGroup("several", [ValueError("a"), TypeError("b")])']),
        ("test_helper", "AssertionError", [
            'tests/test_more.py:11 helper: assert double(value) == wanted, ( f"double of {value}" )',
            "tests/test_more.py:17 test_helper: helper(3, 6)"]),
        ("test_multi_line", "AssertionError", [
            "tests/test_more.py:21 test_multi_line: assert double( 5, ) == sum( [5, 5] )"]),
        ("test_file", "FileNotFoundError", [
            'tests/test_more.py:44 test_file: assert Path("/tmp/x1/out.csv").read_text()']),
        ("tests/test_import.py", "ModuleNotFoundError", ["tests/test_import.py:1 <module>: import requests"]),
        ("tests/test_gone.py", "ImportError", ["tests/test_gone.py:1 <module>: from shop import nothing"]),
        ("tests/test_syntax.py", "SyntaxError", ["tests/test_syntax.py:1 : def test_x(:"]),
        ("test_skip", "", []),
    ],
)  # fmt: skip
def test_the_exception_and_the_projects_own_frames_innermost_first(name: str, error: str, places: list[str]) -> None:
    found = trace(name)
    assert found.error == error
    assert [f"{at.path}:{at.line} {at.function}: {at.source}" for at in found.frames] == places


@pytest.mark.parametrize(
    ("name", "shown", "left", "right"),
    [
        ("test_where", "3 == 4", "3", "4"),
        ("test_list", "[0, 1, 2, 3, 4, 5] == [0, 2, 4]", "[0, 1, 2, 3, 4, 5]", "[0, 2, 4]"),
        ("test_dict_message", "{'a': 1, 'b': [1, 2, 3]} == {'a': 2, 'b': [1, 2]}", "{'a': 1, 'b': [1, 2, 3]}",
         "{'a': 2, 'b': [1, 2]}"),
        ("test_equal", "4 != 6", "4", "6"),
        ("test_approx", "1.1 == 0.2 ± 2.0e-07", "1.1", "0.2 ± 2.0e-07"),
        ("test_property", "1 == (2 * 0)", "1", "(2 * 0)"),
        ("test_numpy", "", "array([1., 2.])", "array([1. , 2.5])"),
        ("test_pandas", "", "[1.0, 2.0]", "[1.0, 3.0]"),
        ("test_raises_match", "", "\"cannot parse 'x'\"", "'bad number'"),
        ("test_and", "(5 > 3 and 6 < 2)", "", ""),
        ("test_isclose", "False", "", ""),
        ("test_inside", "", "", ""),
    ],
)  # fmt: skip
def test_an_assertions_values(name: str, shown: str, left: str, right: str) -> None:
    assert values(trace(name).raised) == (shown, left, right)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("test_where", ["3 = double(2)"]),
        ("test_params[5-10]", ["parameters: 5-10", "6 = double(5)", "x = 5, wanted = 10"]),
        ("test_property", ["Failing test case: test_property(n=0, xs=[])", "1 = double(0)", "n = 0, xs = []"]),
        ("test_isclose", ["False = <built-in function isclose>(2.5, 3.0)", "2.5 = double(1.5)"]),
        ("test_inside", ["item = {'price': 2.0}"]),
        ("test_fixture", ["item = Item(name='a', price=1.0)"]),
        ("test_chained", ["text = 'x1'"]),
        ("test_list", []),
    ],
)
def test_inputs_that_a_test_failed_for(name: str, wanted: list[str]) -> None:
    assert inputs(name, trace(name)) == wanted


def test_an_argument_of_many_lines_is_one_input() -> None:
    assert "frame = a b 0 1 3.0 1 2 4.5" in inputs("test_frame[frame0]", trace("test_frame[frame0]"))


OLDER = "E   assert 1 == 0\nE   Falsifying example: test_f(\nE       n=7,  # or any other\nE   )\n\ntests/a.py:3: E"


def test_hypothesis_older_word_for_an_example() -> None:
    assert inputs("test_f", read(OLDER)) == ["Falsifying example: test_f(n=7)"]


@pytest.mark.parametrize("name", sorted(TESTS))
def test_what_is_kept_of_a_traceback_is_the_projects(name: str) -> None:
    found = trace(name)
    lines = found.text.splitlines()
    assert len(lines) <= MOST_LINES and all(len(line) <= LONGEST for line in lines)
    assert not any("/opt/venv" in line or line.startswith("/usr/lib") for line in lines)
    assert all(line in lines for line in TESTS[name].get("traceback", "").splitlines() if line.startswith("E   assert"))


def test_a_long_traceback_keeps_both_ends() -> None:
    text = (
        "".join(f"a{place}.py:{place}: in f{place}\n    g{place}()\n" for place in range(100)) + "E   ValueError: x\n"
    )
    found = read(text)
    lines = found.text.splitlines()
    assert len(lines) == MOST_LINES and lines[0] == "a0.py:0: in f0" and lines[-1] == "E   ValueError: x"
    assert len(found.frames) == MOST_FRAMES and found.frames[0].path == "a99.py"


PRINTED = f"""Traceback (most recent call last):
  File "{ROOT}app.py", line 9, in <module>
    run()
  File "/usr/lib/python3.11/json/decoder.py", line 3, in decode
    raise JSONDecodeError("x")
  File "{ROOT}pkg/inner.py", line 4, in run
    raise OwnError("of my own: 3")
pkg.inner.OwnError: of my own: 3
"""
DUMPED = f"""Timeout (0:00:12)!
Thread 0x00007f24060d1040 (most recent call first):
  File "{ROOT}shop.py", line 6 in spin
  File "{ROOT}shop.py", line 2 in double
  File "/opt/venv/lib/python3.11/site-packages/_pytest/python.py", line 9 in pytest_pyfunc_call
"""


def test_what_python_itself_printed() -> None:
    found = read(PRINTED)
    assert found.error == "pkg.inner.OwnError" and found.raised == ["pkg.inner.OwnError: of my own: 3"]
    assert [(at.path, at.line, at.source) for at in found.frames] == [
        ("pkg/inner.py", 4, 'raise OwnError("of my own: 3")'),
        ("app.py", 9, "run()"),
    ]


def test_where_something_hangs() -> None:
    found = read(DUMPED)
    assert [(at.path, at.line, at.function) for at in found.frames] == [
        ("shop.py", 6, "spin"),
        ("shop.py", 2, "double"),
    ]
    assert found.error == "" and "/opt/venv" not in own_places(DUMPED) and "spin" in own_places(DUMPED)
    assert own_places(PRINTED) == PRINTED


@pytest.mark.parametrize(
    ("path", "own"),
    [
        ("a.py", True),
        (f"{ROOT}pkg/a.py", True),
        ("../a.py", True),
        ("/usr/lib/python3.11/json/decoder.py", False),
        (".venv/lib/site-packages/x.py", False),
        ("<string>", False),
        ("pandas/_libs/testing.pyx", False),
    ],
)
def test_whose_a_file_is(path: str, own: bool) -> None:
    assert is_own(path) is own


@pytest.mark.parametrize(
    ("text", "both"),
    [
        ("'a == b' == 'c'", ("'a == b'", "'c'")),
        (r"'it\'s == x' in ['y']", (r"'it\'s == x'", "['y']")),
        ("f(1 == 2) is not None", ("f(1 == 2)", "None")),
        ("7 not in [1]", ("7", "[1]")),
        ("<A at 0x1> <= 3", ("<A at 0x1>", "3")),
        ("True", ("", "")),
        ("'never closed == 3", ("", "")),
    ],
)
def test_both_sides_of_a_comparison(text: str, both: tuple[str, str]) -> None:
    assert sides(text) == both


@given(st.text(max_size=400) | st.lists(st.sampled_from(
    ["E   assert 1 == 2", "a.py:3: in f", "a.py:99999999999999999999: ValueError", ">   x = (", "_ _ _ _", "E", "",
     'File "x.py", line 3', "x = 1", "    def f(:", "E   Falsifying example: f(", "Traceback (most recent call last):"]
)).map("\n".join))  # fmt: skip
def test_nothing_is_too_odd_to_be_read(text: str) -> None:
    found = read(text, text)
    assert len(found.text.splitlines()) <= MOST_LINES and len(found.frames) <= MOST_FRAMES
    assert all(len(part) <= LONGEST for part in (*values(found.raised), *inputs(text, found)))


ARRAYS = [
    " ACTUAL: array([      nan, 22.403299,",
    "       51.468128, 44.314401])",
    " DESIRED: array([      nan, 27.674661,",
    "       44.573141])",
]


def test_sides_of_many_lines_are_whole() -> None:
    left, right = "array([      nan, 22.403299, 51.468128, 44.314401])", "array([      nan, 27.674661, 44.573141])"
    assert values(["AssertionError: ", "Not equal", *ARRAYS, "more"]) == ("", left, right)
