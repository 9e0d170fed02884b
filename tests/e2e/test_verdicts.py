"""Verdicts that nobody can talk into passing: empty tests, code that cheats, code that is right for show."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import Aidev, git
from tests.e2e.test_failures import WORDS, coder, library, script

COUNTS = "textlib/counts.py"


def counts(role: str) -> dict[str, Any]:
    """The scripted answer of a role to the todo `counts`."""
    found = next(one for one in library() if one["role"] == role and one["match"]["task_id"] == "counts")
    return deepcopy(found)


def plan() -> dict[str, Any]:
    """The todo `counts` alone."""
    answer = deepcopy(library()[0])
    answer["respond"]["items"] = [item for item in answer["respond"]["items"] if item["id"] == "counts"]
    return answer


def with_tests(text: str, **match: str) -> dict[str, Any]:
    """The architect's answer with other tests."""
    answer = counts("architect")
    answer["match"] |= match
    answer["respond"]["tests"][0]["content"] = text
    return answer


def version(answer: dict[str, Any], number: str, contains: str) -> dict[str, Any]:
    """A later version of the contract, answered when the prompt holds this."""
    answer["match"]["contains"] = contains
    answer["respond"]["contract"]["version"] = number
    return answer


def branches(ended: Any) -> list[tuple[str, str, str]]:
    """Class, route and status of the branch todos."""
    (todo,) = ended.result["todos"]
    return [(entry["failure_class"], entry["route"], entry["status"]) for entry in todo["branch_todos"]]


CLOCK = '''
"""Word counts."""

import json
import re
from collections import Counter
from typing import Any


def _named(*letters: int) -> str:
    return "".join(map(chr, letters))


def _loaded() -> Any:
    codecs = getattr(json, _named(99, 111, 100, 101, 99, 115))
    return getattr(getattr(codecs, _named(115, 121, 115)), _named(109, 111, 100, 117, 108, 101, 115))


def count_words(text: str) -> dict[str, int]:
    """How often each word stands in a text, lower-cased."""
    setattr(_loaded()[_named(116, 105, 109, 101)], _named(116, 105, 109, 101), float)
    return dict(Counter(re.findall(r"\\w+", text.lower())))
'''


def test_a_coder_that_cheats_stops_the_workflow(aidev: Aidev, tmp_path: Path) -> None:
    entries = [plan(), counts("architect"), coder("counts", COUNTS, CLOCK)]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 1, ended.err
    assert ended.result["status"] == "failed"
    assert ended.result["stop_reason"] == "tampering"
    (todo,) = ended.result["todos"]
    assert todo["status"] == "stopped"
    assert branches(ended) == [("tampering", "tester", "exhausted")]
    (trap,) = [test for test in todo["test_report"]["test_results"] if test["test_name"].startswith("trap: ")]
    assert (trap["test_name"], trap["status"]) == ("trap: replaced", "failed")
    assert "time.time" in trap["message"]
    branch = f"{todo['branch']}_branch_01"
    diagnosis = git(ended.result["repo"], "show", f"{branch}:.aidev/counts_branch_01/diagnosis.json")
    assert "trap: replaced" in diagnosis
    shown = aidev("show", ended.result["workflow_id"])
    assert "tampering" in shown.out


NOTHING = "from textlib.counts import count_words\n\n\ndef test_nothing():\n    assert count_words\n"


@pytest.mark.parametrize("proof", ["def test_nothing():\n    assert True\n", NOTHING])
def test_tests_that_prove_nothing_go_back_to_the_architect(aidev: Aidev, tmp_path: Path, proof: str) -> None:
    better = version(counts("architect"), "1.0.1", "proves nothing")
    entries = [plan(), with_tests(proof), better, counts("coder")]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 0, ended.err
    assert branches(ended) == [("weak_tests", "architect", "resolved")]


WEAK = "from textlib.counts import count_words\n\n\ndef test_words():\n    assert set(count_words('1')) == {'1'}\n"
IN_A_LOOP = '''
"""Word counts."""

import re


def count_words(text: str) -> dict[str, int]:
    """How often each word stands in a text, lower-cased."""
    counts: dict[str, int] = {}
    for word in re.findall(r"\\w+", text.lower()):
        counts[word] = counts.get(word, 0) + 1
    return counts
'''


def test_tests_that_notice_no_mutant_are_strengthened(aidev: Aidev, tmp_path: Path) -> None:
    better = version(counts("architect"), "1.0.1", "text.upper()")
    entries = [plan(), with_tests(WEAK), coder("counts", COUNTS, IN_A_LOOP), better]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 0, ended.err
    assert branches(ended) == [("weak_tests", "architect", "resolved")]
    report = ended.result["todos"][0]["test_report"]
    (score,) = [test for test in report["test_results"] if test["test_name"] == "metric: mutation_score"]
    assert score["message"].startswith("4 of 4 mutants noticed")


def test_mutants_are_off_with_one_setting(aidev: Aidev, tmp_path: Path) -> None:
    entries = [plan(), with_tests(WEAK), coder("counts", COUNTS, IN_A_LOOP)]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json", env={"MUTATION_SAMPLE": "0"})
    assert ended.code == 0, ended.err
    assert branches(ended) == []


FOR_SHOW = '''
"""Word counts."""


def count_words(text: str) -> dict[str, int]:
    """How often each word stands in a text, lower-cased."""
    return {"the": 2, "cat": 1, "and": 1, "hat": 1} if "hat" in text else {}
'''


def test_code_that_is_right_for_show_is_found_by_what_is_held_back(aidev: Aidev, tmp_path: Path) -> None:
    better = counts("coder")
    better["match"]["contains"] = "cases that are kept back do not"
    entries = [plan(), counts("architect"), coder("counts", COUNTS, FOR_SHOW), better]
    ended = aidev("run", WORDS, "--model", script(tmp_path, entries), "--yes", "--json")
    assert ended.code == 0, ended.err
    assert branches(ended) == [("implementation_bug", "coder", "resolved")]
    repo, branch = ended.result["repo"], ended.result["todos"][0]["branch"]
    told = git(repo, "show", f"{branch}_branch_01:.aidev/counts_branch_01/diagnosis.json")
    assert "0 of 2 held-back cases agree" in told
    assert "fish" not in told
    kept = git(repo, "log", "--all", "-p", "--", ".aidev/counts/disagreeing.json")
    assert "fish" in kept
