"""Evaluates expressions and writes what came of them as plain data: each alone, then all again and again together.

What is expected is not known here: whoever asked compares elsewhere. The code under test is loaded after a fork, so no
evaluation that stands alone sees what another one did; together they share a process, as calls in a program do. Neither
pytest nor anything else of a test is near. `tools/verdict/values.py` describes the plain data.
"""

import asyncio
import importlib
import inspect
import itertools
import json
import math
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from aidev_plain import LARGEST, Encoder, made

MESSAGE = 300
"""Characters of an exception's text."""
NAMES: dict[str, Any] = {
    "asyncio": asyncio,
    "itertools": itertools,
    "math": math,
    "nan": math.nan,
    "inf": math.inf,
    "Decimal": Decimal,
    "date": date,
    "datetime": datetime,
}
LIBRARIES = (("numpy", "np.", ("array(",)), ("pandas", "pd.", ("Series(", "DataFrame(", "Timestamp(")))
"""Names and what expressions use of them without their name."""
ROUNDS_SECONDS, DISTINCT = 5.0, 3
"""For all evaluations together, and the different answers of one that are kept."""


def main() -> None:
    """Instructions come on standard input: what `tools/verdict/evaluation.py` writes."""
    told = json.load(sys.stdin)
    sys.argv[:] = [""]
    modules, evaluations = told["modules"], told["evaluations"]
    ending = time.monotonic() + told["seconds"]
    load_what_is_used(" ".join(each["expression"] for each in evaluations))
    alone = separately(modules, evaluations, ending)
    limit = ROUNDS_SECONDS + max((each["seconds"] for each in evaluations), default=0)
    again = partial(repeated, modules, evaluations, told["rounds"])
    answers = {"alone": alone, "together": forked(again, ending, limit) if told["rounds"] else None}
    os.makedirs(os.path.dirname(told["answers"]), exist_ok=True)
    with open(told["answers"], "w", encoding="utf-8") as file:
        json.dump(answers, file)


def load_what_is_used(text: str) -> None:
    """Import numpy and pandas before the first fork, where an expression or the code uses them."""
    texts = [text, *(path.read_text(encoding="utf-8", errors="replace") for path in Path().rglob("*.py"))]
    for name, short, members in LIBRARIES:
        if any(word in each for each in texts for word in (name, short, *members)):
            importlib.import_module(name)


def separately(modules: list[str], evaluations: list[dict[str, Any]], ending: float) -> list[Any]:
    """The answer of each in a process of its own; none is waited for when two before it did not end."""
    answers: list[Any] = []
    for each in evaluations:
        late = sum(answer == {"ended": "timeout"} for answer in answers)
        answers.append(
            forked(partial(evaluate, modules, each), ending, each["seconds"])
            if late < 2
            else {"ended": "not tried: others did not end"}
        )
    return answers


def repeated(modules: list[str], evaluations: list[dict[str, Any]], rounds: int) -> dict[str, Any]:
    """The different answers of each, as long as there is time."""
    deadline = time.monotonic() + ROUNDS_SECONDS
    seen: list[dict[str, Any]] = [{} for _ in evaluations]
    for _ in range(rounds):
        for evaluation, found in zip(evaluations, seen, strict=True):
            if time.monotonic() < deadline and len(found) < DISTINCT:
                answer = evaluate(modules, evaluation)
                found[json.dumps(answer)] = answer
    return {"answers": [list(found.values()) for found in seen]}


def forked(work: Callable[[], Any], ending: float, seconds: float) -> Any:
    """What a child process gives, or how it `ended`."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            answer = json.dumps(work()).encode()
            with os.fdopen(writing, "wb") as pipe:
                pipe.write(answer + b"\n")
        finally:
            os._exit(0)
    os.close(writing)
    try:
        text = read(reading, min(ending, time.monotonic() + seconds))
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return parsed(text)


def parsed(text: bytes | None) -> Any:
    """The child's answer; a child that says nothing readable has ended."""
    if text is None:
        return {"ended": "timeout"}
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        return {"ended": "without an answer"}
    return answer if isinstance(answer, dict) else {"ended": "without an answer"}


def read(source: int, deadline: float) -> bytes | None:
    """One line, or all until the end of the pipe; None when time is up."""
    kept = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        if select.select([source], [], [], left)[0]:
            chunk = os.read(source, 1 << 16)
            kept += chunk
            if not chunk or b"\n" in chunk or len(kept) > 1 << 20:
                return bytes(kept).partition(b"\n")[0]
    return None


def evaluate(modules: list[str], evaluation: dict[str, Any]) -> dict[str, Any]:
    """What the expression gives, with the public names of the modules."""
    try:
        given = {name: made(each) for name, each in evaluation["names"].items()}
        names = {**NAMES, **libraries(evaluation["expression"]), **public(modules), **given}
        value = eval(compile(evaluation["expression"], "case", "eval"), names)  # noqa: S307  # nosec B307
        return {"value": Encoder().plain(settled(value))}
    except BaseException as error:
        kinds = [kind.__name__ for kind in type.mro(type(error))]
        try:
            text = str(error)[:MESSAGE]
        except BaseException:
            text = ""
        return {"raised": kinds, "message": text}


def libraries(expression: str) -> dict[str, Any]:
    """numpy and pandas, and their usual names, where the expression needs them."""
    found: dict[str, Any] = {}
    for name, short, members in LIBRARIES:
        if any(word in expression for word in (short, name, *members)):
            module = importlib.import_module(name)
            found |= {short[:-1]: module, name: module}
            found |= {member[:-1]: getattr(module, member[:-1]) for member in members}
    return found


def public(paths: list[str]) -> dict[str, Any]:
    """Names of the modules at these paths."""
    sys.path[:0] = [os.getcwd(), os.path.join(os.getcwd(), "src")]
    found: dict[str, Any] = {}
    for path in paths:
        name = path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        module = importlib.import_module(name)
        found[name.partition(".")[0]] = sys.modules[name.partition(".")[0]]
        found |= {key: value for key, value in vars(module).items() if not key.startswith("__")}
    return found


def settled(value: Any) -> Any:
    """The result of a coroutine, the items of an iterator."""
    if inspect.iscoroutine(value):
        return asyncio.run(value)
    if inspect.isasyncgen(value):
        return asyncio.run(_listed(value))
    iterator = hasattr(type(value), "__next__") and hasattr(type(value), "__iter__")
    return list(itertools.islice(value, LARGEST)) if iterator else value


async def _listed(source: Any) -> list[Any]:
    return [each async for each in source]


if __name__ == "__main__":
    main()
