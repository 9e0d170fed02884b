"""Commands that are Python modules, in the interpreter that stands ready and in a plain one."""

import json
import re
from collections.abc import Callable, Mapping

import pytest
from runner import ROOT

from schemas.ports import Command, CommandResult, Outcome

Run = Callable[..., Outcome]
RunModule = Callable[..., CommandResult]

PROBE = """
import os, signal, sys, time
print(json.dumps({
    "prepared": "pandas" in sys.modules, "name": __name__, "main": sys.modules["__main__"].__file__,
    "argv": sys.argv, "orig": sys.orig_argv, "path": sys.path, "cwd": os.getcwd(), "word": os.environ.get("WORD"),
    "variables": sorted(os.environ), "hash": hash("a"), "parent": os.getppid(), "leads": os.getsid(0) == os.getpid(),
    "stdin": sys.stdin.read(), "filters": [str(each[2]) for each in warnings.filters], "flags": list(sys.flags),
    "executable": sys.executable, "gc": gc.get_threshold(), "hook": [str(type(each)) for each in sys.meta_path],
}))
"""
FILES = {"probe.py": "import gc, json, warnings\n" + PROBE, "d/probe.py": "import gc, json, warnings\n" + PROBE}


@pytest.fixture(params=["prepared", "plain"])
def run_module(request: pytest.FixtureRequest, run: Run) -> RunModule:
    """The result of a module command that comes first, or after another one."""

    def start(module: str, words: str = "", files: Mapping[str, str] = FILES, **more: object) -> CommandResult:
        command = Command(module, words, more.pop("limit", 20), module=module, **more)  # type: ignore[arg-type]
        before = ["true"] if request.param == "plain" else []
        outcome = run(*before, command, files=files)
        assert outcome.ended == "finished"
        return outcome.results[-1]

    return start


def probe(run: Run, *before: Command | str, words: str = "", **more: object) -> dict[str, object]:
    command = Command("probe", words, 20, module="probe", **more)  # type: ignore[arg-type]
    result = run(*before, command, files=FILES).results[-1]
    assert (result.exit_code, result.stderr) == (0, "")
    return dict(json.loads(result.stdout))


def test_the_first_module_finds_all_as_a_plain_interpreter_has_it(run: Run) -> None:
    asked = {"words": "one 'two three' \"\"", "cwd": "d", "env": {"WORD": "här"}, "stdin": "grüße\n".encode()}
    first, later = probe(run, **asked), probe(run, "true", **asked)  # type: ignore[arg-type]

    assert (first.pop("prepared"), later.pop("prepared")) == (True, False)
    assert first == later
    assert (first["name"], first["word"], first["stdin"]) == ("__main__", "här", "grüße\n")
    assert first["argv"] == [f"{ROOT}/d/probe.py", "one", "two three", ""]
    assert (first["cwd"], first["path"][0], first["main"]) == (f"{ROOT}/d", f"{ROOT}/d", f"{ROOT}/d/probe.py")  # type: ignore[index]
    assert (first["parent"], first["leads"]) == (1, True)


def test_files_that_cannot_be_imported_shadow_nothing(run: Run) -> None:
    outcome = run(Command("probe", "", 20, module="probe"), files={**FILES, "pytest.ini": "", "coverage.json": "{}"})

    assert json.loads(outcome.results[0].stdout)["prepared"]


def test_only_the_first_command_is_served_by_the_prepared_interpreter(run: Run) -> None:
    module = Command("probe", "", 20, module="probe")
    outcome = run(module, module, files=FILES)

    assert [json.loads(result.stdout)["prepared"] for result in outcome.results] == [True, False]


@pytest.mark.parametrize(
    ("env", "files"),
    [
        ({"PYTHONHASHSEED": "7"}, {}),
        ({"LC_ALL": "C"}, {}),
        ({}, {"numpy.py": ""}),
        ({}, {"hypothesis/__init__.py": ""}),
    ],
)
def test_where_the_prepared_interpreter_would_differ_a_plain_one_takes_its_place(
    run: Run, env: dict[str, str], files: dict[str, str]
) -> None:
    module = Command("probe", "", 20, module="probe", env=env, stdin=b"given")
    outcome = run(module, files={**FILES, **files})

    said = json.loads(outcome.results[0].stdout)
    assert (said["prepared"], said["stdin"], said["path"][0]) == (False, "given", ROOT)
    assert (said["hash"] == probe(run)["hash"]) == (env.get("PYTHONHASHSEED") is None)


