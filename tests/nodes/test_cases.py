"""What is wrong with held-back cases, in words for whoever writes them."""

from typing import Any

import pytest

from corpus.entries import tasks
from nodes.cases import case_faults, speaks_data
from schemas.cases import Case
from schemas.contract import Contract, Interface

F: dict[str, Any] = {"name": "f", "type": "function", "signature": "def f(x: int) -> int", "return_type": "int"}
F |= {"parameters": [{"name": "x", "type": "int"}], "module": "a.py"}


def contract(*interfaces: dict[str, Any]) -> Contract:
    return Contract.model_validate(
        {"contract_id": "contract_a", "task_id": "a", "version": "1.0.0", "interfaces": list(interfaces) or [F]}
    )


def faults(**case: Any) -> list[str]:
    return case_faults(contract(), [Case.model_validate(case)])


@pytest.mark.parametrize(
    "case",
    [
        {"call": "f(1)", "returns": "2"},
        {"call": "\n f(1)\n", "returns": " [1.5, nan, Series([1], index=['a'])] "},
        {"call": "[f(x) for x in range(3)]", "returns": "[0, 1, 2]"},
        {"call": "a.f(1)", "raises": "ValueError"},
        {"call": "f(x)", "holds": "result > x", "given": [{"name": "x", "type": "int | None"}]},
    ],
)
def test_no_fault(case: dict[str, Any]) -> None:
    assert faults(**case) == []


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"call": "f(1", "returns": "2"}, "held_back[0].call: 'f(1' is no Python expression"),
        ({"call": "x = f(1)", "returns": "2"}, "held_back[0].call: 'x = f(1)' is no Python expression"),
        ({"call": "f(1)", "holds": "result >"}, "held_back[0].holds: 'result >' is no Python expression"),
        ({"call": "f(1)", "returns": "f(2)"}, "held_back[0].returns: 'f(2)' is no literal"),
        ({"call": "f(1)", "returns": "datetime('x', 1)"}, "held_back[0].returns: "),
        ({"call": "f(1)", "returns": "math.pi"}, "held_back[0].returns: "),
        ({"call": "f(1)\0", "returns": "1"}, "held_back[0].call: "),
        ({"call": "(" * 500 + "f(1)" + ")" * 500, "returns": "1"}, "held_back[0].call: "),
        (
            {"call": "f(x)", "holds": "True", "given": [{"name": "x", "type": "Account"}]},
            "held_back[0].given: No values",
        ),
        ({"call": "f(x)", "holds": "True", "given": [{"name": "x", "type": "set[list[int]]"}]}, "held_back[0].given: "),
        ({"call": "f(x)", "holds": "True", "given": [{"name": "x", "type": "tuple[()]"}]}, "held_back[0].given: "),
        ({"call": "g(1)", "returns": "1"}, "held_back: needs at least one case that calls f"),
    ],
)
def test_faults(case: dict[str, Any], said: str) -> None:
    found = faults(**case)
    assert found and any(each.startswith(said) for each in found)


def test_each_function_that_speaks_data_needs_a_case() -> None:
    g = {**F, "name": "g"}
    said = "held_back: needs at least one case that calls {}, with other inputs than the tests have"
    assert case_faults(contract(F, g), []) == [said.format("f"), said.format("g")]
    assert case_faults(contract(F, g), [Case(call="f(g(1))", returns="1")]) == []
    assert case_faults(contract(F, g), [Case(call="'g' and f(1)", returns="1")]) == [said.format("g")]


@pytest.mark.parametrize(
    ("changes", "speaks"),
    [
        ({}, True),
        ({"return_type": "dict[str, list[int | None]]"}, True),
        ({"return_type": "pd.DataFrame"}, True),
        ({"return_type": "np.ndarray"}, True),
        ({"parameters": [{"name": "x", "type": "Mapping[str, float]"}]}, True),
        ({"return_type": "None"}, False),
        ({"return_type": None}, False),
        ({"return_type": "Account"}, False),
        ({"return_type": "list[Account]"}, False),
        ({"return_type": "integer"}, False),
        ({"parameters": []}, False),
        ({"parameters": [{"name": "x", "type": "Callable[[int], int]"}]}, False),
        ({"parameters": [{"name": "x", "type": "int"}, {"name": "y", "type": "Path"}]}, False),
        ({"type": "class"}, False),
        ({"type": "method"}, False),
    ],
)
def test_functions_that_speak_data(changes: dict[str, Any], speaks: bool) -> None:
    assert speaks_data(Interface.model_validate({**F, **changes})) is speaks


@pytest.mark.parametrize("name", tasks())
def test_the_cases_of_the_corpus_are_without_fault(name: str) -> None:
    specified = tasks()[name].specified
    assert specified.held_back
    assert case_faults(specified.contract, specified.held_back) == []
