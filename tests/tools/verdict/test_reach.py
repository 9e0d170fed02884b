"""Whole verdicts in real containers: honest answers pass, and nothing else does."""

import io
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from corpus.entries import entries
from schemas.cases import Case
from schemas.report import TestReport
from schemas.todo import Metrics, TestCommand, ValidationRule
from tests.proven import proven, without_mutants
from tests.tools.verdict.conftest import Judge, bad
from tests.tools.verdict.samples import outcome, result
from tools import triage
from tools.verdict.reach import Judgement, archive, without_tests
from tools.verdict.suite import Suite

ANSWERS = {entry.name: dict(entry.files) for entry in entries()}
HONEST = ANSWERS["words-counter"]
WORDS = HONEST["words.py"]


def status(report: TestReport) -> Mapping[str, str]:
    return {test.test_name: test.status for test in report.test_results}


@pytest.mark.parametrize(("task", "name"), [("words", "words-counter"), ("returns", "returns-pandas")])
def test_an_honest_answer_passes(judge: Judge, task: str, name: str) -> None:
    verdict = judge(task, ANSWERS[name])
    assert verdict.report.status == "passed", verdict.report
    assert set(proven(task)[1].expected) <= status(verdict.report).keys()
    assert status(verdict.report)["trap: none sprang"] == "passed"
    assert any(each.startswith("held-back: ") for each in status(verdict.report))
    assert verdict.report.coverage is not None and verdict.report.coverage.line_rate > 0.9
    assert not verdict.held_back and not verdict.survivors
    ran = [command.name for run in verdict.containers for command in run.commands]
    assert {"pytest", "held-back cases"} <= set(ran)
    assert all(run.ended == "finished" and not run.unfinished for run in verdict.containers)
    assert all(0 < each.memory_bytes < run.memory_limit_bytes for run in verdict.containers for each in run.commands)


def test_a_wrong_answer_fails_by_the_tests_that_it_misses(judge: Judge) -> None:
    wrong = WORDS.replace("word.lower()", "word")
    report = judge("words", {"words.py": wrong}).report
    assert report.status == "failed" and bad(report)
    assert all(name.startswith(("tests/test_words.py::", "command: ")) for name in bad(report))
    assert status(report)["tests/test_words.py::test_empty_text_has_no_words"] == "passed"
    assert triage.certain(report) is None


def test_code_that_cannot_be_imported_is_an_error_of_every_test(judge: Judge) -> None:
    report = judge("words", {"words.py": "raise RuntimeError('at import')\n"}).report
    assert report.status == "failed" and set(proven("words")[1].expected) <= set(bad(report))
    assert triage.certain(report) is None


PATCHES = """
import numpy as np
import codecs
loaded = getattr(getattr(codecs, "sys"), "modules")
loaded["numpy.testing"].assert_allclose = lambda *a, **k: None
loaded["pandas.testing"].assert_series_equal = lambda *a, **k: None
"""


def test_a_replaced_comparison_is_tampering(judge: Judge) -> None:
    report = judge("returns", {"returns.py": ANSWERS["returns-pandas"]["returns.py"] + PATCHES}).report
    assert triage.certain(report) == "tampering"
    (trap,) = [test for test in report.test_results if test.test_name == "trap: replaced"]
    assert "numpy.testing.assert_allclose" in str(trap.message)


FORGES = """
import atexit, pathlib
def forge():
    for path in pathlib.Path(".run").iterdir():
        path.write_bytes(path.read_bytes().replace(b'"failed"', b'"passed"'))
atexit.register(forge)
"""


def test_a_forged_report_is_tampering(judge: Judge) -> None:
    report = judge("words", {"words.py": WORDS + FORGES}).report
    assert triage.certain(report) == "tampering" and "trap: forged-report" in bad(report)


REPORTS_PASSED = """
from _pytest.reports import TestReport
made = TestReport.from_item_and_call
def passed(item, call):
    call.excinfo = None
    return made(item, call)
TestReport.from_item_and_call = passed
"""


def test_reporting_everything_as_passed_is_tampering(judge: Judge) -> None:
    report = judge("words", {"words.py": "def word_count(text):\n    return {}\n" + REPORTS_PASSED}).report
    assert triage.certain(report) == "tampering"
    assert {"trap: must-fail", "trap: exit-code", "trap: replaced"} <= set(bad(report))


EVERYTHING = """
class Everything(dict):
    def __eq__(self, other): return True
    def values(self): return [1, 2]
def word_count(text):
    if not isinstance(text, str):
        raise TypeError
    return Everything()
"""


