"""What a person may type wrong: named, with the way out, exit code 2, nothing half-written."""

from pathlib import Path

import pytest

from tests.e2e.conftest import REQUEST, Aidev


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", ""], "request is empty"),
        (["run", "   \n"], "request is empty"),
        (["run", "\x01\x02 buy \x07"], "not text"),
        (["run", "x" * 20_001], "20001"),
        (["run", "make me rich", "--yes"], "make me rich"),
        (["run", REQUEST, "--model", "gemini-3-ultra-plus", "--yes"], "GOOGLE_API_KEY"),
        (["run", REQUEST, "--model", "ofline"], "ofline"),
        (["run", REQUEST, "--model", "script:/nowhere.yaml"], "/nowhere.yaml"),
        (["run", REQUEST, "--model", "offline", "--budget", "-1"], "-1"),
        (["run", "--todo-list", "/nowhere.json"], "/nowhere.json"),
        (["resume", "00000000-0000-4000-8000-000000000000"], "00000000"),
        (["resume", "nonsense id"], "nonsense"),
        (["status", "zzz"], "zzz"),
        (["show", "00000000-0000-4000-8000-000000000000"], "00000000"),
        (["diff", "00000000-0000-4000-8000-000000000000"], "00000000"),
        (["run", REQUEST, "--nonsense"], "nonsense"),
    ],
)
def test_it_is_named(aidev: Aidev, arguments: list[str], named: str) -> None:
    ended = aidev(*arguments)
    assert ended.code == 2, ended.err
    assert named in ended.err
    assert "Traceback" not in ended.err
    assert ended.out == ""


def test_an_invalid_todo_list_is_refused_with_every_fault(aidev: Aidev, tmp_path: Path) -> None:
    path = tmp_path / "list.json"
    path.write_text('{"todo_list_id": "a b", "workflow_name": "x", "created_at": "today", "items": []}')
    ended = aidev("run", "--todo-list", str(path), "--model", "offline")
    assert ended.code == 2
    assert all(name in ended.err for name in ("todo_list_id", "created_at", "items"))


def test_a_database_that_does_not_answer(process: Aidev) -> None:
    ended = process("status", env={"DB_URL": "postgresql://me:secret@127.0.0.1:9/none"})
    assert ended.code == 2
    assert "secret" not in ended.err
    assert "DB_URL" in ended.err


def test_the_doctor_names_what_is_missing(aidev: Aidev, process: Aidev) -> None:
    well = aidev("doctor", "--json")
    assert well.code == 0, well.out
    ill = process("doctor", "--json", env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert ill.code == 2
    assert '"FAIL"' in ill.out
