"""Acceptance commands: which prove something, which are steady, which files they name."""

import io
import tarfile

import pytest

from schemas.ports import Command, Job
from schemas.todo import TestCommand
from tools.plan.commands import look
from tools.plan.programs import PROGRAMS
from tools.sandbox.pool import sandbox

TEST = "python -m pytest -q tests/test_a.py"


@pytest.mark.parametrize(
    "cmd",
    [
        TEST,
        f"{TEST} && echo done",
        "python -m pytest -k 'a || b; exit 0' tests/test_a.py  # || true",
        "python -m pytest -p randomly --randomly-seed=1 tests/test_a.py",
        "PYTHONPATH=src python -m pytest tests/test_a.py::test_b",
        "timeout 10 coverage run -m pytest tests/test_a.py",
        "pytest",
        "python -c 'import a; assert a.f(1) == 2'",
        'test "$(python a.py 2 3)" = "5"',
        "echo 2 3 | python a.py",
        "cat fixtures/a.csv | python a.py",
        "bash -o pipefail -c 'python a.py | grep -q x'",
        "bash -c 'set -eo pipefail; python a.py | grep -q x'",
        "set -e; python a.py; python b.py",
        "mkdir out; python a.py",
        "python a.py || exit 1",
        "python a.py > /dev/null 2>&1",
        "python a.py > out.txt && grep -q 5 out.txt",
        "python -c 'import random, a; random.seed(1); a.f(random.random())'",
        "grep -q '/api' a.py",
        "test -f a.py",
        "sh -c 'python a.py'",
    ],
)
def test_a_sound_command_has_no_fault(cmd: str) -> None:
    assert look(TestCommand(cmd=cmd)).faults == []


@pytest.mark.parametrize(
    ("cmd", "said"),
    [
        *(
            (cmd, "ends the same way whatever the code does")
            for cmd in (
                *("true", "echo ok", ":", "exit 0", "exit 3", "false", "sh -c 'true'", "env A=1 true", "A=1", "python"),
                *("test 1 = 1", "[ -n x ]", "cd . && true", "(true)", "python -c 'pass'", "python --version"),
                *("python -c 'import sys; sys.exit(0)'", "exec true", "true # pytest", "touch a && echo pytest"),
            )
        ),
        (f"{TEST} || true", "`||` hides"),
        (f"({TEST}) || :", "`||` hides"),
        (f"{TEST}; exit 0", "`;` hides"),
        (f"{TEST}\ntrue", "`;` hides"),
        (f"exit 0; {TEST}", "`exit 0` ends it before the rest"),
        (f"{TEST} &", "`&` does not wait"),
        (f"{TEST} &> log.txt", "`&` does not wait"),
        (f"{TEST} | tee log.txt", "the pipe hides"),
        (f"set -o pipefail; {TEST} | tee log.txt", "the pipe hides"),
        (f"bash -c '{TEST} | cat'", "the pipe hides"),
        (f"! {TEST}", "takes a crash for a success"),
        (f"if {TEST}; then true; fi", "`if` makes it a program"),
        (f"for x in 1 2; do {TEST}; done", "`for` makes it a program"),
        (f"trap 'exit 0' EXIT; {TEST}", "`trap` makes it a program"),
        (f"{TEST} --collect-only", "runs no test"),
        ("pytest --co tests/test_a.py", "runs no test"),
        (f"PYTEST_ADDOPTS=--collect-only {TEST}", "runs no test"),
        (f"env PYTEST_ADDOPTS='-q --co' {TEST} --co", "runs no test"),
        ("ruff check .", "`ruff` is not in the sandbox"),
        ("./run.sh", "cannot be executed by itself"),
        (f"{TEST} 'a", "a quote does not end"),
        ("python - <<EOF\nimport a\nEOF", "here-document"),
        ("python -c 'import a; a.'", "python cannot read the code"),
    ],
)
def test_a_command_that_proves_nothing_is_told(cmd: str, said: str) -> None:
    (fault,) = look(TestCommand(cmd=cmd)).faults
    assert said in fault


