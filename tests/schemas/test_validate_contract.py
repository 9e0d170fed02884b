"""The program: exit codes and lines."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = Path(__file__).parent / "documents"
REPORT = json.loads((DOCUMENTS / "test_report.json").read_text(encoding="utf-8"))


def judge(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "schemas.validate_contract", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=60)


def written(folder: Path, content: Any) -> Path:
    file = folder / "document.json"
    file.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return file


@pytest.mark.parametrize("kind", ["contract", "test_report"])
def test_valid_documents(kind: str) -> None:
    done = judge(DOCUMENTS / f"{kind}.json", "--type", kind)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"valid {kind}\n", "")


def test_the_sample_is_a_valid_todo_list_and_todo_is_the_default() -> None:
    assert judge("examples/sample_todo_list.json").returncode == 0


def test_every_fault_has_a_line(tmp_path: Path) -> None:
    whole = {"title": "A title", "description": "A description", "agent_role": "coder", "priority": 1, "max_retries": 0}
    tests = {"acceptance_criteria": {"tests": [{"cmd": "true"}]}}
    first = {"id": "a", "agent_role": "boss", "dependencies": ["b", "zz", "a"], "acceptance_criteria": {"tests": []}}
    second = {"id": "b", "priority": 11, "dependencies": ["a"], "x\x1b[2J": 1, **tests}
    third = {"id": "b", "parent_id": "nobody", "title": "abc", **tests}
    document = {"todo_list_id": "l", "workflow_name": 1, "created_at": "2026-02-30T00:00:00Z"}
    done = judge(written(tmp_path, document | {"items": [whole | first, whole | second, whole | third, 5]}))
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines() == [
        "workflow_name: must be a string",
        "created_at: day is out of range for month",
        "items[0].agent_role: must be 'architect', 'coder', 'tester', 'debugger' or 'optimizer'",
        "items[0].acceptance_criteria.tests: must hold at least 1 entry",
        "items[1].priority: must be at most 10",
        'items[1]["x\\u001b[2J"]: is not a known key',
        "items[2].title: must have at least 5 characters",
        "items[3]: must be an object",
        "items[2].id: b is the id of items[1] too",
        "items[0].dependencies[1]: no item has the id zz",
        "items[0].dependencies[2]: a names itself (cycle a → a)",
        "items[2].parent_id: no item has the id nobody",
        "items: cycle a → b → a",
    ]


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ([], "document: must be an object"),
        (REPORT | {"status": "fine"}, "status: must be 'passed', 'failed', 'error', 'timeout' or 'skipped'"),
        (b'{"a": {"b": 1, "b": 2}}', "b: is given twice in one object"),
        (b'{"report_id": "\\ud800"}', "report_id: holds characters that are not valid Unicode"),
    ],
)
def test_faults_of_a_report(tmp_path: Path, content: Any, line: str) -> None:
    done = judge(written(tmp_path, content), "--type", "test_report")
    assert done.returncode == 1
    assert line in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is not JSON"),
        (b"\x80\x81\x00", "is not UTF-8 text"),
        ("{}".encode("utf-16"), "is not UTF-8 text"),
        (b'{"a": 1', "is not JSON"),
        (b'{"a": NaN}', "NaN is not a number in JSON"),
        (b'{"a": 1e999}', "1e999 is not a number in JSON"),
        (b"9" * 5000, "is not JSON"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * 200 + b"]" * 200, "more than 100 levels deep"),
        (b" " * 10_000_001, "larger than 10 MB"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, content: bytes, reason: str) -> None:
    done = judge(written(tmp_path, content))
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


def test_what_is_no_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, reason in [("missing.json", "There is no file"), ("pipe", "is not a file"), (".", "is not a file")]:
        done = judge(tmp_path / name)
        assert (done.returncode, done.stdout) == (2, "")
        assert reason in done.stderr


def test_wrong_arguments(tmp_path: Path) -> None:
    assert judge().returncode == 2
    assert judge(written(tmp_path, {}), "--type", "poem").returncode == 2


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    content = b"\xef\xbb\xbf" + (ROOT / "examples" / "sample_todo_list.json").read_bytes()
    assert judge(written(tmp_path, content)).returncode == 0
