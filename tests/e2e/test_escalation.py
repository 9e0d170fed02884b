"""What a person is told of a failure that nobody could mend, and every answer they can give."""

import json
from pathlib import Path

import pytest

from schemas.decision import Decision
from schemas.errors import DecisionRefused
from tests.e2e.conftest import git
from tests.e2e.scripted import (
    COUNTS,
    Entry,
    Scripted,
    approve,
    coder,
    counting,
    edit,
    given,
    library,
    plan,
    respecified,
    start,
)

pytestmark = pytest.mark.usefixtures("quick")
WRONG = counting("return {}")
CONTRARY = """\
from textlib.counts import count_words


def test_words():
    assert count_words("a A") == {"a": 1, "A": 1}
"""


def escalated(folder: Path, *later: Entry) -> Scripted:
    """`counts` alone, whose coder answered the same wrong code twice; the plan is approved."""
    entries = [plan("counts"), given("architect"), coder(WRONG), coder(WRONG), *later]
    return start(folder, entries, auto_approve=False).go().go(approve())


def given_up(folder: Path) -> Scripted:
    """`counts` alone, whose coder has one try."""
    entries = [plan("counts", max_retries=0), given("architect"), coder(WRONG)]
    return start(folder, entries, auto_approve=False).go().go(approve())


def released(run: Scripted) -> Scripted:
    """The release, approved."""
    assert run.question["name"] == "approve_release", run.result
    return run.go(approve())


def statuses(run: Scripted) -> list[tuple[str, str]]:
    """Status and reason of the branch todos."""
    return [(entry["status"], entry["stop_reason"]) for entry in run.todo()["branch_todos"]]


@pytest.mark.xdist_group("escalation")
def test_a_report_says_what_failed_what_was_tried_and_what_is_best(waiting: Scripted) -> None:
    run = waiting
    told = run.question
    assert told["name"] == "escalation"
    report = told["args"]
    assert (report["todo"], report["stop_reason"]) == ("counts", "repetition")
    assert f"{COUNTS} +6 −0" in report["tried"][0]["changed"]
    assert report["tried"][1]["changed"] == []
    assert report["diagnostics"]["failing"][0]["values"].startswith("{} == {'the': 2")
    assert report["suggestions"]
    assert git(run.result["repo"], "show", f"{report['best']['commit']}:{COUNTS}") == WRONG
    assert report["best"]["commit"] == git(run.result["repo"], "rev-parse", report["best"]["branch"]).strip()
    assert (report["patch"], report["test_is_wrong"]) == ("", "")


def test_a_hint_opens_more_attempts(tmp_path: Path) -> None:
    right = given("coder", contains="A person says: use a counter")
    run = escalated(tmp_path, coder(WRONG), right)
    run.go(Decision(type="respond", message="count them"))
    assert run.question["name"] == "escalation"
    run.go(Decision(type="respond", message="use a counter"))
    released(run)
    assert run.result["status"] == "completed"
    assert statuses(run) == [("escalated", "repetition"), ("escalated", "repetition"), ("resolved", "passed")]
    assert [entry["id"] for entry in run.todo()["branch_todos"]][-1] == "counts_branch_03"


PATCH = """\
--- a/textlib/counts.py
+++ b/textlib/counts.py
@@ -1,6 +1,9 @@
 \"\"\"Word counts.\"\"\"
 
+import re
+from collections import Counter
+
 
 def count_words(text: str) -> dict[str, int]:
     \"\"\"Counts.\"\"\"
-    return {}
+    return dict(Counter(re.findall(r"\\w+", text.lower())))
"""


def test_a_patch_is_taken_and_judged(tmp_path: Path) -> None:
    run = released(given_up(tmp_path).go(edit(patch=PATCH)))
    assert run.result["status"] == "completed"
    assert statuses(run) == [("escalated", "attempts")]
    log = git(run.result["repo"], "log", "--format=%s", run.result["release_branch"])
    assert "counts: a person's patch" in log


def test_a_patch_that_does_not_mend_is_debugged_like_any_other_change(tmp_path: Path) -> None:
    still_wrong = PATCH.replace("text.lower()", "text")
    run = escalated(tmp_path, given("coder")).go(edit(patch=still_wrong))
    released(run)
    assert statuses(run) == [("escalated", "repetition"), ("resolved", "passed")]


SEALED = """\
--- a/tests/test_counts.py
+++ b/tests/test_counts.py
@@ -1,2 +1,3 @@
 from textlib.counts import count_words
+count_words = dict
 
"""


