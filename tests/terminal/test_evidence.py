"""Plans, reports, approvals, outcomes, the doctor and diffs, as they are seen."""

import copy
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from schemas.report import TestReport
from schemas.todo import TodoItem, TodoList
from terminal.diff import diff_view
from terminal.evidence import doctor_table, outcome_panel, plan_table, report_table, todo_panel
from terminal.question import approval_panel

PLAN = json.loads((Path(__file__).parents[2] / "examples" / "sample_todo_list.json").read_text(encoding="utf-8"))
HOSTILE = ["\x1b[2Jgone", "[red]red[/red]", "y" * 180, "שלום\u202eabc", "👩‍💻 emoji 🚀", "two\nlines"]
CONTROLS = ("\x1b", "\u202e", "\x07")
REPORT: dict[str, Any] = {
    "report_id": "report_t1",
    "task_id": "t1",
    "timestamp": "2026-01-31T09:30:00Z",
    "status": "failed",
    "summary": {"total": 3, "passed": 2, "failed": 1, "errors": 0, "duration_seconds": 1.26},
    "coverage": {"line_rate": 0.97, "branch_rate": 0.9, "lines_covered": 97, "lines_total": 100},
    "test_results": [
        {"test_name": "test_good", "status": "passed", "duration_seconds": 0.1},
        {"test_name": "test_bad", "status": "failed", "duration_seconds": 0.1, "message": "32.1 != 28.5"},
    ],
}
BRANCH = {"id": "t1_branch_01", "failure_class": "timeout", "route": "tester", "attempts": 2, "status": "resolved"}
OUTCOME: dict[str, Any] = {
    "workflow_id": "6f1c2a9e",
    "status": "failed",
    "stop_reason": "todos_failed",
    "reason": "t1: timeout",
    "repo": "/somewhere",
    "release_branch": None,
    "todos": [
        {
            "id": "t1",
            "title": "Load data",
            "status": "failed",
            "reason": "timeout: too slow",
            "branch": "b",
            "commit": "c",
            "attempts": 3,
            "test_report": REPORT,
            "branch_todos": [BRANCH],
        },
        {
            "id": "t2",
            "title": "Sell high",
            "status": "blocked",
            "branch": None,
            "commit": None,
            "attempts": 0,
            "test_report": None,
            "branch_todos": [],
        },
    ],
    "cost_usd": 0.0213,
    "model_calls": 21,
    "tokens": 48211,
    "seconds": 83.4,
}


def payload(name: str, args: dict[str, Any], description: str) -> dict[str, Any]:
    action = {"name": name, "args": args, "arguments": args, "description": description}
    return {
        "action_requests": [action],
        "review_configs": [{"action_name": name, "allowed_decisions": ["approve", "reject"]}],
        "artifact_hash": "h",
    }


def seen(shown: RenderableType, width: int = 100) -> list[str]:
    console = Console(width=width, file=io.StringIO(), record=True, markup=False, highlight=False)
    console.print(shown)
    return [line.rstrip() for line in console.export_text().splitlines()]


def line_of(lines: list[str], word: str) -> list[str]:
    return next(line for line in lines if word in line).strip("│ ").split()


def test_plan() -> None:
    lines = seen(plan_table(PLAN))
    assert lines == seen(plan_table(TodoList.model_validate(PLAN)))
    assert lines[0] == "RSI and engulfing strategy"
    assert line_of(lines, "t3_entry") == ["3", "t3_entry_conditions", "Decide", "when", "to", "buy", "t2_indicators"]
    assert sum("$ python -m pytest" in line for line in lines) == 4


def test_todo() -> None:
    lines = seen(todo_panel(TodoItem.model_validate(PLAN["items"][3])))
    assert line_of(lines, "after  ") == ["after", "t3_entry_conditions"]
    assert line_of(lines, "judged by")[2:] == ["python", "-m", "pytest", "-q", "tests/test_t4_exit_conditions.py"]


def test_report() -> None:
    lines = seen(report_table(TestReport.model_validate(REPORT)))
    assert lines == ["✘ failed  t1  2 of 3 passed in 1.3 s  coverage 97%", "  test_bad", "    32.1 != 28.5"]


def test_a_report_shows_some_failures_and_counts_the_rest() -> None:
    bad = [REPORT["test_results"][1] | {"test_name": f"test_{number}"} for number in range(25)]
    lines = seen(report_table(TestReport.model_validate(REPORT | {"test_results": bad})))
    assert lines[-1] == "  and 5 more"
    assert sum("32.1" in line for line in lines) == 20


def test_approval_of_a_plan_shows_it_with_the_problem_of_the_last_round() -> None:
    lines = seen(
        approval_panel(payload("approve_plan", {"todo_list": PLAN}, "Could not do that.\n\nname: 4 todos\n1. t1"))
    )
    text = "\n".join(lines)
    assert "approve plan: your decision" in lines[0]
    assert "approve · reject" in lines[-1]
    assert "Could not do that." in text
    assert "t4_exit_conditions" in text


def test_approval_of_a_release_shows_the_facts() -> None:
    lines = seen(approval_panel(payload("approve_release", {"lines_added": 310, "summary": "s"}, "12 files")))
    assert line_of(lines, "lines added") == ["lines", "added", "310"]
    assert line_of(lines, "12 files")


