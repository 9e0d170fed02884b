"""The rules on real tracebacks: who asked for what, and what came."""

from collections.abc import Mapping

import pytest

from schemas.contract import Contract
from schemas.report import TestResult
from tests.tools.causes.conftest import Failed, command, facts
from tools.causes.cause import cause, of_the_code, on_answers
from tools.causes.imports import missing_dependency
from tools.evidence.tracebacks import ROOT

pytestmark = pytest.mark.xdist_group("causes")
CONTRACT = Contract.model_validate(
    {
        "contract_id": "contract_shop",
        "task_id": "shop",
        "version": "1.0.0",
        "interfaces": [
            {
                "name": "total",
                "type": "function",
                "signature": "def total(prices: list[int], discount: int = 0) -> int",
                "module": "shop.py",
                "return_type": "int",
                "raises": ["ValueError"],
            },
            {
                "name": "receipt",
                "type": "function",
                "signature": "def receipt(prices: list[int]) -> dict[str, int]",
                "module": "shop.py",
                "return_type": "dict[str, int]",
                "rules": "'sum' and 'count'",
            },
            {
                "name": "sorted_prices",
                "type": "function",
                "signature": "def sorted_prices(prices: list[int]) -> list[int]",
                "module": "shop.py",
                "return_type": "list[int]",
            },
            {
                "name": "Till",
                "type": "class",
                "signature": "class Till",
                "module": "shop.py",
                "rules": "Till(); add(price)",
            },
            {
                "name": "entries",
                "type": "function",
                "signature": "def entries(prices: list[int]) -> list[int]",
                "module": "shop.py",
                "return_type": "list[int]",
            },
        ],
    }
)
CODE = """
from typing import Any


def total(prices: list[int], discount: int = 0) -> int:
    if not prices:
        raise ValueError("no prices")
    if prices == [13]:
        return rounded(prices, to=2)
    if prices == [14]:
        raise TypeError("total() got an unexpected keyword argument 'to'")
    if prices == [15]:
        raise ModuleNotFoundError("No module named 'nowhere_at_all'")
    if prices == [16]:
        import nowhere_at_all
    if prices == [17]:
        try:
            import nowhere_at_all
        except ImportError as error:
            raise RuntimeError("install something") from error
    if prices == [18]:
        raise TimeoutError("timed out after 60 s")
    return sum(prices) + 1


def rounded(prices: list[int]) -> int:
    return sum(prices)


def receipt(prices: list[int]) -> Any:
    return list({"sum": sum(prices)}.items()) if prices else None


def sorted_prices(prices: list[int]) -> Any:
    return sorted(prices) if prices else ()


def entries(prices: list[int]) -> list[int]:
    return []


class Till:
    def open(self) -> None:
        self.prices: list[int] = []
"""
TESTS = '''
import time

import pytest

import shop
from shop import Till, entries, receipt, sorted_prices, total


def trades_of(prices):
    return entries(prices)


def test_value(): assert total([1]) == 1
def test_does_not_raise():
    with pytest.raises(ValueError):
        total([1])
def test_helper(): assert total([13]) == 13
def test_raised_by_hand(): assert total([14]) == 14
def test_import_by_hand(): assert total([15]) == 15
def test_import(): assert total([16]) == 16
def test_import_in_disguise(): assert total([17]) == 17
def test_time(): assert total([18]) == 18
def test_keyword(): assert total([1], rebate=1) == 1
def test_too_many(): assert total([1], 2, 3) == 1
def test_unknown_name(): assert shop.cheapest([1]) == 1
def test_unknown_method(): assert Till().sum() == 0
def test_method_that_is_not_made_yet(): assert Till().prices == []
def test_broken(): assert totl([1]) == 1
def test_fixture_file(): assert open("fixtures/prices.csv").read() == "1"
def test_no_fixture(till): assert till
def test_says_no_fixture(): pytest.fail("fixture 'till' not found")
def test_nothing_came(): assert receipt([]).keys() == set()
def test_shape(): assert receipt([1]) == {"sum": 1, "count": 1}
def test_shape_by_class(): assert isinstance(receipt([1]), dict)
def test_field(): assert dict(receipt([1]))["count"] == 1
def test_exception_of_nobody():
    with pytest.raises(LookupError):
        total([])
def test_edge_of_another_shape(): assert sorted_prices([]) == []
def test_usual_shape(): assert sorted_prices([2, 1]) == [1, 2]
def test_test_wants_another_shape(): assert sorted_prices([2, 1]) == (1, 2)
def test_some_entries(): assert len(entries([1, 2])) > 0
def test_any_entry(): assert any(place > 0 for place in entries([1, 2]))
def test_some_trades():
    trades = trades_of([1, 2])
    assert trades
def test_certain_entries(): assert entries([1, 2]) == [1]
def test_took_too_long():
    start = time.perf_counter()
    assert total([1]) > 5 + time.perf_counter() - start
def test_state_afterwards():
    till = Till()
    till.open()
    assert till.prices == [1]
def test_two_answers(): assert total([1]) == total([2])
def test_some_prices(): assert sorted_prices([])
'''  # fmt: skip
FILES: Mapping[str, str] = {"shop.py": CODE, "tests/test_shop.py": TESTS}