@pytest.mark.xdist_group("escalation")
@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (edit(), "either `patch` or `test_is_wrong`"),
        (edit(patch=PATCH, test_is_wrong="it is"), "either `patch` or `test_is_wrong`"),
        (edit(patch="no diff"), "does not apply"),
        (edit(patch=PATCH.replace("return {}", "return []")), "does not apply"),
        (edit(patch="--- /dev/null\n+++ b/tests/conftest.py\n@@ -0,0 +1 @@\n+import os\n"), "conftest.py"),
        (edit(patch=SEALED), "sealed"),
        (
            edit(patch="diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n"),
            "link",
        ),
        (edit(patch="--- /dev/null\n+++ b/.git/hooks/x\n@@ -0,0 +1 @@\n+true\n"), "does not apply"),
    ],
)
def test_an_answer_that_does_not_fit_leaves_the_question_open(answer: Decision, said: str, waiting: Scripted) -> None:
    with pytest.raises(DecisionRefused, match=said):
        waiting.go(answer)
    assert waiting.question["name"] == "escalation"


@pytest.fixture(scope="module")
def waiting(home: Path, sandbox_image: str, tmp_path_factory: pytest.TempPathFactory) -> Scripted:
    """An escalation that is read, and gets answers which do not fit."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MUTATION_SAMPLE", "0")
        return escalated(tmp_path_factory.mktemp("waiting"))


def test_a_wrong_test_goes_to_the_architect(tmp_path: Path) -> None:
    first = given("architect")
    first["respond"]["tests"][0]["content"] = CONTRARY
    first["respond"]["held_back"] = [{"call": "count_words('b b')", "returns": "{'b': 2}"}]
    better = respecified("1.0.1", contains="A person says: whatever the case")
    right = given("coder")["respond"]["files"][1]["content"]
    said = {"failure_class": "implementation_bug", "evidence": ["def test_words():"], "explanation": "It is the code."}
    doubtful = {"role": "debugger", "respond": {**said, "instructions": "Mend it."}}
    entries = [plan("counts", max_retries=0), first, coder(right), doubtful, better]
    run = start(tmp_path, entries, auto_approve=False).go().go(approve())
    run.go(edit(test_is_wrong="whatever the case"))
    released(run)
    assert run.result["status"] == "completed"
    found = run.todo()["branch_todos"]
    assert [(one["failure_class"], one["route"]) for one in found][-1] == ("spec_mismatch", "architect")


def test_others_go_on_and_a_person_is_asked_last(tmp_path: Path) -> None:
    """`summary` needs only `counts` here; it is done before anyone is asked about `slugs`."""
    entries = library()
    entries[0]["respond"]["items"][2]["dependencies"] = ["counts"]
    entries = [one for one in entries if (one["role"], one.get("match", {}).get("task_id")) != ("coder", "slugs")]
    for one in entries:
        if one.get("match", {}).get("task_id") == "summary":
            one["match"]["task_id"] = "nobody"
    alone = [{**given(role), "match": {"task_id": "summary"}} for role in ("architect", "coder")]
    run = start(tmp_path, [*entries, *after_counts(alone), slug(), slug()], auto_approve=False).go().go(approve())
    assert run.question["args"]["todo"] == "slugs"
    assert run.todo("summary")["status"] == "done"
    run.go(approve())
    assert run.result["stop_reason"] == "todos_failed"
    assert run.todo("slugs")["stop_reason"] == "skipped"


def slug() -> dict[str, object]:
    """A coder's answer to `slugs` that is wrong."""
    text = 'def slugify(title: str) -> str:\n    """Wrong."""\n    if not title.strip("!"):\n        raise ValueError\n'
    return coder(text + '    return "x"\n', "slugs", "textlib/slugs.py")


def after_counts(entries: list[dict[str, object]]) -> list[dict[str, object]]:
    """The answers to `counts` under other names, for `summary`."""
    text = json.dumps(entries)
    for old, new in (
        ("contract_counts", "contract_summary"),
        ('"task_id": "counts"', '"task_id": "summary"'),
        ("count_words", "summarise"),
        ("textlib/counts.py", "textlib/summary.py"),
        ("textlib.counts", "textlib.summary"),
        ("test_counts", "test_summary"),
    ):
        text = text.replace(old, new)
    found: list[dict[str, object]] = json.loads(text)
    return found


def test_stop_ends_the_workflow(tmp_path: Path) -> None:
    run = given_up(tmp_path).go(Decision(type="reject", message="enough"))
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "stopped")
    assert (run.todo()["status"], run.todo()["stop_reason"]) == ("stopped", "stopped")
