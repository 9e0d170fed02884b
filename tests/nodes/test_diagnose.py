"""What is settled without looking further, and what the model may answer where it is asked."""

from typing import Any, cast

import pytest

from nodes.diagnose import check, diagnose
from nodes.looking import ending, how, names
from nodes.task import Task
from schemas.answers import DiagnosisAnswer, FailureClass
from schemas.cases import Case
from schemas.ports import CommandResult, Outcome
from state.todo import Failure, TodoState

SHOWN = "word_count('a')\nE   assert   {'a': 2} == {'a': 1}\n"


def answer(failure_class: FailureClass, *evidence: str) -> DiagnosisAnswer:
    """The model's."""
    told = {
        "failure_class": failure_class,
        "evidence": list(evidence),
        "explanation": "It is.",
        "instructions": "Mend.",
    }
    return DiagnosisAnswer.model_validate(told)


@pytest.mark.parametrize("line", ["assert {'a': 2} == {'a': 1}", "  word_count('a')  ", "E assert {'a': 2}"])
def test_evidence_that_was_shown_is_taken_whatever_its_spaces(line: str) -> None:
    check(answer("implementation_bug", line), SHOWN)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (answer("implementation_bug"), "quote at least one line"),
        (answer("implementation_bug", " "), "quote at least one line"),
        (answer("spec_mismatch", "word_count('a')", "assert 1 == 2"), "not in what you were shown: assert 1 == 2"),
        (answer("timeout", "word_count('a')"), "no limit ended it"),
        (answer("flaky_test", "word_count('a')"), "reruns of the same files agree"),
    ],
)
def test_an_answer_without_evidence_or_against_what_was_measured_is_refused(
    given: DiagnosisAnswer, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        check(given, SHOWN)


@pytest.mark.parametrize(
    ("role", "given", "expected"),
    [
        ("prepare", None, "merge_conflict"),
        ("integrate", "merge_conflict", "merge_conflict"),
        ("tester", "infrastructure", "infrastructure"),
        ("red", "infrastructure", "infrastructure"),
        ("coder", "model_output", "model_output"),
        ("architect", "infrastructure", "infrastructure"),
        ("person", "spec_mismatch", "spec_mismatch"),
    ],
)
def test_what_a_step_has_measured_stays(role: str, given: FailureClass | None, expected: str) -> None:
    failure: Failure = {"failure_class": given, "role": role, "summary": "what was seen"}
    found = diagnose(Task(cast(TodoState, {"failure": failure})), failure)
    assert (found.failure_class, found.explanation) == (expected, "what was seen")


def outcome(ended: Any, *late: bool) -> Outcome:
    """A container with commands, some of which their limit ended."""
    results = [CommandResult("c", None if each else 0, each, 1.0, "", "") for each in late]
    return Outcome(ended, results, "container", 1.0, "3.11", "Linux")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([], "finished"),
        ([outcome("finished", False), outcome("finished", False)], "finished"),
        ([outcome("finished", False, True)], "timeout"),
        ([outcome("timeout"), outcome("finished")], "timeout"),
        ([outcome("timeout"), outcome("out_of_memory")], "out_of_memory"),
        ([outcome("killed"), outcome("finished", True)], "killed"),
    ],
)
def test_the_worst_end_of_several_containers(outcomes: list[Outcome], expected: str) -> None:
    assert ending(map(how, outcomes)) == expected


def test_names_in_cases() -> None:
    cases = [Case(call=" f(g(1))", returns="1"), Case(call="Stack().pop()", raises="IndexError")]
    assert names(cases) >= {"f", "g", "Stack", "pop"}
