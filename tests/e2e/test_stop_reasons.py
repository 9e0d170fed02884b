"""Every loop ends, for a reason that has a name, with the best attempt kept."""

from pathlib import Path

import pytest

from graph import driver
from schemas.decision import Decision
from tests.conftest import Configure
from tests.e2e.conftest import git
from tests.e2e.scripted import Entry, Scripted, approve, coder, counting, edit, given, plan, start

pytestmark = pytest.mark.usefixtures("quick")
EMPTY = counting("return {}")
UPPER = counting("return {word.upper(): 1 for word in text.split()}")
SPACES = '''"""Word counts."""

from collections import Counter


def count_words(text: str) -> dict[str, int]:
    """How often each word stands in a text; wrong where there are only commas."""
    return dict(Counter(text.lower().split()))
'''


def tried(folder: Path, *codes: str, **item: object) -> Scripted:
    """The todo `counts`, whose coder answers these one after the other."""
    answers = [coder(code) for code in codes]
    return start(folder, [plan("counts", **item), given("architect"), *answers]).go()


def ended(run: Scripted) -> tuple[str, int, int]:
    """Why the todo ended, debug attempts, and the number of the best attempt."""
    todo, shown = run.todo(), run.shown["outcome"]["todos"][0]
    (branch,) = todo["branch_todos"]
    assert branch["stop_reason"] == todo["stop_reason"]
    assert (branch["status"], todo["status"]) == ("exhausted", "failed")
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "todos_failed")
    assert run.result["reason"].startswith("counts: implementation_bug: ")
    (report,) = shown["failure_reports"]
    assert report["stop_reason"] == todo["stop_reason"]
    assert [one["number"] for one in report["tried"]] == list(range(1, branch["attempts"] + 2))
    return todo["stop_reason"], branch["attempts"], report["best"]["number"]


def test_the_same_answer_again_is_repetition(tmp_path: Path) -> None:
    assert ended(tried(tmp_path, EMPTY, EMPTY)) == ("repetition", 1, 2)


def unused(module: str) -> str:
    """Code that a gate refuses."""
    return counting("return {}").replace("\n\n\n", f"\n\nimport {module}\n\n\n")


def test_two_answers_in_turn_are_repetition(tmp_path: Path, configure: Configure) -> None:
    configure(NO_PROGRESS=5)
    codes = [unused("json"), unused("math")] * 2
    assert ended(tried(tmp_path, *codes, max_debug_attempts=9, max_retries=9)) == ("repetition", 3, 4)


def test_other_answers_that_mend_nothing_are_no_progress(tmp_path: Path) -> None:
    codes = [unused(name) for name in ("json", "math", "string")]
    assert ended(tried(tmp_path, *codes)) == ("no_progress", 2, 3)


def test_a_climb_goes_on_until_the_attempts_are_used_up(tmp_path: Path) -> None:
    run = tried(tmp_path, UPPER, SPACES, max_debug_attempts=1)
    assert ended(run) == ("attempts", 1, 2)


def test_a_worse_attempt_is_taken_back(tmp_path: Path) -> None:
    run = tried(tmp_path, SPACES, UPPER, max_debug_attempts=1)
    assert ended(run) == ("attempts", 1, 1)
    todo = run.todo()
    kept = git(run.result["repo"], "show", f"{todo['branch']}:textlib/counts.py")
    assert kept == git(run.result["repo"], "show", f"{todo['commit']}:textlib/counts.py") == SPACES
    worse = run.shown["outcome"]["todos"][0]["failure_reports"][0]["tried"][1]["commit"]
    on_branch = git(run.result["repo"], "log", "--format=%H", f"{todo['branch']}_branch_01")
    assert worse in on_branch


def test_after_a_worse_attempt_the_better_one_is_mended(tmp_path: Path) -> None:
    right = given("coder", contains="made it worse")
    run = start(tmp_path, [plan("counts"), given("architect"), coder(SPACES), coder(UPPER), right]).go()
    assert run.result["status"] == "completed", run.result
    assert run.branches() == [("implementation_bug", "coder", "resolved")]