@pytest.mark.parametrize(
    ("program", "code", "words"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("raise ValueError('wrong')", 1, "ValueError: wrong"),
        ("import os; os.kill(os.getpid(), 9)", 137, ""),
        ("import os; os._exit(0)", 0, ""),
        ("import threading, time; threading.Timer(0.2, print, ['late']).start(); import atexit", 0, ""),
    ],
)
def test_the_exit_code_is_the_systems(run_module: RunModule, program: str, code: int, words: str) -> None:
    result = run_module("program", files={"program.py": program})

    assert (result.exit_code, result.timed_out) == (code, False)
    assert words in result.stderr
    assert result.stdout == ("late\n" if "late" in program else "")


def test_a_module_over_its_limit_is_ended(run_module: RunModule) -> None:
    program = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('begun', flush=True)\ntime.sleep(60)"
    )
    result = run_module("program", files={"program.py": program}, limit=6)

    assert (result.exit_code, result.timed_out, result.stdout) == (None, True, "begun\n")
    assert 6 <= result.duration_seconds < 9


def test_a_module_that_cannot_be_started_says_so(run_module: RunModule) -> None:
    assert "No module named nowhere" in run_module("nowhere").stderr
    unbalanced, lost = run_module("probe", "'"), run_module("probe", cwd="nowhere")

    assert (unbalanced.exit_code, lost.exit_code) == (127, 127)
    assert "cannot be started: No closing quotation" in unbalanced.stderr
    assert f"{ROOT}/nowhere" in lost.stderr


def test_standard_input_may_be_large_and_need_not_be_read(run_module: RunModule) -> None:
    count = "import sys\nprint(len(sys.stdin.buffer.read()))"

    assert run_module("program", files={"program.py": count}, stdin=b"x" * 3_000_000).stdout == "3000000\n"
    assert run_module("program", files={"program.py": count}).stdout == "0\n"
    assert run_module("program", files={"program.py": "print(1)"}, stdin=b"x" * 3_000_000).stdout == "1\n"


def test_a_shell_command_has_standard_input_too(run: Run) -> None:
    outcome = run(Command("count", "wc -c", 5, stdin=b"four"), "wc -c")

    assert [result.stdout for result in outcome.results] == ["4\n", "0\n"]


SUITE = {
    "own.py": (
        "import warnings\n\n\ndef f(x):\n    if x:\n        return 1\n"
        "    warnings.warn('odd', UserWarning)\n    return 0\n"
    ),
    "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef one():\n    return 1\n",
    "tests/test_own.py": (
        "import warnings\nimport numpy as np\nimport pandas as pd\nimport pytest\n"
        "from hypothesis import given, strategies as st\nfrom own import f\n\n\n"
        "def test_a(one):\n    assert f(one) == 1\n\n\n"
        "def test_warns():\n    assert f(0) == 0\n\n\n"
        "def test_deprecated():\n    warnings.warn('old', DeprecationWarning)\n\n\n"
        "def test_fails():\n    value = [1, 2]\n    assert value == [1, 3]\n\n\n"
        "@given(st.integers())\ndef test_any(number):\n    assert number - number == 0\n\n\n"
        "def test_pandas(tmp_path):\n    frame = pd.DataFrame({'a': np.arange(3)})\n"
        "    pd.testing.assert_frame_equal(frame, frame)\n    np.testing.assert_allclose(1, 1 + 1e-12)\n"
        "    with np.errstate(all='warn'):\n        np.float64(1) / np.float64(0)\n"
    ),
}


@pytest.mark.parametrize("more", ["", "-W error", "-p no:cacheprovider --hypothesis-seed=1 -v -rA"])
def test_pytest_says_the_same_in_both(run: Run, more: str) -> None:
    words = f"-p no:randomly --cov=. --cov-branch --cov-report=json:c.json --cov-config=/dev/null {more}"
    command = Command("pytest", words, 30, module="pytest", collect=["c.json"])
    results = [*run(command, files=SUITE).results, run("true", command, files=SUITE).results[1]]
    said = [re.sub(r"\d+\.\d+s|0x[0-9a-f]+", "", result.stdout) for result in results]
    covered = [json.loads(result.files["c.json"])["files"] for result in results]

    assert said[0] == said[1]
    assert "1 failed, 5 passed" in said[0] or more == "-W error"
    assert covered[0] == covered[1]
    assert covered[0]["own.py"]["summary"]["covered_lines"] > 0
    assert results[0].exit_code == results[1].exit_code == 1