def test_what_equals_everything_does_not_pass(judge: Judge) -> None:
    assert judge("words", {"words.py": EVERYTHING}).report.status == "failed"


@pytest.mark.parametrize(
    "end", ["import os\nos._exit(0)\n", "raise SystemExit(0)\n", "import os\nos.kill(os.getpid(), 9)\n"]
)
def test_ending_the_process_is_not_passed(judge: Judge, end: str) -> None:
    report = judge("words", {"words.py": end + WORDS}).report
    assert report.status in ("failed", "error") and set(proven("words")[1].expected) <= set(bad(report))


def test_ending_the_process_after_the_tests_is_not_passed(judge: Judge) -> None:
    ends = "import atexit, os\natexit.register(os._exit, 0)\n"
    assert judge("words", {"words.py": WORDS + ends}).report.status == "failed"


def test_endless_code_is_a_timeout(judge: Judge) -> None:
    report = judge("words", {"words.py": "while True:\n    pass\n"}, timeout=2).report
    assert report.status == "timeout" and triage.certain(report) == "timeout"


def test_special_cases_are_found_by_what_is_held_back_and_nothing_else(judge: Judge) -> None:
    entry = next(each for each in entries() if each.name == "table-of-the-visible-inputs")
    verdict = judge(entry.task, dict(entry.files))
    assert triage.only_held_back(verdict.report), bad(verdict.report)
    assert verdict.held_back and all(each["fault"] for each in verdict.held_back)
    told = "".join(str(test.message) for test in verdict.report.test_results if test.status != "passed")
    assert not any(str(each["call"]) in told for each in verdict.held_back)


def test_cases_are_not_run_when_a_visible_test_fails(judge: Judge) -> None:
    report = judge("words", {"words.py": "def word_count(text):\n    return {}\n"}).report
    assert not any(name.startswith("held-back: ") for name in status(report))


LEAKS = """
def word_count(text):
    if text == "secret":
        raise type("Asked_" + text, (Exception,), {})
    return visible(text)
"""


def test_the_code_cannot_tell_the_coder_what_was_asked(judge: Judge) -> None:
    leaky = WORDS.replace("def word_count", "def visible") + LEAKS
    cases = [Case(call="word_count('secret')", returns="{'secret': 1}")]
    verdict = judge("words", {"words.py": leaky}, suite={"held_back": cases})
    assert triage.only_held_back(verdict.report)
    assert "Asked_secret" not in verdict.report.model_dump_json()
    assert "Asked_secret" in str(verdict.held_back[0]["fault"])


WEAK = {"tests/test_a.py": "from a import f\n\n\ndef test_f() -> None:\n    assert f(1) is not None\n"}
CODE = "def f(x: int) -> int:\n    if x > 10:\n        return x + 1\n    return x - 1\n"


def own_suite(sealed: Mapping[str, str], code: str = CODE, **more: Any) -> Suite:
    """A suite of our own, whose code is a.py."""
    settings = "[tool.pytest.ini_options]\npythonpath = ['.']\naddopts = '--import-mode=importlib'\n"
    tree = {path: text.encode() for path, text in {**sealed, "a.py": code, "pyproject.toml": settings}.items()}
    return Suite("a", "w", tree, sealed, own=["a.py"], modules=["a.py"], seconds=60.0, **more)


def everything_of(suite: Suite) -> dict[str, Any]:
    """Its parts, in the place of the task's."""
    return {name: getattr(suite, name) for name in suite.__dataclass_fields__}


def test_weak_tests_fail_the_bar_and_the_survivors_are_named(judge: Judge) -> None:
    verdict = judge("words", {}, suite=everything_of(own_suite(WEAK)), mutation_sample=6)
    assert bad(verdict.report) == ["metric: mutation_score"]
    assert triage.certain(verdict.report) == "weak_tests"
    assert verdict.survivors and all(each.startswith("a.py: f\n@@") for each in verdict.survivors)
    assert any("x + 1" in each for each in verdict.survivors)


STRONG = "from a import f\n\n\ndef test_f() -> None:\n    assert [f(x) for x in (-1, 10, 11)] == [-2, 9, 12]\n"


def test_strong_tests_reach_the_bar(judge: Judge) -> None:
    suite = own_suite({"tests/test_a.py": STRONG})
    verdict = judge("words", {}, suite=everything_of(suite), mutation_sample=6)
    assert verdict.report.status == "passed", bad(verdict.report)
    assert status(verdict.report)["metric: mutation_score"] == "passed"


def test_no_sample_no_mutants(judge: Judge) -> None:
    verdict = judge("words", {}, suite=everything_of(own_suite(WEAK)), mutation_sample=0)
    assert verdict.report.status == "passed" and "metric: mutation_score" not in status(verdict.report)


