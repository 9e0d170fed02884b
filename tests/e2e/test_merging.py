"""Todos that conflict, or pass alone and fail together, are put together; contracts that change open others again."""

import json
from pathlib import Path

import pytest

from graph import driver
from graph.graphs import opened
from schemas.decision import Decision
from tests.e2e.conftest import git
from tests.e2e.scripted import Entry, Scripted, approve, coder, given, library, plan, respecified, start

pytestmark = pytest.mark.usefixtures("quick")
INIT = "textlib/__init__.py"


def another_init(entries: list[Entry]) -> list[Entry]:
    """`counts` writes the package's first lines as well, in other words."""
    counts = next(one for one in entries if one["role"] == "coder" and one["match"]["task_id"] == "counts")
    counts["respond"]["files"][0]["content"] = '"""Another library."""\n'
    return entries


def resolved(task_id: str) -> Entry:
    """The coder's answer to a conflict, if it is told of it."""
    answer = coder('"""A small text library."""\n', task_id, INIT, contains="conflict markers stand in textlib")
    return answer


def test_todos_that_conflict_are_put_together_before_what_needs_them(tmp_path: Path) -> None:
    entries = [*another_init(library()), resolved("summary_merge")]
    run = start(tmp_path, entries).go()
    assert run.result["status"] == "completed", run.result
    assert run.branches("summary_merge") == [("merge_conflict", "coder", "resolved")]
    release = run.result["release_branch"]
    assert git(run.result["repo"], "show", f"{release}:{INIT}") == '"""A small text library."""\n'
    assert git(run.result["repo"], "show", f"{release}:textlib/summary.py")


def test_a_release_that_conflicts_is_put_together(tmp_path: Path) -> None:
    entries = another_init(library())
    entries[0] = plan("slugs", "counts")
    run = start(tmp_path, [*entries, resolved("release_merge")]).go()
    assert run.result["status"] == "completed", run.result
    assert run.branches("release_merge") == [("merge_conflict", "coder", "resolved")]


def test_a_conflict_that_nobody_resolves_ends_with_its_name(tmp_path: Path) -> None:
    entries = another_init(library())
    entries[0] = plan("slugs", "counts", max_retries=1)
    again = coder('<<<<<<< ours\n"""One."""\n=======\n"""Two."""\n>>>>>>> theirs\n', "release_merge", INIT)
    run = start(tmp_path, [*entries, again, again, again]).go()
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "merge_conflict")
    assert run.todo("release_merge")["status"] == "failed"
    assert [todo["status"] for todo in run.result["todos"]][:2] == ["done", "done"]


REGISTRY = '"""A small text library."""\n\nREGISTRY: list[str] = []\n'
LOUD = '''"""Word counts."""

import re
from collections import Counter

from textlib import REGISTRY

REGISTRY.append("counts")


def count_words(text: str) -> dict[str, int]:
    """How often each word stands in a text, lower-cased."""
    return dict(Counter(re.findall(r"\\w+", text.lower())))
'''
SLUGS = '''"""Slugs from titles."""

import re

from textlib import REGISTRY


def slugify(title: str) -> str:
    """The slug of a title. Raises ValueError when nothing of it is left."""
    slug = "-".join(re.findall(r"[a-z0-9]+", title.lower()))
    if not slug or REGISTRY:
        raise ValueError(f"no slug in {title!r}")
    return slug
'''


def together() -> list[Entry]:
    """Two todos whose code passes alone and fails together."""
    entries = [one for one in library() if one.get("match", {}).get("task_id") != "summary"]
    entries[0] = plan("slugs", "counts")
    for one in entries:
        if one["role"] == "coder":
            slugs = one["match"]["task_id"] == "slugs"
            one["respond"]["files"][0]["content"] = REGISTRY
            one["respond"]["files"][1]["content"] = SLUGS if slugs else LOUD
    return entries


def test_suites_that_fail_together_are_mended_on_the_merged_tree(tmp_path: Path) -> None:
    quiet = LOUD.replace('from textlib import REGISTRY\n\nREGISTRY.append("counts")\n\n', "")
    run = start(tmp_path, [*together(), coder(quiet, "release_merge")]).go()
    assert run.result["status"] == "completed", run.result
    assert run.branches("release_merge") == [("implementation_bug", "coder", "resolved")]
    release = run.result["release_branch"]
    assert "REGISTRY" not in git(run.result["repo"], "show", f"{release}:textlib/counts.py")


SHAPE = SLUGS.replace("import re\n", "import re\nfrom typing import Any\n").replace(
    """    if not slug or REGISTRY:
        raise ValueError(f"no slug in {title!r}")
    return slug
""",
    """    if not slug:
        raise ValueError(f"no slug in {title!r}")
    found: Any = [slug] if REGISTRY else slug
    return found
""",
)
RENAMED = (
    SHAPE.replace("title", "words")
    .replace("[slug] if REGISTRY else slug", "slug")
    .replace("from textlib import REGISTRY\n\n", "")
)


