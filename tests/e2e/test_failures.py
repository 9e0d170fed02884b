"""Failures: found, routed, mended, or handed over."""

from copy import deepcopy
from pathlib import Path

import pytest

from tests.e2e.conftest import IDS, REQUEST, Aidev, git
from tests.e2e.scripted import WORDS, Entry, coder, given, library, plan, script

pytestmark = pytest.mark.usefixtures("quick")


def without_coder(task_id: str) -> list[Entry]:
    """The scripted text library, but for the coder's answer to one todo."""
    return [one for one in library() if (one["role"], one.get("match", {}).get("task_id")) != ("coder", task_id)]


WRONG = '''
def slugify(title: str) -> str:
    """Wrong."""
    if not title.strip("!"):
        raise ValueError(title)
    return "x"
'''


def wrong() -> Entry:
    """The coder's answer to `slugs` that is wrong."""
    return coder(WRONG, "slugs", "textlib/slugs.py")


@pytest.mark.timeout(300)
def test_a_todo_list_is_worked_off_by_all_four_routes(aidev: Aidev) -> None:
    listed = "examples/sample_todo_list.json"
    ended = aidev("run", "--todo-list", listed, "--model", "offline:faulty", "--yes", "--json")
    assert ended.code == 0, ended.err
    assert [todo["id"] for todo in ended.result["todos"]] == IDS
    branches = [entry for todo in ended.result["todos"] for entry in todo["branch_todos"]]
    assert {(entry["failure_class"], entry["route"]) for entry in branches} == {
        ("implementation_bug", "coder"),
        ("spec_mismatch", "architect"),
        ("timeout", "tester"),
        ("flaky_test", "tester"),
    }
    assert {entry["status"] for entry in branches} == {"resolved"}
    assert branches[0]["id"] == "t1_data_integration_branch_01"
    names = git(ended.result["repo"], "branch", "--list", "--format=%(refname:short)", "ai/*")
    assert all(entry["id"] in names for entry in branches)


def test_what_cannot_be_mended_blocks_only_what_depends_on_it(aidev: Aidev, tmp_path: Path) -> None:
    entries = [*without_coder("slugs"), wrong(), wrong()]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 1
    todos = {todo["id"]: todo for todo in ended.result["todos"]}
    assert {name: todo["status"] for name, todo in todos.items()} == {
        "slugs": "failed",
        "counts": "done",
        "summary": "blocked",
    }
    assert ended.result["status"] == "blocked"
    (branch,) = todos["slugs"]["branch_todos"]
    assert (branch["id"], branch["failure_class"], branch["route"]) == (
        "slugs_branch_01",
        "implementation_bug",
        "coder",
    )
    assert (branch["attempts"], branch["status"], branch["stop_reason"]) == (1, "exhausted", "repetition")
    assert ended.result["stop_reason"] == "todos_blocked"
    assert "implementation_bug" in ended.result["reason"]
    assert ended.result["release_branch"] is None


PATCH = """\
--- a/textlib/slugs.py
+++ b/textlib/slugs.py
@@ -1,6 +1,11 @@
+\"\"\"Slugs from titles.\"\"\"
+
+import re
+

 def slugify(title: str) -> str:
-    \"\"\"Wrong.\"\"\"
-    if not title.strip("!"):
+    \"\"\"The slug of a title.\"\"\"
+    slug = "-".join(re.findall(r"[a-z0-9]+", title.lower()))
+    if not slug:
         raise ValueError(title)
-    return "x"
+    return slug
"""


def test_a_person_mends_it_from_the_command_line(aidev: Aidev, tmp_path: Path) -> None:
    entries = [plan("slugs"), given("architect", "slugs"), wrong(), wrong()]
    first = aidev("run", WORDS, "--model", script(tmp_path, entries), "--json").result["workflow_id"]
    waiting = aidev("resume", first, "--approve", "--json")
    assert waiting.code == 3, waiting.err
    assert f"aidev resume {first} --task slugs --respond TEXT | --patch FILE | --test-wrong WHY" in waiting.err
    assert "Tried" in aidev("show", first).out
    patch = tmp_path / "mend.diff"
    patch.write_text("no diff")
    refused = aidev("resume", first, "--patch", str(patch))
    assert (refused.code, "does not apply" in refused.err) == (2, True)
    patch.write_text(PATCH)
    mended = aidev("resume", first, "--task", "slugs", "--patch", str(patch), "--json")
    assert mended.code == 3, mended.err
    assert aidev("resume", first, "--approve", "--json").code == 0


def test_a_sealed_test_cannot_be_written(aidev: Aidev, tmp_path: Path) -> None:
    cheat = coder("def test_nothing():\n    assert 1\n", path="tests/test_counts.py")
    entries = [plan("counts"), given("architect"), cheat, given("coder", contains="is sealed")]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 0, ended.err


def test_an_invalid_plan_is_asked_again_with_the_reason(aidev: Aidev, tmp_path: Path) -> None:
    right, *_ = library()
    broken = deepcopy(right)
    broken["respond"]["items"][0]["dependencies"] = ["summary"]
    right["match"] = {"contains": "slugs"}
    ended = aidev("run", WORDS, "--model", script(tmp_path, [broken, right]), "--json")
    assert ended.code == 3, ended.err
    assert ended.result["model_calls"] == 2
    assert [todo["id"] for todo in ended.result["todos"]] == ["slugs", "counts", "summary"]


def test_an_exhausted_script_names_the_call(aidev: Aidev, tmp_path: Path) -> None:
    entries = [plan("counts"), given("architect")]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 1
    assert "coder" in ended.err
    assert "counts" in ended.err


def test_an_engine_that_is_gone_costs_nothing(process: Aidev) -> None:
    ended = process("run", REQUEST, "--model", "offline", "--yes", env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert ended.code == 2
    assert "engine" in ended.err.lower()
    assert "Traceback" not in ended.err


def test_a_person_leaves_a_todo_out(aidev: Aidev, tmp_path: Path) -> None:
    planned = plan("slugs", "summary", dependencies=[], max_retries=0)
    planned["respond"]["items"][1]["dependencies"] = ["slugs"]
    entries = [planned, given("architect", "slugs"), wrong()]
    first = aidev("run", WORDS, "--model", script(tmp_path, entries), "--json").result["workflow_id"]
    assert aidev("resume", first, "--approve", "--json").code == 3
    ended = aidev("resume", first, "--approve", "--json")
    assert ended.code == 1, ended.err
    assert [todo["status"] for todo in ended.result["todos"]] == ["failed", "blocked"]
    assert ended.result["todos"][0]["branch_todos"][0]["attempts"] == 0
    assert aidev("resume", first).code == 2
