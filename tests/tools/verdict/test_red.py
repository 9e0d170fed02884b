"""On a stub of the contract every sealed test and every held-back case has to fail, in real containers."""

from typing import Any

import pytest

from corpus.entries import tasks
from schemas.cases import Case
from schemas.contract import Contract
from tests.proven import proven
from tests.tools.verdict.conftest import OnAStub

CONTRACT = Contract.model_validate(
    {
        "contract_id": "contract_a",
        "task_id": "a",
        "version": "1.0.0",
        "interfaces": [
            {
                "name": "f",
                "type": "function",
                "signature": "def f(x: int) -> int",
                "module": "a.py",
                "parameters": [{"name": "x", "type": "int"}],
                "return_type": "int",
            }
        ],
    }
)
PATH = "tests/test_a.py"
GOOD = "def test_good() -> None:\n    assert f(1) == 2\n"


def sealed(*tests: str, imports: str = "import pytest\n\nfrom a import f") -> dict[str, str]:
    return {PATH: f"{imports}\n\n\n" + "\n\n".join((GOOD, *tests))}


def test_tests_that_can_fail_are_collected(on_a_stub: OnAStub) -> None:
    each = "@pytest.mark.parametrize('x', [1, 2])\ndef test_each(x: int) -> None:\n    assert f(x) == x + 1\n"
    found = on_a_stub(CONTRACT, sealed(each), [Case(call="f(3)", returns="4")])
    assert list(found.problems) == [] and not found.mismatch and not found.replaced
    assert list(found.collected) == [f"{PATH}::{name}" for name in ("test_good", "test_each[1]", "test_each[2]")]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("    assert True\n", "passed"),
        ("    with pytest.raises(Exception):\n        f(1)\n", "passed"),
        ("    try:\n        f(1)\n    except Exception:\n        pass\n", "passed"),
        ("    pytest.skip('later')\n", "skipped"),
        ("    pytest.xfail('later')\n", "skipped"),
    ],
)
def test_tests_that_prove_nothing(on_a_stub: OnAStub, body: str, status: str) -> None:
    found = on_a_stub(CONTRACT, sealed(f"def test_weak() -> None:\n{body}"))
    assert list(found.problems) == [
        f"{PATH}::test_weak: {status} on a stub that has no behaviour, so it proves nothing"
    ]
    assert not found.mismatch


@pytest.mark.parametrize("call", ["f(1, 2)", "f()", "f(y=1)"])
def test_a_call_that_the_contract_lacks_is_a_mismatch(on_a_stub: OnAStub, call: str) -> None:
    found = on_a_stub(CONTRACT, sealed(f"def test_call() -> None:\n    assert {call} == 2\n"))
    assert found.mismatch
    assert list(found.problems) == [f"{PATH}::test_call: calls what the contract does not offer"]


@pytest.mark.parametrize(
    ("line", "said", "mismatch"),
    [
        ("raise RuntimeError('broken')", "broken", False),
        ("from json import nothing_like_it", "nothing_like_it", True),
    ],
)
def test_a_file_that_cannot_be_imported(on_a_stub: OnAStub, line: str, said: str, mismatch: bool) -> None:
    found = on_a_stub(CONTRACT, sealed(imports=f"from a import f\n{line}"))
    (problem,) = [each for each in found.problems if each.startswith(f"{PATH}: cannot be imported")]
    assert said in problem and found.mismatch is mismatch
    assert f"{PATH}::test_good: is not collected on a stub of the contract" in found.problems


def test_a_file_that_ends_the_process(on_a_stub: OnAStub) -> None:
    found = on_a_stub(CONTRACT, sealed(imports="import os\nfrom a import f\nos._exit(0)"))
    assert list(found.problems) == ["the sealed tests do not run to their end on a stub of the contract"]
    assert not found.late


def test_a_limit_that_ends_them_is_told(on_a_stub: OnAStub) -> None:
    found = on_a_stub(CONTRACT, sealed(imports="import time\nfrom a import f\ntime.sleep(60)"), seconds=3.0)
    assert found.late and found.problems


def test_what_the_tests_replace_themselves_is_known(on_a_stub: OnAStub) -> None:
    found = on_a_stub(CONTRACT, sealed(imports="import time\nfrom a import f\ntime.ctime = str"))
    assert list(found.replaced) == ["time.ctime"] and not found.problems


@pytest.mark.parametrize(
    ("case", "said", "mismatch"),
    [
        ({"call": "1 + 1", "returns": "2"}, "gives a value without any behaviour", False),
        ({"call": "type(f).__name__", "returns": "'function'"}, "gives a value without any behaviour", False),
        ({"call": "g(1)", "returns": "2"}, "does not reach the contract's interfaces: NameError", False),
        ({"call": "f(1, 2)", "returns": "2"}, "does not reach the contract's interfaces: TypeError", True),
        ({"call": "f(1 / 0)", "raises": "ZeroDivisionError"}, "does not reach", False),
    ],
)
def test_cases_that_do_not_reach_the_contract(
    on_a_stub: OnAStub, case: dict[str, Any], said: str, mismatch: bool
) -> None:
    found = on_a_stub(CONTRACT, sealed(), [Case(call="f(2)", returns="3"), Case.model_validate(case)])
    (problem,) = found.problems
    assert problem.startswith(f"held_back: {case['call']}: ") and said in problem
    assert found.mismatch is mismatch


def test_no_canary_is_told_of(on_a_stub: OnAStub) -> None:
    found = on_a_stub(CONTRACT, sealed("def test_weak() -> None:\n    assert f is not None\n"))
    names = {name.split("::")[-1] for name in found.collected}
    assert names == {"test_good", "test_weak"} and len(found.problems) == 1


@pytest.mark.parametrize("name", ["words", "bank"])
def test_tasks_of_the_corpus_are_proven(sandbox_image: str, name: str) -> None:
    task, suite = proven(name)
    assert suite.expected and not suite.replaced
    assert task.specified.contract == tasks()[name].specified.contract
