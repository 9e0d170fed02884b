"""What must fail fails and what must pass passes, whatever the code is: every body is run here."""

import ast
from collections.abc import Callable
from typing import Any

import pytest

from tools.verdict.canaries import must_fail, must_pass, other_value, plain_tests, twin

EVERY_WAY = (
    "pytest.raises(X) approx isclose unittest assert_allclose assert_array_equal assert_almost_equal assert_equal"
    " assert_array_almost_equal assert_series_equal assert_frame_equal assert_index_equal"
)
WAYS = len(list(must_fail(EVERY_WAY)))


def body(text: str) -> Callable[[], Any]:
    """A function with this body."""
    names: dict[str, Any] = {}
    indented = "\n".join(f"    {line}" for line in text.splitlines())
    exec(f"def function():\n{indented}\n", names)
    function: Callable[[], Any] = names["function"]
    return function


def first_test(text: str) -> ast.FunctionDef:
    """The first test of a file."""
    return plain_tests(ast.parse(text))[0]


def fails(text: str) -> bool:
    """Whether a test with this body fails."""
    try:
        body(text)()
    except (Exception, pytest.fail.Exception):
        return True
    return False


@pytest.mark.parametrize("text", list(must_pass()), ids=["equality", "raises"])
def test_what_must_pass_passes(text: str) -> None:
    assert not fails(text)


@pytest.mark.parametrize("text", list(must_fail(EVERY_WAY)), ids=range(WAYS))
def test_what_must_fail_fails(text: str) -> None:
    assert fails(text)


def test_there_is_one_for_each_way_of_asserting_that_the_file_uses() -> None:
    assert len(list(must_fail(""))) == 1
    assert len(list(must_fail(EVERY_WAY))) == 13
    assert any("assert_allclose" in text for text in must_fail("np.testing.assert_allclose(a, b)"))


def test_they_are_made_afresh() -> None:
    assert list(must_fail("")) != list(must_fail(""))


@pytest.mark.parametrize(
    "text",
    [
        "assert True",
        "return",
        "for x in [1]:\n        assert x",
        "import pytest\n    pytest.skip('no')",
        "def inner():\n        '''Two\n        lines.'''\n    inner()",
        "assert 1 == 2",
    ],
)
def test_a_twin_fails_whatever_its_original_does(text: str) -> None:
    assert fails(twin(first_test(f"def test_a():\n    {text}\n")))


@pytest.mark.parametrize(
    "text",
    ["assert 1 == 1", "x = [1, 2]\n    assert x == [1, 2]", "assert 1 < 2\n    assert 'a' == 'a'\n    assert 3 == 4"],
)
def test_another_value_fails(text: str) -> None:
    changed = other_value(first_test(f"def test_a():\n    {text}\n"))
    assert changed is not None and fails(changed)


def test_only_what_equals_everything_passes_another_value() -> None:
    changed = other_value(first_test("def test_a():\n    from unittest.mock import ANY\n    assert ANY == 1\n"))
    assert changed is not None and not fails(changed)


@pytest.mark.parametrize(
    "text",
    [
        "if x:\n        assert 1 == 1",
        "with y:\n        pass\n    assert 1 == 1",
        "assert 1 < 2",
        "assert 1 == 1 == 1",
        "return\n    assert 1 == 1",
    ],
)
def test_no_other_value_where_it_is_not_sure_that_it_is_reached(text: str) -> None:
    assert other_value(first_test(f"def test_a():\n    {text}\n")) is None


def test_decorated_tests_are_not_copied() -> None:
    tree = ast.parse("@mark\ndef test_a(): ...\ndef test_b(): ...\nasync def test_c(): ...\ndef helper(): ...\n")
    assert [node.name for node in plain_tests(tree)] == ["test_b"]
