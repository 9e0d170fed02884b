"""kill -9 at random moments: the workflow goes on from its last finished step and ends the same."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import REQUEST, ROOT, Aidev, containers, git
from tests.e2e.scripted import LIBRARY, WORDS, given, plan, script
from tools.events import recorded

pytestmark = pytest.mark.usefixtures("quick")
KILLS = 5


def killed(arguments: list[str], after: float) -> bool:
    """Run the command line and kill it after some seconds; whether it was still running."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=after)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return True
    return False


@pytest.mark.timeout(400)
def test_killed_again_and_again_it_ends_the_same(aidev: Aidev, tmp_path: Path) -> None:
    words = [WORDS, "--model", f"script:{LIBRARY}"]
    plain = aidev("run", *words, "--yes", "--json").result
    first = aidev("run", *words, "--json")
    workflow_id = first.result["workflow_id"]
    chance = random.Random(os.urandom(8))
    moments = [chance.uniform(2.0, 6.0) for _ in range(KILLS)]
    print(f"killed after {moments}")
    arguments = ["resume", workflow_id, "--yes", "--json"]
    hits = sum(
        killed([*arguments, "--approve"] if number == 0 else arguments, after) for number, after in enumerate(moments)
    )
    assert hits
    ended = aidev(*arguments)
    result = ended.result
    assert result["status"] == "completed", ended.err
    assert tree(result) == tree(plain)
    assert result["model_calls"] == plain["model_calls"]
    assert commits(result) == commits(plain)
    assert containers() == []
    assert git(result["repo"], "fsck", "--strict") is not None


def tree(result: dict[str, object]) -> str:
    """The release's tree."""
    return git(str(result["repo"]), "rev-parse", f"{result['release_branch']}^{{tree}}")


def commits(result: dict[str, object]) -> int:
    """Commits on all branches."""
    return int(git(str(result["repo"]), "rev-list", "--all", "--count"))


def test_a_crash_before_the_first_step_loses_nothing(aidev: Aidev) -> None:
    from graph import driver

    workflow_id = driver.create({"request": REQUEST, "repo": None, "todo_list": None}, {"model": "offline"})
    ended = aidev("resume", workflow_id, "--json")
    assert ended.code == 3, ended.err
    assert ended.result["todos"]


def test_ctrl_c_leaves_nothing_running_and_says_how_to_go_on(aidev: Aidev, tmp_path: Path) -> None:
    model = script(tmp_path, [plan("counts"), given("architect"), given("coder")])
    arguments = ["run", WORDS, "--model", model, "--yes"]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    said = ""
    while "tester" not in said:
        said += process.stderr.readline()
    process.send_signal(signal.SIGINT)
    said += process.communicate(timeout=20)[1]
    assert process.returncode == 130
    workflow_id = said.rsplit("aidev resume ", 1)[1].split()[0]
    assert containers() == []
    stands = aidev("status", workflow_id, "--json").result
    assert (stands["status"], stands["reason"]) == ("cancelled", "stopped with Ctrl-C")
    assert [todo["status"] for todo in stands["todos"]] == ["stopped"]
    last = recorded(workflow_id)[-1]
    assert (last.event_type, last.data["status"]) == ("workflow.failed", "cancelled")
    ended = aidev("resume", workflow_id, "--json")
    assert ended.code == 0, ended.err
