"""Answers are read whatever comes back: one for each evaluation, and nothing that is sent raises."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given

from schemas.ports import Outcome
from tests.tools.verdict.samples import JSON, outcome, result
from tools.verdict.evaluation import Answer, Evaluation, EvaluationRun
from tools.verdict.held_back import _text
from tools.verdict.values import plain

RUN = EvaluationRun(["a.py"], [Evaluation("f(x)", {"x": plain(1)}), Evaluation("f(2)")], 60.0)


AGAIN = replace(RUN, rounds=3)


def alone(told: Any) -> list[Answer]:
    """The answers of a container that wrote this of each evaluation alone."""
    return [found for (found,) in RUN.read(back({"alone": told}))]


def together(told: Any) -> list[list[Answer]]:
    """The further answers of a container that wrote this of all evaluations together."""
    first: list[Any] = [{"value": None}, {"value": None}]
    return [more for _, *more in AGAIN.read(back({"alone": first, "together": told}))]


def back(told: Any) -> Outcome:
    """A container that wrote this."""
    return outcome(result(0, {RUN.answers: told if isinstance(told, bytes) else json.dumps(told).encode()}))


def test_the_command_tells_everything() -> None:
    command = RUN.command()
    told = json.loads(command.stdin)
    assert (told["modules"], told["answers"], told["seconds"]) == (["a.py"], RUN.answers, 60.0)
    assert told["evaluations"][0] == {"expression": "f(x)", "names": {"x": {"int": "0x1"}}, "seconds": 10.0}
    assert "aidev_cases" in (command.module + command.cmd) and list(command.collect) == [RUN.answers]
    assert command.timeout_seconds > 60


def test_values_exceptions_and_ends() -> None:
    told = [{"value": plain([1])}, {"raised": ["KeyError", "Exception"], "message": "x"}]
    assert alone(told) == [Answer(plain([1])), Answer(raised=["KeyError", "Exception"], message="x")]
    assert alone([{"value": None}, {"ended": "timeout"}]) == [Answer(), Answer(ended="timeout")]


@pytest.mark.parametrize(
    "told",
    [
        3,
        [],
        {},
        {"raised": []},
        {"raised": [], "message": ""},
        {"raised": [3], "message": ""},
        {"raised": ["A"], "message": None},
        {"ended": ""},
        {"ended": 3},
        None,
    ],
)
def test_an_answer_of_another_shape_is_no_value(told: Any) -> None:
    assert alone([told, {"value": None}]) == [Answer(ended="an answer that cannot be read"), Answer()]


@pytest.mark.parametrize(
    "content", [b"", b"{", b"3", b"{}", b"\xff", b"[" * 100_000, b"9" * 10_000, b"[" + b"9" * 5_000]
)
def test_what_is_no_list_of_answers_is_no_answer(content: bytes) -> None:
    assert RUN.read(back(content)) == [[Answer(ended="no answer")]] * 2


def test_too_few_and_too_many() -> None:
    assert alone([{"value": True}]) == [Answer(True), Answer(ended="no answer")]
    assert alone([{"value": True}] * 5) == [Answer(True)] * 2


def test_a_container_that_did_not_end_gave_no_answer() -> None:
    for lost in (outcome(ended="out_of_memory"), outcome(result(137), ended="out_of_memory")):
        assert [answer.ended for (answer,) in RUN.read(lost)] == ["the container's end was out_of_memory"] * 2


@pytest.mark.parametrize("levels", [100, 400, 850])
def test_a_deep_value_can_be_told_on_or_is_none(levels: int) -> None:
    first, _ = alone([json.loads('{"value": ' + "[" * levels + "]" * levels + "}")])
    again = EvaluationRun([], [Evaluation("result", {"result": first.value})], 1.0)
    assert again.command().stdin
    assert bool(first.ended) is (levels > 300)


def test_all_different_answers_when_asked_again_together() -> None:
    told = {"answers": [[{"value": True}, {"value": False}], [{"ended": "timeout"}]]}
    assert together(told) == [[Answer(True), Answer(False)], [Answer(ended="timeout")]]
    assert json.loads(AGAIN.command().stdin)["rounds"] == 3


@pytest.mark.parametrize("told", [None, 3, [], {}, {"answers": 3}, {"answers": []}, {"ended": "timeout"}])
def test_no_answer_when_asked_again_is_told(told: Any) -> None:
    assert together(told) == [[Answer(ended="no answer when asked again")]] * 2


@given(JSON)
def test_nothing_that_is_sent_raises(told: Any) -> None:
    for each in (told, [told], [{"value": told}], [{"raised": told, "message": "x"}], [{"ended": told}]):
        for sent in (each, {"alone": each, "together": each}, {"alone": [], "together": {"answers": each}}):
            found = AGAIN.read(back(sent))
            assert len(found) == 2 and all(found)
            assert all(isinstance(_text(answer.value), str) for answers in found for answer in answers)
