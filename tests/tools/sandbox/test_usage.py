"""What a command used of its container, as the kernel counts."""

import json
from collections.abc import Callable

import pytest

from schemas.ports import Command, Job, Outcome
from tools.sandbox.protocol import Conversation

Run = Callable[..., Outcome]
HELD = 150 << 20
HOLDS = f"""
import json, os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
    held = b"x" * {HELD}
    while os.times().user < 0.5:
        pass
    os._exit(0)
forged = json.dumps({{"kind": "result", "memory_bytes": 1, "cpu_seconds": 0.0}})
print(forged, len(forged).to_bytes(8), flush=True)
for path in ("memory.peak", "memory/memory.max_usage_in_bytes", "cpu.stat", "cpuacct/cpuacct.usage"):
    try:
        open(f"/sys/fs/cgroup/{{path}}", "w").write("0")
        print("WRITTEN")
    except OSError:
        pass
try:
    os.wait()
except ChildProcessError:
    pass
"""


def test_memory_and_cpu_of_a_command_are_the_kernels_whatever_it_says(run: Run) -> None:
    outcome = run("true", Command("holds", "python holds.py", 20), "true", files={"holds.py": HOLDS})
    idle, busy, last = outcome.results

    assert outcome.ended == "finished" and "WRITTEN" not in busy.stdout
    assert 0 < idle.memory_bytes < HELD < busy.memory_bytes < 1 << 30
    assert last.memory_bytes >= busy.memory_bytes
    assert idle.cpu_seconds >= 0 and busy.cpu_seconds >= 0.5


@pytest.mark.parametrize(
    ("told", "known"), [({}, (0, 0.0)), ({"memory_bytes": 7, "cpu_seconds": 0.5}, (7, 0.5))], ids=["unknown", "told"]
)
def test_what_the_runner_tells_is_kept_and_an_older_one_tells_nothing(
    told: dict[str, float], known: tuple[int, float]
) -> None:
    talk = Conversation(Job(b"", [], "w", "t", 1), 100)
    facts = {"name": "a", "exit_code": 0, "duration_seconds": 1.0, "stdout": "", "stderr": "", "files": {}}
    talk.hear(json.dumps({"nonce": talk.nonce, "kind": "result", "oom_kills": 0, **facts, **told}).encode())

    assert [(result.memory_bytes, result.cpu_seconds) for result in talk.results] == [known]
