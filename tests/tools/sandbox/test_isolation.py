"""What code in the sandbox cannot do, however it tries."""

import json
from collections.abc import Callable

import pytest

from schemas.ports import Command, Outcome

Run = Callable[..., Outcome]
RunPython = Callable[[str], str]


@pytest.fixture(params=["fresh", "ready"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every sandbox does the same."""
    return str(request.param)


ATTEMPTS = [
    "open('/proc/1/mem', 'rb')",
    "open('/proc/1/mem', 'wb')",
    "open('/proc/1/environ').read()",
    "open('/proc/1/fd/1', 'wb')",
    "os.listdir('/proc/1/fd')",
    "os.readlink('/proc/1/exe')",
    "call(libc.ptrace, 16, 1, 0, 0)",
    "call(libc.syscall, 438, os.pidfd_open(1), 1, 0)",
    "open('/opt/aidev/runner.py', 'a')",
    "open('/opt/venv/lib/python3.11/site-packages/pytest/__init__.py', 'a')",
    "open('/etc/passwd', 'a')",
    "open('/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w')",
    "open('/var/run/docker.sock')",
    "os.setuid(0)",
    "os.chown('/work', 0, 0)",
    "os.mknod('/tmp/device', 0o20600, 0x103)",
    "os.chroot('/work')",
    "os.nice(-1)",
    "os.kill(1, 0) or open('/proc/1/oom_score_adj', 'w')",
    "call(libc.mount, b'none', b'/tmp', b'tmpfs', 0, None)",
    "call(libc.unshare, 0x10000000)",
    "socket.create_connection(('192.0.2.1', 80), 1)",
    "socket.getaddrinfo('example.org', 80)",
    "socket.socket(socket.AF_PACKET, socket.SOCK_RAW)",
]
PROGRAM = """
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if function(*arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
for action in ATTEMPTS:
    try:
        eval(action)
    except OSError:
        print("refused", action)
    else:
        print("DONE", action)
"""


def test_what_is_refused(run_python: RunPython) -> None:
    said = run_python(f"ATTEMPTS = {ATTEMPTS!r}\n{PROGRAM}")

    assert said.splitlines() == [f"refused {action}" for action in ATTEMPTS]


def test_an_ordinary_user_without_rights_or_networks(run_python: RunPython) -> None:
    said = run_python(
        "import os, pathlib\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "keys = ('CapEff', 'CapBnd', 'NoNewPrivs', 'Seccomp')\n"
        "print(os.getresuid(), os.getgroups(), *(status[key].strip() for key in keys))\n"
        "print(os.listdir('/sys/class/net'), os.uname().nodename)\n"
    )

    assert said.splitlines() == ["(1000, 1000, 1000) [1000] 0000000000000000 0000000000000000 1 2", "['lo'] localhost"]


def test_nothing_of_this_process_is_visible(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", "a-secret-of-this-process")
    outcome = run("env; cat /proc/*/environ /proc/*/cmdline 2>/dev/null | tr '\\0' '\\n'")

    assert "PYTHONHASHSEED=0" in outcome.results[0].stdout
    assert "a-secret-of-this-process" not in outcome.results[0].stdout
    assert outcome.results[0].stdout.count("HOME=/tmp") >= 1


@pytest.mark.parametrize("number", ["signal.SIGKILL", "signal.SIGTERM", "signal.SIGINT", "signal.SIGSTOP"])
def test_the_runner_feels_no_signal(run: Run, number: str) -> None:
    program = f"import os, signal\nos.kill(1, {number})\nos.kill(-1, {number})\nsignal.pause()\n"
    outcome = run(Command("kill", "python program.py", 1), "echo next", files={"program.py": program})

    assert outcome.ended == "finished"
    assert outcome.results[0].exit_code != 0
    assert outcome.results[1].stdout == "next\n"


@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_NOFILE"])
def test_a_program_that_starves_the_runner_is_not_believed(run: Run, limit: str) -> None:
    program = f"import resource\nresource.prlimit(1, resource.{limit}, (0, 0))\nprint('\\0' * 10**6)\n"
    outcome = run("echo first", "python program.py", "echo next", files={"program.py": program})

    assert outcome.ended == "killed"
    assert [result.stdout for result in outcome.results] == ["first\n"]


def test_a_daemon_neither_delays_the_end_nor_lives_on(run: Run) -> None:
    daemon = "setsid sh -c 'while :; do echo alive; date +%N > beat; sleep 0.01; done' & echo started"
    outcome = run(daemon, "cat beat > one; sleep 0.3; cat beat | diff one - && echo dead")

    assert outcome.results[0].exit_code == 0
    assert outcome.results[0].duration_seconds < 2
    assert "started\n" in outcome.results[0].stdout
    assert outcome.results[1].stdout == "dead\n"


def test_forged_messages_do_not_count(run: Run) -> None:
    forged = json.dumps({"nonce": "", "kind": "finished"}).encode()
    frame = len(forged).to_bytes(8, "big") + forged
    program = (
        "import os, sys\n"
        f"frame = {frame!r}\n"
        "for target in (1, 2, *range(3, 20)):\n"
        "    try:\n"
        "        os.write(target, frame)\n"
        "    except OSError:\n"
        "        pass\n"
        "for path in ('/proc/1/fd/1', '/proc/1/fd/2', '/dev/stdout', '/dev/console', '/dev/tty'):\n"
        "    try:\n"
        "        open(path, 'wb').write(frame)\n"
        "    except OSError:\n"
        "        pass\n"
        "sys.exit(7)\n"
    )
    outcome = run("python program.py", "echo next", files={"program.py": program})

    assert outcome.ended == "finished"
    assert [result.exit_code for result in outcome.results] == [7, 0]
    assert '"kind": "finished"' in outcome.results[0].stdout