@pytest.mark.parametrize(
    ("setting", "item", "reason"),
    [
        ({"MAX_BRANCH_ATTEMPTS": 1}, {}, "ceiling"),
        ({"BRANCH_TIMEOUT": 1}, {}, "branch_time"),
        ({}, {"max_retries": 0}, "attempts"),
    ],
)
def test_limits(
    tmp_path: Path, configure: Configure, setting: dict[str, int], item: dict[str, int], reason: str
) -> None:
    configure(**setting)
    found, attempts, _ = ended(tried(tmp_path, UPPER, EMPTY, **item))
    assert (found, attempts) == (reason, 0 if item else 1)


def test_a_todo_has_its_time(tmp_path: Path) -> None:
    criteria = {"tests": [{"cmd": "python -m pytest -q tests/test_counts.py", "timeout_seconds": 3}]}
    run = tried(tmp_path, EMPTY, timeout_seconds=3, acceptance_criteria=criteria)
    assert run.todo()["stop_reason"] == "time"


def test_no_usable_answer_costs_no_attempt_and_waits(tmp_path: Path, configure: Configure) -> None:
    configure(ANSWER_TRIES=1)
    broken: list[Entry] = [{"role": "coder", "error": name} for name in ("malformed", "truncated", "safety")]
    run = start(tmp_path, [plan("counts"), given("architect"), *broken, given("coder")]).go()
    assert run.result["status"] == "waiting"
    assert run.question["name"] == "surroundings"
    assert run.question["args"]["failure_class"] == "model_output"
    run.go(approve())
    assert run.result["status"] == "completed", run.result
    assert run.branches() == [("model_output", "coder", "resolved")]
    assert run.todo()["branch_todos"][0]["attempts"] == 0


def test_surroundings_that_fail_cost_no_attempt_and_wait(tmp_path: Path, configure: Configure) -> None:
    configure(SANDBOX_IMAGE="aidev-nowhere:1", SURROUNDINGS_TRIES=1)
    run = start(tmp_path, [plan("counts"), given("architect"), given("coder")]).go()
    assert run.question["args"]["failure_class"] == "infrastructure"
    assert run.question["args"]["step"] == "red"
    assert sum(event["event_type"] == "task.retrying" for event in run.shown["events"]) == 1
    configure(SANDBOX_IMAGE="")
    run.go()
    assert run.result["status"] == "completed", run.result
    assert run.todo()["branch_todos"][0]["attempts"] == 0


def test_a_budget_that_ends_waits_for_more_even_when_nobody_is_asked(tmp_path: Path) -> None:
    run = start(tmp_path, [plan("counts"), given("architect"), given("coder")], budget_calls=1).go()
    assert (run.result["status"], run.question["name"]) == ("waiting", "raise_budget")
    assert run.question["args"] == {"scope": "workflow", "kind": "calls", "cap": 1, "new_cap": 10, "spent": 1.0}
    run.go(edit(new_cap=2))
    assert run.question["args"]["cap"] == 2
    driver.raise_budget(run.workflow_id, calls=3)
    run.go()
    assert (run.result["status"], run.result["model_calls"]) == ("completed", 3)
    assert run.todo()["branch_todos"] == []
    warned = [event["data"]["warning"] for event in run.shown["events"] if "warning" in event["data"]]
    assert len(warned) == 3


def test_a_budget_of_a_todo_that_is_not_raised_stops_the_work(tmp_path: Path, configure: Configure) -> None:
    configure(TODO_BUDGET_CALLS=1)
    run = start(tmp_path, [plan("counts"), given("architect")]).go()
    assert run.question["args"]["scope"] == "counts"
    run.go(Decision(type="reject"))
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "budget")
    assert run.todo()["stop_reason"] == "budget"


def test_a_budget_for_planning(tmp_path: Path) -> None:
    run = start(tmp_path, [plan("counts")], budget_calls=0).go()
    assert run.question["name"] == "raise_budget"
    run.go(Decision(type="reject"))
    assert (run.result["status"], run.result["stop_reason"]) == ("failed", "budget")
