"""Which tests a sealed file defines."""

import pytest

from schemas.todo import TestCommand
from tools.verdict import suite
from tools.verdict.suite import Suite, is_test_file


def names(text: str) -> list[str]:
    return [name.removeprefix("t.py::") for name in suite.test_names("t.py", text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def test_a(): ...", ["test_a"]),
        ("async def test_a(): ...", ["test_a"]),
        ("def helper(): ...", []),
        ("class TestA:\n    def test_b(self): ...\n    def help(self): ...", ["TestA::test_b"]),
        ("class A(unittest.TestCase):\n    def test_b(self): ...", ["A::test_b"]),
        ("class Double:\n    def test_connection(self): ...", []),
        ("@pytest.fixture\ndef test_data(): ...", []),
        ("@pytest.fixture(scope='module')\ndef test_data(): ...", []),
        ("@pytest.mark.usefixtures('x')\ndef test_a(): ...", ["test_a"]),
        ("def test_a():\n    def test_inner(): ...", ["test_a"]),
        ("class TestA:\n    def test_b(self): ...\ndef test_c(): ...\nclass TestD: ...", ["TestA::test_b", "test_c"]),
    ],
)
def test_tests_are_what_pytest_collects(text: str, found: list[str]) -> None:
    assert names(text) == found


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("tests/test_a.py", True),
        ("a_test.py", True),
        ("tests/conftest.py", False),
        ("test_data.csv", False),
        ("test_data/a.py", False),
        ("contest_a.py", False),
    ],
)
def test_test_files(path: str, is_one: bool) -> None:
    assert is_test_file(path) is is_one


def test_the_limit_is_the_longest_of_all() -> None:
    commands = [TestCommand(cmd="a", timeout_seconds=20), TestCommand(cmd="b", timeout_seconds=70)]
    assert Suite("t", "w", {}, {}, commands=commands).limit == 70
    assert Suite("t", "w", {}, {}, commands=commands, timeout_seconds=90).limit == 90
    assert Suite("t", "w", {}, {}).limit == 60
