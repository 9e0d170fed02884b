"""The main job: a request in English becomes a strategy on its branches, with the evidence."""

from pathlib import Path
from typing import Any

import pytest

from schemas.report import TestReport
from tests.e2e.conftest import IDS, REQUEST, Aidev, checked_out, containers, git, suite_passes

pytestmark = [pytest.mark.xdist_group("strategy"), pytest.mark.timeout(300)]


@pytest.fixture(scope="session")
def done() -> dict[str, Any]:
    """One finished run; filled by the first test that needs it."""
    return {}


@pytest.fixture
def result(done: dict[str, Any], process: Aidev) -> dict[str, Any]:
    if not done:
        ended = process("run", REQUEST, "--model", "offline", "--yes", "--json")
        assert ended.code == 0, ended.err
        done.update(ended.result)
    return done


def test_the_run_is_completed_with_every_todo_done(result: dict[str, Any]) -> None:
    assert result["status"] == "completed"
    assert [(todo["id"], todo["status"], todo["attempts"]) for todo in result["todos"]] == [
        (name, "done", 1) for name in IDS
    ]
    assert result["model_calls"] == 9
    assert result["cost_usd"] == 0
    assert containers() == []


def test_the_release_passes_by_hand(result: dict[str, Any], tmp_path: Path) -> None:
    folder = checked_out(result["repo"], result["release_branch"], tmp_path / "release")
    assert suite_passes(folder)
    (folder / "ai_strategy_exit.py").write_text("")
    assert not suite_passes(folder)


def test_every_todo_has_a_branch_with_its_evidence(result: dict[str, Any], tmp_path: Path) -> None:
    for todo in result["todos"]:
        files = git(result["repo"], "ls-tree", "-r", "--name-only", todo["branch"]).split()
        for name in ("contract.json", "sealed.json", "build_report.json", "test_report.json", "log.txt"):
            assert f".aidev/{todo['id']}/{name}" in files
        assert f"docs/{todo['id']}.md" in files
        assert f"tests/test_{todo['id']}.py" in files
        report = TestReport.model_validate(todo["test_report"])
        assert report.status == "passed"
        assert report.coverage is not None
        assert report.coverage.line_rate >= 0.8


def test_the_evidence_stands_beside_the_release_and_not_in_it(result: dict[str, Any]) -> None:
    evidence = result["release_branch"].replace("/release", "/evidence")
    beside = set(git(result["repo"], "ls-tree", "-r", "--name-only", evidence).split())
    inside = set(git(result["repo"], "ls-tree", "-r", "--name-only", result["release_branch"]).split())
    assert inside < beside
    assert not [path for path in inside if path.endswith(("test_report.json", "log.txt"))]
    assert ".aidev/release/test_report.json" in beside


def test_commits_say_who_made_them(result: dict[str, Any]) -> None:
    body = git(result["repo"], "log", "-1", "--format=%(trailers)", result["todos"][1]["commit"])
    trailers = dict(line.split(": ", 1) for line in body.splitlines() if line)
    assert trailers["Workflow"] == result["workflow_id"]
    assert trailers["Task"] == IDS[1]
    assert trailers["Role"] == "coder"
    assert trailers["Model"] == "offline"
    assert {"Correlation", "Agent-Version", "Prompt-Hash", "Contract", "Step"} <= set(trailers)


def test_status_show_and_diff_speak_of_it(result: dict[str, Any], aidev: Aidev) -> None:
    short = result["workflow_id"][:8]
    assert "completed" in aidev("status", short).out
    shown = aidev("show", short).out
    assert all(name in shown for name in IDS)
    assert "should_exit" in aidev("diff", short, IDS[3]).out
    assert "compute_rsi" in aidev("diff", short).out


def test_a_finished_workflow_cannot_be_resumed(result: dict[str, Any], aidev: Aidev) -> None:
    ended = aidev("resume", result["workflow_id"])
    assert ended.code == 2
    assert "has ended: completed" in ended.err


@pytest.mark.usefixtures("quick")
def test_other_words_give_another_strategy(aidev: Aidev, tmp_path: Path) -> None:
    words = (
        "Go long when MACD crosses above its signal and close is above the 50-day EMA; "
        "exit when MACD crosses below, with a 2 ATR trailing stop"
    )
    result = aidev("run", words, "--model", "offline", "--yes", "--json").result
    assert result["status"] == "completed"
    folder = checked_out(result["repo"], result["release_branch"], tmp_path / "release")
    assert "trailing" in (folder / "ai_strategy_exit.py").read_text()
    assert suite_passes(folder)