@pytest.mark.parametrize(
    ("cmd", "said"),
    [
        ('test "$(date +%Y)" = 2026', "`date` reads the clock"),
        (f"sleep 1 && {TEST}", "`sleep` waits"),
        ("shuf fixtures/a.txt > b.txt && python a.py", "`shuf` is random"),
        ("python a.py $RANDOM", "$RANDOM"),
        ('python a.py "${SECONDS}"', "$SECONDS"),
        ("python a.py $$", "$$"),
        ("curl -f http://localhost", "`curl` is for a network"),
        (f"pip install a && {TEST}", "`pip` is for a network"),
        ("python -m pip install a", "`pip` is for a network"),
        ("git clone a", "`git` is for a network"),
        (f"{TEST} --randomly-seed=last", "another order each time"),
        ("python /opt/a.py", "/opt/a.py is a place of one machine"),
        ("python a.py --out=/tmp/b", "--out=/tmp/b is a place of one machine"),
        ("python a.py > /home/b", "/home/b is a place of one machine"),
        ("python ../a.py", "../a.py may leave the tree"),
        ("cd .. && pytest", ".. may leave the tree"),
        ("python -c 'import time, a; time.sleep(1)'", "reads the clock or waits"),
        ("python -c 'import datetime, a; a.f(datetime.date.today())'", "reads the clock or waits"),
        ("python -c 'import random, a; a.f(random.random())'", "draws at random"),
        ("python -c 'import urllib.request, a'", "uses a network"),
    ],
)
def test_a_command_that_may_end_otherwise_is_told(cmd: str, said: str) -> None:
    (fault,) = look(TestCommand(cmd=cmd)).faults
    assert said in fault


def test_pytest_that_shall_fail_is_told() -> None:
    (fault,) = look(TestCommand(cmd=TEST, expected_exit_code=1)).faults
    assert "expect 0" in fault
    assert look(TestCommand(cmd="python a.py --bad", expected_exit_code=2)).faults == []


@pytest.mark.parametrize(
    ("cmd", "files"),
    [
        (TEST, {"tests/test_a.py"}),
        ("pytest -k x -n 2 tests/test_a.py::test_b tests/unit", {"tests/test_a.py", "tests/unit/"}),
        ("python ./a.py data.csv fixtures/b.csv --out out.csv", {"a.py", "fixtures/b.csv"}),
        ("python -m pkg.mod", {"pkg/mod.py"}),
        ("python -m json.tool fixtures/a.json", {"fixtures/a.json"}),
        ("python -c 'from pkg.mod import f; f()'", {"pkg.py"}),
        ("cd sub && python a.py", {"sub/", "sub/a.py"}),
        ("diff want.txt have.txt", {"want.txt", "have.txt"}),
        ("python a.py > have.txt && diff want.txt have.txt", {"a.py"}),
        ("python a.py < in.txt", {"a.py", "in.txt"}),
        ("grep -q a.b README.md", {"README.md"}),
        ("test -d out", {"out/"}),
        ('test "$(python a.py)" = 5', {"a.py"}),
        ("sh run.sh", {"run.sh"}),
    ],
)
def test_the_files_of_a_command_are_known(cmd: str, files: set[str]) -> None:
    assert {file[0] for file in look(TestCommand(cmd=cmd)).files} == files


def test_files_are_seen_from_the_working_folder() -> None:
    found = look(TestCommand(cmd=TEST, working_dir="sub"))
    assert found.targets == ["sub/tests/test_a.py"]


def test_every_program_is_in_the_sandbox(sandbox_image: str) -> None:
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    names = sorted(PROGRAMS)
    commands = [Command(name, f"command -v '{name}'", 5.0) for name in names]
    outcome = sandbox().run(Job(empty.getvalue(), commands, "programs", "programs", 60.0))
    assert [result.name for result in outcome.results if result.exit_code != 0] == []
    assert [result.name for result in outcome.results] == names