def test_outcome() -> None:
    lines = seen(outcome_panel(OUTCOME))
    assert "✘ failed 6f1c2a9e" in lines[0]
    assert line_of(lines, "Load data") == ["✘", "t1", "Load", "data", "2/3", "3"]
    assert line_of(lines, "stopped by") == ["stopped", "by", "todos", "failed"]
    assert line_of(lines, "too slow") == ["timeout:", "too", "slow"]
    assert line_of(lines, "branch_01") == ["└", "branch_01", "timeout", "→", "tester", "·", "resolved", "2"]
    assert line_of(lines, "Sell high") == ["!", "t2", "Sell", "high"]
    assert "21 model calls · 48211 tokens · $0.0213 · 1:23" in " ".join(line_of(lines, "spent"))


def test_outcome_before_there_is_a_plan() -> None:
    assert "waiting" in seen(outcome_panel(OUTCOME | {"todos": [], "status": "waiting"}))[0]


def test_doctor() -> None:
    lines = seen(
        doctor_table(
            [
                {"name": "git", "status": "OK", "detail": "2.47", "way_out": ""},
                {"name": "engine", "status": "FAIL", "detail": "none answers", "way_out": "make engine"},
            ]
        )
    )
    assert [line.split() for line in lines] == [
        ["✔", "OK", "git", "2.47"],
        ["✘", "FAIL", "engine", "none", "answers"],
        ["→", "make", "engine"],
    ]


def with_text(document: Any, text: str) -> Any:
    """The document with this text for everything that a model or person worded."""
    worded = (
        "title",
        "description",
        "workflow_name",
        "message",
        "reason",
        "stop_reason",
        "test_name",
        "detail",
        "way_out",
    )
    if isinstance(document, dict):
        return {
            key: f"xxxxx {text} xxxxx" if key in worded else with_text(value, text) for key, value in document.items()
        }
    return [with_text(value, text) for value in document] if isinstance(document, list) else document


VIEWS: list[tuple[Callable[[Any], RenderableType], Any]] = [
    (plan_table, PLAN),
    (lambda document: todo_panel(TodoItem.model_validate(document)), PLAN["items"][0]),
    (lambda document: report_table(TestReport.model_validate(document)), REPORT),
    (approval_panel, payload("approve_plan", {"todo_list": PLAN}, "")),
    (approval_panel, payload("surroundings", {"reason": ""}, "")),
    (outcome_panel, OUTCOME),
    (doctor_table, [{"name": "git", "status": "WARN", "detail": "", "way_out": ""}]),
]


@pytest.mark.parametrize("width", [80, 40])
@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(("view", "document"), VIEWS)
def test_hostile_text_neither_acts_nor_spoils_a_view(view: Any, document: Any, text: str, width: int) -> None:
    lines = seen(view(with_text(copy.deepcopy(document), text)), width)
    assert all(cell_len(line) <= width for line in lines)
    assert not any(control in line for line in lines for control in CONTROLS)
    if text.startswith("[red]"):
        assert any("[red]" in line for line in lines)


def git_diff(folder: Path, before: dict[str, bytes], after: dict[str, bytes]) -> str:
    """What git says about two states of a folder."""
    for name, files in (("before", before), ("after", after)):
        for path, content in files.items():
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_bytes(content)
        (folder / name).mkdir(exist_ok=True)
    command = ["git", "diff", "--no-index", "before", "after"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace")


def test_diff_numbers_and_marks_lines(tmp_path: Path) -> None:
    before = {"a.py": b"import os\n\nx = 1\n", "gone.txt": b"bye\n"}
    after = {"a.py": b"import os\n\nx = 2\ny = '[red]'\n", "new one.txt": b"-- a\n++ b", "raw.bin": b"\x00\x01"}
    lines = seen(diff_view(git_diff(tmp_path, before, after)))
    for line in ("    1   import os", "    3 - x = 1", "    3 + x = 2", "    4 + y = '[red]'"):
        assert line in lines
    for line in ("    1 - bye", "    1 + -- a", "    2 + ++ b"):
        assert line in lines
    assert any(line.endswith("a.py  +2 -1") for line in lines)
    assert any("raw.bin" in line for line in lines)


def test_diff_of_hostile_files(tmp_path: Path) -> None:
    names = ['quo"te.py', "tab\there.py", "é.py", "sp ace/-x.py", "no_extension", "a.py\u202e"]
    content = "\x1b[2J\r\n\x0c\n\u2028\n+++ b/x\n--- a/y\n@@ -1 +1 @@\ndiff --git a/z b/z\nx = '''\n".encode()
    shown = diff_view(git_diff(tmp_path, {names[0]: content[::-1]}, dict.fromkeys(names, content + b"\xff")))
    for width in (80, 40):
        lines = seen(shown, width)
        assert sum("␛[2J␍" in line for line in lines) == len(names)
        assert all(cell_len(line) <= width for line in lines)
        assert not any(control in line for line in lines for control in CONTROLS)


def test_no_diff_and_no_diff_at_all() -> None:
    assert seen(diff_view("")) == ["No changes."]
    assert seen(diff_view("--- a/x\n+++ b/x\n@@ -1,5 +1,5 @@\nshort\n"))[0].startswith("--- a/x")