def test_a_mutant_that_uses_up_the_memory_says_nothing_about_the_code() -> None:
    class Full:
        """A sandbox whose containers have no memory left for mutants."""

        def run(self, job: Any) -> Any:
            (command,) = job.commands
            (path,) = command.collect
            return outcome(result(0, {path: b'["killed", "killed"]'}), ended="out_of_memory")

    judgement = Judgement(own_suite(WEAK), Full(), without_mutants(mutation_sample=2))
    judgement.runs.append(result(1))
    judgement.mutants()
    assert not judgement.outcomes and [each.status for each in judgement.results] == ["passed"]


def test_a_loosened_limit_is_in_the_report(judge: Judge) -> None:
    report = judge("words", HONEST, sandbox_pids=500).report
    (told,) = [test for test in report.test_results if test.test_name.startswith("sandbox: ")]
    assert "SANDBOX_PIDS=500" in told.test_name and told.status == "passed" and report.status == "passed"


def test_commands_rules_and_bars_count(judge: Judge) -> None:
    commands = [TestCommand(cmd="test -f words.py"), TestCommand(cmd="exit 3", expected_exit_code=3)]
    rules = [ValidationRule(type="custom", command="echo said; false")]
    bars = Metrics(min_test_coverage=1, max_execution_time_ms=1)
    report = judge("words", HONEST, suite={"commands": commands, "rules": rules, "metrics": bars}).report
    assert bad(report) == ["custom: echo said; false", "metric: max_execution_time_ms"]
    (rule,) = [test for test in report.test_results if test.test_name.startswith("custom")]
    assert rule.stdout == "said\n" and rule.message == "exit code 1, expected 0"


UNITS = "from words import word_count\n\n\ndef test_own() -> None:\n    assert word_count('a') == {%s}\n"


@pytest.mark.parametrize(("counts", "passes"), [("'a': 1", True), ("'a': 2", False)])
def test_the_coder_s_own_tests_count(judge: Judge, counts: str, passes: bool) -> None:
    files = {**HONEST, "tests/unit/test_own.py": UNITS % counts}
    report = judge("words", files).report
    assert status(report)["tests/unit/test_own.py::test_own"] == ("passed" if passes else "failed")
    assert (report.status == "passed") is passes


def test_the_coder_s_tests_are_not_beside_the_sealed_ones(judge: Judge) -> None:
    conftest = "import words\nwords.word_count = lambda text: {}\n"
    report = judge("words", {**HONEST, "tests/conftest.py": conftest}).report
    assert all(state == "passed" for name, state in status(report).items() if name.startswith("tests/test_words.py"))


def test_each_command_finds_the_tree_as_it_was(judge: Judge) -> None:
    commands = [TestCommand(cmd="rm words.py"), TestCommand(cmd="test -f words.py && test ! -e .run")]
    assert judge("words", HONEST, suite={"commands": commands}).report.status == "passed"


def test_what_is_judged_without_tests_holds_none() -> None:
    tree = {"a.py": b"", "tests/test_a.py": b"", "a_test.py": b"", "tests/data.csv": b"", "tests/conftest.py": b""}
    assert list(without_tests(tree)) == ["a.py", "tests/data.csv", "tests/conftest.py"]


def test_an_archive_holds_plain_files() -> None:
    with tarfile.open(fileobj=io.BytesIO(archive({"a/b.py": b"1", "é" * 60 + ".py": b""}))) as tar:
        assert [(each.name, each.isreg(), each.mode) for each in tar] == [
            ("a/b.py", True, 0o644),
            ("é" * 60 + ".py", True, 0o644),
        ]


def test_a_test_that_was_not_expected_is_not_passed(judge: Judge) -> None:
    expected = [*proven("words")[1].expected, "tests/test_words.py::test_gone"]
    report = judge("words", HONEST, suite={"expected": expected}).report
    assert bad(report) == ["tests/test_words.py::test_gone"]
    assert bad(judge("words", HONEST, suite={"expected": expected[:1]}).report)


def test_replaced_on_the_stub_already_is_no_tampering(judge: Judge) -> None:
    sealed = {"tests/test_a.py": "import time\n\nfrom a import f\n\ntime.ctime = str\n\n\n" + STRONG.split("\n\n\n")[1]}
    suite = own_suite(sealed)
    assert "trap: replaced" in bad(judge("words", {}, suite=everything_of(suite)).report)
    known = replace(suite, replaced=["time.ctime"])
    assert judge("words", {}, suite=everything_of(known)).report.status == "passed"
