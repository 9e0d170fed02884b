"""Held-back cases: compared here, told without giving a case away."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given

from schemas.cases import Case, Given
from schemas.ports import Outcome
from tests.tools.verdict.samples import JSON, by_name, outcome, result
from tools.verdict import held_back
from tools.verdict.evaluation import Answer, EvaluationRun
from tools.verdict.held_back import EXAMPLES, Judged, evaluations, fault
from tools.verdict.values import plain

RETURNS = Case(call="f(1)", returns="2")
RAISES = Case(call="f(0)", raises="ValueError")
HOLDS = Case(call="f(x)", holds="result > x", given=[Given(name="x", type="int")])


def raised(*kinds: str, message: str = "") -> Answer:
    return Answer(raised=kinds, message=message)


@pytest.mark.parametrize(
    ("case", "answer", "said"),
    [
        (RETURNS, Answer(plain(2)), ""),
        (RETURNS, Answer(plain(3)), "another value: 3"),
        (RETURNS, Answer(None), "another value: None"),
        (RETURNS, raised("KeyError", message="'x'"), "raised KeyError: KeyError: 'x'"),
        (RETURNS, Answer(ended="timeout"), "no answer: timeout"),
        (RAISES, raised("ValueError", "Exception"), ""),
        (RAISES, raised("UnicodeError", "ValueError"), ""),
        (RAISES, raised("TypeError", "Exception", message="m"), "raised TypeError: TypeError: m, not ValueError"),
        (RAISES, Answer(plain(2)), "another value: 2, not ValueError"),
        (RAISES, Answer(None), "another value: None, not ValueError"),
        (RAISES, Answer(ended="timeout"), "no answer: timeout"),
        (Case(call="f()", raises="bank.Overdrawn"), raised("Overdrawn", "ValueError"), ""),
        (Case(call="f()", returns="1.0", tolerance=0.1), Answer(plain(1.05)), ""),
        (Case(call="f()", returns="1.0"), Answer(plain(1.05)), "another value: 1.05"),
    ],
)
def test_faults(case: Case, answer: Answer, said: str) -> None:
    assert fault(case, answer, None) == said


@pytest.mark.parametrize(
    "held", [None, Answer(False), Answer(plain(1)), Answer(plain("yes")), raised("NameError"), Answer(ended="x")]
)
def test_a_property_holds_when_it_is_true_and_nothing_else(held: Answer | None) -> None:
    assert fault(HOLDS, Answer(plain(2)), Answer(True)) == ""
    assert fault(HOLDS, Answer(plain(2)), held) == "a property does not hold: result > x for 2"


@given(JSON)
def test_no_answer_raises(told: Any) -> None:
    for case in (RETURNS, RAISES, HOLDS):
        assert fault(case, Answer(told), Answer(told)) or told is True


class Container:
    """Gives back what it is told to, and keeps what it was asked."""

    def __init__(self, *answers: list[Any], again: list[Any] | None = None) -> None:
        self.answers, self.again, self.asked = list(answers), again, list[tuple[EvaluationRun, bool]]()

    def run(self, run: EvaluationRun, with_code: bool) -> Outcome:
        self.asked.append((run, with_code))
        alone = self.answers.pop(0)
        told = {"alone": alone, "together": {"answers": [[each] for each in self.again or alone]}}
        return outcome(result(0, {run.answers: json.dumps(told).encode()}))


def value(of: Any) -> Mapping[str, Any]:
    return {"value": plain(of)}


def test_no_code_is_near_where_properties_are_judged() -> None:
    container = Container([value(2)] + [value(5)] * EXAMPLES, [{"value": True}] * EXAMPLES * 2)
    found = held_back.judged(["a.py"], [RETURNS, HOLDS], container.run)
    assert not [each for each in found if each.fault]
    (first, with_code), (second, without) = container.asked
    assert with_code and not without
    assert list(first.modules) == ["a.py"] and list(second.modules) == []
    assert {each.expression for each in second.evaluations} == {"bool(\nresult > x\n)"}
    assert all(each.names["result"] == plain(5) for each in second.evaluations)


def test_no_second_container_without_properties() -> None:
    container = Container([value(2), {"raised": ["ValueError"], "message": ""}])
    assert [each.fault for each in held_back.judged(["a.py"], [RETURNS, RAISES], container.run)] == ["", ""]
    assert len(container.asked) == 1


@pytest.mark.parametrize("again", [value(3), {"raised": ["KeyError"], "message": ""}, {"ended": "timeout"}])
def test_another_answer_when_asked_again_is_a_fault(again: Any) -> None:
    ((found),) = held_back.judged(["a.py"], [RETURNS], Container([value(2)], again=[again]).run)
    assert found.fault


def test_what_was_expected_is_not_told_to_the_container() -> None:
    container = Container([value(2)])
    held_back.judged(["a.py"], [Case(call="f(1)", returns="123454321")], container.run)
    assert b"123454321" not in container.asked[0][0].command().stdin


def test_examples_without_a_value_are_not_asked_for_their_property() -> None:
    answers = [{"ended": "timeout"}, *[value(5)] * (EXAMPLES - 1)]
    container = Container(answers, [{"value": True}] * (EXAMPLES - 1) * 2)
    found = held_back.judged(["a.py"], [HOLDS], container.run)
    assert [each.fault for each in found if each.fault] == ["no answer: timeout"]


def test_hostile_values_are_told_on_without_an_exception() -> None:
    deep: Any = []
    for _ in range(900):
        deep = [deep]
    container = Container([{"value": deep}, {"value": {"float": "0x1p99999"}}, {}] + [value(1)] * (EXAMPLES - 3), [3])
    found = held_back.judged(["a.py"], [HOLDS], container.run)
    assert len(found) == EXAMPLES and all(each.fault for each in found)


def test_calls_may_stand_on_lines_of_their_own() -> None:
    ((_, evaluation),) = evaluations([Case(call="\n  f(1)\n", returns="2")])
    assert evaluation.expression == "f(1)"


JUDGED = [
    Judged(RETURNS, "f(1)", ""),
    Judged(RETURNS, "f(1234)", "another value: 5678"),
    Judged(RAISES, "f(0)", "raised an exception of its own: Asked1234: 5678"),
    Judged(HOLDS, "g(x) with x = 1234", "a property does not hold: result > x for 5678"),
]


def test_results_say_how_many_agree_and_give_no_case_away() -> None:
    cases = [JUDGED[0], JUDGED[1], JUDGED[2], Judged(Case(call="g(1)", returns="1"), "g(1)", "")]
    results = held_back.results(cases)
    assert by_name(results) == {"held-back: f": "failed", "held-back: g": "passed"}
    assert results[0].message == (
        "1 of 3 held-back cases agree; the others: another value (1), raised an exception of its own (1)"
    )
    assert not any(word in str(results) for word in ("1234", "5678"))


def test_no_name_that_the_code_chose_is_told() -> None:
    said = fault(RETURNS, raised("Asked1", "Exception"), None)
    assert said.partition(":")[0] == "raised an exception of its own" and "Asked1" in said
    assert fault(RETURNS, Answer(ended="asked 1: x"), None).partition(":")[0] == "no answer"


def test_what_disagrees_is_recorded_with_its_values() -> None:
    assert held_back.record(JUDGED) == [
        {"call": "f(1234)", "returns": "2", "fault": "another value: 5678"},
        {"call": "f(0)", "raises": "ValueError", "fault": "raised an exception of its own: Asked1234: 5678"},
        {
            "call": "g(x) with x = 1234",
            "holds": "result > x",
            "given": [{"name": "x", "type": "int"}],
            "fault": "a property does not hold: result > x for 5678",
        },
    ]