@pytest.fixture(scope="module")
def results(failed: Failed) -> dict[str, TestResult]:
    """Name of a test → its result."""
    return {test.test_name.rpartition("::")[2]: test for test in failed(FILES)}


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("test_value", None),
        ("test_does_not_raise", None),
        ("test_helper", None),
        ("test_raised_by_hand", None),
        ("test_import_by_hand", None),
        ("test_time", None),
        ("test_method_that_is_not_made_yet", None),
        ("test_nothing_came", None),
        ("test_edge_of_another_shape", None),
        ("test_certain_entries", None),
        ("test_some_prices", None),
        ("test_keyword", "spec_mismatch"),
        ("test_too_many", "spec_mismatch"),
        ("test_unknown_name", "spec_mismatch"),
        ("test_unknown_method", "spec_mismatch"),
        ("test_broken", "spec_mismatch"),
        ("test_fixture_file", "spec_mismatch"),
        ("test_no_fixture", "spec_mismatch"),
        ("test_says_no_fixture", None),
        ("test_shape", "spec_mismatch"),
        ("test_shape_by_class", "spec_mismatch"),
        ("test_field", "spec_mismatch"),
        ("test_exception_of_nobody", "spec_mismatch"),
        ("test_test_wants_another_shape", "spec_mismatch"),
        ("test_some_entries", "no_trades"),
        ("test_any_entry", "no_trades"),
        ("test_some_trades", "no_trades"),
    ],
)
def test_the_cause_of_one_failure(results: dict[str, TestResult], test: str, expected: str | None) -> None:
    passed = results["test_usual_shape"]
    found = cause(facts([passed, results[test]], FILES, CONTRACT))
    assert (found.failure_class if found else None) == expected


def test_no_trades_only_where_everything_else_passes(results: dict[str, TestResult]) -> None:
    assert cause(facts([results["test_some_entries"], results["test_value"]], FILES, CONTRACT)) is None


@pytest.mark.parametrize(
    ("test", "missing"),
    [
        ("test_import", True),
        ("test_import_in_disguise", True),
        ("test_import_by_hand", False),
        ("test_value", False),
    ],
)
def test_an_import_counts_where_an_import_statement_stands(
    results: dict[str, TestResult], test: str, missing: bool
) -> None:
    said = missing_dependency(facts([results[test]], FILES, CONTRACT))
    assert ("needs nowhere_at_all" in said) is missing


@pytest.mark.parametrize(
    ("line", "missing"),
    [
        ("import nowhere_at_all.deep", "nowhere_at_all"),
        ("from nowhere_at_all import anything", "nowhere_at_all"),
        ("from nowhere_at_all import total", ""),
        ("from shop.till import Till", ""),
        ("from shop import tille", ""),
    ],
)
def test_a_sealed_test_that_cannot_be_imported(failed: Failed, line: str, missing: str) -> None:
    files = {"shop/__init__.py": "", "tests/test_shop.py": f"{line}\n"}
    found = facts(failed(files), files, CONTRACT)
    said, named = missing_dependency(found), cause(found)
    assert missing in said
    assert bool(said) is bool(missing)
    assert missing or (named is not None and named.failure_class == "spec_mismatch")


def test_a_package_that_lacks_another_one(failed: Failed) -> None:
    test = "import pandas\n\n\ndef test_read(): pandas.read_orc('a.orc')\n"
    files = {"tests/test_shop.py": test}
    assert "needs pyarrow" in missing_dependency(facts(failed(files), files, CONTRACT))


TRACEBACK = f"""\
Traceback (most recent call last):
  File "{ROOT}run.py", line 1, in <module>
    import {{0}}
ModuleNotFoundError: No module named '{{0}}'
"""


@pytest.mark.parametrize(
    ("module", "missing"),
    [("nowhere_at_all", True), ("shop.till", False), ("json.nothing", False), ("numpy.no", False)],
)
def test_a_command_tells_its_import_itself(module: str, missing: bool) -> None:
    files = {**FILES, "run.py": f"import {module}\n"}
    found = missing_dependency(facts([command("python run.py", TRACEBACK.format(module))], files, CONTRACT))
    assert bool(found) is missing


@pytest.mark.parametrize(
    ("stderr", "known"),
    [
        (f"python: can't open file '{ROOT}run.py': [Errno 2] No such file or directory", False),
        ("/bin/sh: 1: shop: not found", False),
        ("usage: shop [-h]", True),
        (TRACEBACK.format("shop"), True),
    ],
)
def test_a_command_that_runs_what_nobody_has_is_no_fault_of_the_code(stderr: str, known: bool) -> None:
    assert bool(of_the_code(facts([command("python run.py", stderr)], FILES, CONTRACT))) is known


def test_values_leave_open_who_is_wrong(results: dict[str, TestResult]) -> None:
    def asserted(*names: str) -> bool:
        return bool(on_answers(facts([results[name] for name in names], FILES, CONTRACT)))

    assert asserted("test_value", "test_does_not_raise")
    assert asserted("test_exception_of_nobody")
    assert not asserted("test_value", "test_helper")
    assert not asserted("test_took_too_long")
    assert not asserted("test_state_afterwards")
    assert not asserted("test_two_answers")
    assert not asserted()
