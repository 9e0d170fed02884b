"""Runs the tests against one mutant after the other, each in a process forked from this one, and writes how each ended.

Standard input: `mutants` (`path`, `text`), `arguments` for pytest, `each` and `seconds` (limits), `answers` (path).
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest


def main() -> None:
    """What was not tried when time is up is left out."""
    told = json.load(sys.stdin)
    ending = time.monotonic() + told["seconds"]
    ends: list[str] = []
    for mutant in told["mutants"]:
        if time.monotonic() < ending:
            ends.append(tried(mutant, told["arguments"], told["each"]))
    Path(told["answers"]).parent.mkdir(parents=True, exist_ok=True)
    Path(told["answers"]).write_text(json.dumps(ends), encoding="utf-8")


def tried(mutant: dict[str, Any], arguments: list[str], seconds: float) -> str:
    """`survived`, `killed` or `timeout`; the file is as before afterwards."""
    place = Path(mutant["path"])
    original = place.read_bytes()
    place.write_text(mutant["text"], encoding="utf-8")
    try:
        return forked(arguments, seconds)
    finally:
        place.write_bytes(original)


def forked(arguments: list[str], seconds: float) -> str:
    """The tests in a child process, in a session that ends with it."""
    child = os.fork()
    if child == 0:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        os._exit(int(pytest.main(arguments)))
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return "survived" if os.waitstatus_to_exitcode(status) == 0 else "killed"
        time.sleep(0.005)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


if __name__ == "__main__":
    main()