def test_a_merge_that_fails_by_a_contract_opens_the_todo_that_owns_it(tmp_path: Path) -> None:
    entries = together()
    for one in entries:
        if one["role"] == "coder" and one["match"]["task_id"] == "slugs":
            one["respond"]["files"][1]["content"] = SHAPE
    again = respecified("1.1.0", "slugs", contains="spec_mismatch")
    (interface,) = again["respond"]["contract"]["interfaces"]
    interface |= {"signature": "def slugify(words: str) -> str", "parameters": [{"name": "words", "type": "str"}]}
    run = start(tmp_path, [*entries, again, coder(RENAMED, "slugs", "textlib/slugs.py")]).go()
    assert run.result["status"] == "completed", run.result
    assert run.branches("slugs") == [("spec_mismatch", "architect", "resolved")]
    assert [entry["depth"] for entry in run.todo("slugs")["branch_todos"]] == [2]
    assert [todo["id"] for todo in run.result["todos"]] == ["slugs", "counts"]


def contract_asked(folder: Path) -> Scripted:
    """`counts`, whose architect gives another signature than the plan names once its tests turn out to be weak."""
    weak = given("architect")
    weak["respond"]["tests"][0]["content"] = "def test_nothing():\n    assert True\n"
    other = respecified("1.1.0", contains="proves nothing")
    text = json.dumps(other["respond"]).replace("count_words", "word_counts")
    other["respond"] = json.loads(text)
    named = "A function count_words(text) that counts the words of a text, whatever their case."
    code = json.loads(json.dumps(given("coder", contains="count_words")).replace("count_words", "word_counts"))
    entries = [plan("counts", description=named), weak, other, respecified("1.2.0"), code, given("coder")]
    return start(folder, entries, auto_approve=False).go().go(approve())


def test_a_contract_that_changes_what_was_approved_goes_to_the_person(tmp_path: Path) -> None:
    run = contract_asked(tmp_path)
    assert run.question["name"] == "approve_contract"
    assert run.question["args"]["changes"] == ["count_words is gone"]
    run.go(approve())
    assert run.question["name"] == "approve_release", run.result


def test_a_contract_is_written_again_as_the_person_says(tmp_path: Path) -> None:
    run = contract_asked(tmp_path).go(Decision(type="respond", message="keep the name"))
    assert run.question["name"] == "approve_release", run.result
    assert "count_words" in git(run.result["repo"], "show", f"{run.todo()['branch']}:textlib/counts.py")


def test_a_refused_contract_stops_the_workflow(tmp_path: Path) -> None:
    run = contract_asked(tmp_path).go(Decision(type="reject"))
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "stopped")


def other_name(entries: list[Entry], task_id: str, version: str) -> list[Entry]:
    """The library's answers to a todo, with `word_counts` in place of `count_words`."""
    found = [one for one in entries if one["match"]["task_id"] == task_id]
    text = (
        json.dumps(found).replace("count_words", "word_counts").replace('"version": "1.0.0"', f'"version": "{version}"')
    )
    return list(json.loads(text))


def opened_again(run: Scripted, depth: int = 1) -> Scripted:
    """As if the merge had found the contract of `counts` at fault."""
    config = driver.config(run.workflow_id)
    counts = driver.values(run.workflow_id)["results"]["counts"]
    merge = {**counts, "status": "reopen", "reopens": "counts", "reason": "spec_mismatch: the name clashes"}
    results = {"release_merge": merge, "counts": {**counts, "depth": depth}}
    opened().update_state(config, {"results": results}, as_node="todo")
    return run.go()


def test_a_contract_that_changes_opens_just_the_todos_that_depend_on_it(tmp_path: Path) -> None:
    rest = library()[1:]
    again = [*other_name(rest, "counts", "1.1.0"), *other_name(rest, "summary", "1.0.0")]
    run = start(tmp_path, [*library(), *again], auto_approve=False).go().go(approve())
    before = {name: run.todo(name)["commit"] for name in ("slugs", "counts", "summary")}
    opened_again(run)
    assert run.question["name"] == "approve_contract"
    run.go(approve())
    assert run.question["name"] == "approve_release", run.result
    after = {name: run.todo(name)["commit"] for name in before}
    assert [name for name in before if after[name] != before[name]] == ["counts", "summary"]
    assert run.branches("counts") == [("spec_mismatch", "architect", "resolved")]
    assert [entry["depth"] for entry in run.todo("counts")["branch_todos"]] == [2]
    assert git(run.result["repo"], "rev-parse", f"{run.todo('summary')['branch']}_round_1")
    run.go(approve())
    assert run.result["status"] == "completed"
    assert "word_counts" in git(run.result["repo"], "show", f"{run.result['release_branch']}:textlib/summary.py")


def test_a_todo_is_opened_again_only_once(tmp_path: Path) -> None:
    entries = library()
    entries[0] = plan("counts")
    run = start(tmp_path, entries, auto_approve=False).go().go(approve())
    opened_again(run, depth=2)
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "release_failed")
    assert run.todo("release_merge")["stop_reason"] == "depth"
