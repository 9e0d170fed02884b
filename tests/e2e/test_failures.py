"""Failures: found, routed, mended, or handed over."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.e2e.conftest import REQUEST, ROOT, Aidev, git
from tests.e2e.scripted import given, plan

pytestmark = pytest.mark.usefixtures("quick")
LIBRARY = ROOT / "examples/scripts/text_library.yaml"
WORDS = "Build a small text library"


def script(folder: Path, entries: list[dict[str, Any]]) -> str:
    """A model that answers these entries."""
    path = folder / "script.yaml"
    path.write_text(yaml.safe_dump(entries))
    return f"script:{path}"


def library(without: str = "") -> list[dict[str, Any]]:
    """The scripted text library; the coder's answer to one todo left out."""
    entries = yaml.safe_load(LIBRARY.read_text())
    return [one for one in entries if (one["role"], one.get("match", {}).get("task_id")) != ("coder", without)]


def coder(task_id: str, path: str, content: str, **match: object) -> dict[str, Any]:
    """A coder's answer."""
    files = [{"path": path, "content": content}]
    return {"role": "coder", "match": {"task_id": task_id, **match}, "respond": {"files": files}}


WRONG = '''
def slugify(title: str) -> str:
    """Wrong."""
    if not title.strip("!"):
        raise ValueError(title)
    return "x"
'''


@pytest.mark.timeout(300)
def test_all_four_routes_in_one_run(aidev: Aidev) -> None:
    ended = aidev("run", REQUEST, "--model", "offline:faulty", "--yes", "--json", timeout=240)
    assert ended.code == 0, ended.err
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


def test_independent_todos_and_a_merge(aidev: Aidev) -> None:
    ended = aidev("run", WORDS, "--model", f"script:{LIBRARY}", "--yes", "--json")
    assert ended.code == 0, ended.err
    log = git(ended.result["repo"], "log", "--format=%s", ended.result["release_branch"])
    assert "Merge summary" in log


def test_what_cannot_be_mended_blocks_only_what_depends_on_it(aidev: Aidev, tmp_path: Path) -> None:
    entries = library(without="slugs") + [coder("slugs", "textlib/slugs.py", WRONG) for _ in range(2)]
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
    entries = [plan("slugs"), given("architect", "slugs"), *(coder("slugs", "textlib/slugs.py", WRONG) for _ in "ab")]
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
    cheat = coder("slugs", "tests/test_slugs.py", "def test_nothing():\n    assert 1\n")
    right = next(one for one in library() if one["role"] == "coder" and one["match"]["task_id"] == "slugs")
    right["match"]["contains"] = "is sealed"
    ended = aidev(
        "run", WORDS, "--model", script(tmp_path, [*library(without="slugs"), cheat, right]), "--yes", "--json"
    )
    assert ended.code == 0, ended.err


def test_an_invalid_plan_is_asked_again_with_the_reason(aidev: Aidev, tmp_path: Path) -> None:
    plan, *rest = library()
    broken = json.loads(json.dumps(plan))
    broken["respond"]["items"][0]["dependencies"] = ["summary"]
    plan["match"] = {"contains": "slugs"}
    ended = aidev("run", WORDS, "--model", script(tmp_path, [broken, plan, *rest]), "--yes", "--json")
    assert ended.code == 0, ended.err


def test_an_exhausted_script_names_the_call(aidev: Aidev, tmp_path: Path) -> None:
    ended = aidev("run", WORDS, "--model", script(tmp_path, library(without="counts")), "--yes", "--json")
    assert ended.code == 1
    assert "coder" in ended.err
    assert "counts" in ended.err


def test_an_engine_that_is_gone_costs_nothing(aidev: Aidev) -> None:
    ended = aidev("run", REQUEST, "--model", "offline", "--yes", env={"DOCKER_HOST": "unix:///nowhere.sock"})
    assert ended.code == 2
    assert "engine" in ended.err.lower()
    assert "Traceback" not in ended.err


def test_a_person_leaves_a_todo_out(aidev: Aidev, tmp_path: Path) -> None:
    entries = [*library(without="slugs"), coder("slugs", "textlib/slugs.py", WRONG)]
    entries[0]["respond"]["items"][0]["max_retries"] = 0
    first = aidev("run", WORDS, "--model", script(tmp_path, entries), "--json").result["workflow_id"]
    assert aidev("resume", first, "--approve", "--json").code == 3
    ended = aidev("resume", first, "--approve", "--json")
    assert ended.code == 1, ended.err
    todos = {todo["id"]: todo["status"] for todo in ended.result["todos"]}
    assert todos == {"slugs": "failed", "counts": "done", "summary": "blocked"}
    assert ended.result["todos"][0]["branch_todos"][0]["attempts"] == 0
    assert aidev("resume", first).code == 2
