"""Expressions are evaluated each in a process of its own, and come to an answer or an end, whatever they do."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.tools.verdict.samples import outcome, result
from tools.verdict.compare import same
from tools.verdict.evaluation import Answer, Evaluation, EvaluationRun
from tools.verdict.values import plain

pytestmark = pytest.mark.xdist_group("cases")
INSIDE = Path(__file__).parents[4] / "tools/sandbox/inside"
MODULE = """
import asyncio, os, subprocess, sys, threading, time
from collections.abc import Iterator
count = 0
class Own(ValueError):
    pass
class Broken:
    __slots__ = ()
    def __eq__(self, other): raise RuntimeError("eq")
    def __repr__(self): raise RuntimeError("repr")
    def __getattr__(self, name): raise RuntimeError("getattr")
class Silent(Exception):
    def __str__(self): raise RuntimeError("str")
def double(x): return 2 * x
def counted():
    global count
    count += 1
    return count
def numbers(n) -> Iterator[int]:
    yield from range(n)
async def later(x): return x
async def items():
    yield 1
    yield 2
def fail(): raise Own("why")
def silent(): raise Silent
def leave(): sys.exit(0)
def end(): os._exit(0)
def hang(): time.sleep(60)
def moved():
    os.chdir("/")
    return 1
def background():
    if not os.fork():
        time.sleep(60)
        os._exit(0)
    return 1
def closes():
    os.closerange(3, 50)
    return 1
"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Answer]]:
    """Expression → its answers, alone and then together with the harmless ones."""
    asked = [
        "double(4)", "[double(x) for x in xs]", "counted()", "list(numbers(3))", "numbers(3)", "later(5)", "items()",
        "fail()", "silent()", "Broken()", "moved()", "background()", "work.double(1)", "unknown(1)", "1 +",
        "Series([1.0]).tolist() + [np.int64(2)]", "double(Decimal('1.1'))", "leave()",
    ]  # fmt: skip
    hard = ["end()", "hang()", "closes()"]
    names = {"xs": plain([1, 2])}
    folder = tmp_path_factory.mktemp("work")
    (folder / "work.py").write_text(MODULE)
    found: dict[str, list[Answer]] = {}
    for expressions, rounds in ((asked, 2), (hard, 0)):
        run = EvaluationRun(["work.py"], [Evaluation(each, names) for each in expressions], 60, rounds)
        told = json.loads(run.command().stdin)
        for each in told["evaluations"]:
            each["seconds"] = 3 if each["expression"] in hard else 20
        subprocess.run(
            [sys.executable, "-m", "aidev_cases"],
            cwd=folder,
            input=json.dumps(told).encode(),
            env={**os.environ, "PYTHONPATH": str(INSIDE)},
            check=True,
            timeout=100,
        )
        written = (folder / run.answers).read_bytes()
        found |= dict(zip(expressions, run.read(outcome(result(0, {run.answers: written}))), strict=True))
    return found


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("double(4)", 8),
        ("[double(x) for x in xs]", [2, 4]),
        ("list(numbers(3))", [0, 1, 2]),
        ("numbers(3)", [0, 1, 2]),
        ("later(5)", 5),
        ("items()", [1, 2]),
        ("moved()", 1),
        ("background()", 1),
        ("work.double(1)", 2),
        ("Series([1.0]).tolist() + [np.int64(2)]", [1.0, 2]),
    ],
)
def test_expressions_have_the_public_names(answers: dict[str, list[Answer]], expression: str, value: Any) -> None:
    assert all(same(plain(value), answer.value) and not answer.ended for answer in answers[expression])


@pytest.mark.parametrize(
    ("expression", "kinds", "message"),
    [
        ("fail()", ["Own", "ValueError", "Exception", "BaseException", "object"], "why"),
        ("silent()", ["Silent", "Exception", "BaseException", "object"], ""),
        ("leave()", ["SystemExit", "BaseException", "object"], "0"),
    ],
)
def test_exceptions(answers: dict[str, list[Answer]], expression: str, kinds: list[str], message: str) -> None:
    assert answers[expression][0] == Answer(raised=kinds, message=message)


def test_expressions_that_cannot_be_evaluated(answers: dict[str, list[Answer]]) -> None:
    assert answers["unknown(1)"][0].raised[0] == "NameError"
    assert answers["1 +"][0].raised[0] == "SyntaxError"


def test_objects_that_raise_are_what_they_are(answers: dict[str, list[Answer]]) -> None:
    assert answers["Broken()"][0] == Answer(value={"other": "Broken"})


def test_no_evaluation_alone_sees_another_one(answers: dict[str, list[Answer]]) -> None:
    assert answers["counted()"][0].value == plain(1)
    assert answers["double(4)"][0].value == plain(8)


def test_asked_together_they_share_a_process(answers: dict[str, list[Answer]]) -> None:
    assert [answer.value for answer in answers["counted()"][1:]] == [plain(1), plain(2)]


@pytest.mark.parametrize(("expression", "ended"), [("end()", "without an answer"), ("hang()", "timeout")])
def test_ends_without_an_answer(answers: dict[str, list[Answer]], expression: str, ended: str) -> None:
    assert answers[expression] == [Answer(ended=ended)]


def test_a_closed_pipe_gives_no_answer(answers: dict[str, list[Answer]]) -> None:
    assert answers["closes()"] == [Answer(ended="without an answer")]
