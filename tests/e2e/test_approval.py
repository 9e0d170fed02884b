"""Approvals from the command line: approve, edit, answer, reject; late and wrong answers are refused."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.conftest import REQUEST, ROOT, Aidev
from tests.e2e.scripted import WORDS, given, plan, script

pytestmark = pytest.mark.usefixtures("quick")


def test_a_plan_waits_is_answered_edited_approved_and_released(aidev: Aidev, tmp_path: Path) -> None:
    planned, again = plan("slugs"), plan("counts")
    again["match"] = {"contains": "count words instead"}
    model = script(tmp_path, [planned, again, given("architect"), given("coder")])
    first = aidev("run", WORDS, "--model", model, "--json")
    assert first.code == 3
    workflow_id = first.result["workflow_id"]
    assert first.result["status"] == "waiting"
    assert first.result["model_calls"] == 1
    assert f"aidev resume {workflow_id}" in first.err

    answered = aidev("resume", workflow_id, "--respond", "count words instead", "--json")
    assert answered.code == 3, answered.err
    assert answered.result["model_calls"] == 2

    shown = json.loads(aidev("show", workflow_id, "--json").out)["plan"]
    assert [item["id"] for item in shown["items"]] == ["counts"]
    shown["items"][0]["title"] = "Word counts, my way"
    edited = tmp_path / "plan.json"
    edited.write_text(json.dumps(shown))
    release = aidev("resume", workflow_id, "--edit", str(edited), "--json")
    assert release.code == 3, release.err
    assert release.result["todos"][0]["title"] == "Word counts, my way"
    assert release.result["release_branch"] is None

    assert aidev("resume", workflow_id, "--respond", "hm").code == 2
    done = aidev("resume", workflow_id, "--approve", "--json")
    assert done.code == 0, done.err
    assert done.result["release_branch"].endswith("/release")


def test_a_rejected_plan_ends_the_workflow(aidev: Aidev) -> None:
    workflow_id = aidev("run", REQUEST, "--model", "offline", "--json").result["workflow_id"]
    rejected = aidev("resume", workflow_id, "--reject", "too risky", "--json")
    assert rejected.code == 1
    assert rejected.result["status"] == "rejected"
    assert rejected.result["stop_reason"] == "plan_rejected"
    assert "too risky" in rejected.result["reason"]
    assert aidev("resume", workflow_id, "--approve").code == 2


def test_a_bad_edit_changes_nothing(aidev: Aidev, tmp_path: Path) -> None:
    workflow_id = aidev("run", REQUEST, "--model", "offline", "--json").result["workflow_id"]
    bad = tmp_path / "bad.json"
    bad.write_text('{"items": []}')
    refused = aidev("resume", workflow_id, "--edit", str(bad))
    assert refused.code == 2
    assert "todo_list_id" in refused.err
    assert aidev("status", workflow_id, "--json").out.count('"waiting"') >= 1


def test_of_two_resumes_at_once_one_is_told(aidev: Aidev, tmp_path: Path) -> None:
    model = script(tmp_path, [plan("counts"), given("architect"), given("coder")])
    workflow_id = aidev("run", WORDS, "--model", model, "--json").result["workflow_id"]
    command = [sys.executable, str(ROOT / "cli.py"), "resume", workflow_id, "--approve", "--json"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, cwd=ROOT, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    ended = []
    for process in both:
        _, err = process.communicate(timeout=120)
        ended.append((process.returncode, err))
    codes = sorted(code for code, _ in ended)
    assert codes == [2, 3]
    refused = next(err for code, err in ended if code == 2)
    assert "Another process" in refused or "driven" in refused
