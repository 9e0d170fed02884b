"""Merges the todos in dependency order and proves the merged tree with the whole suite once more."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.ending import ended
from nodes.merging import Merged, MergeTodo, merge_all, merge_id
from nodes.reopening import put_together
from nodes.suite import without_records
from nodes.task import as_json
from nodes.tester import failure as failed
from schemas.events import EventType
from schemas.ports import Change
from schemas.report import TestReport
from schemas.stops import WorkflowStop
from schemas.todo import TestCommand, TodoList
from schemas.validation import order
from settings import settings
from state.developer import DeveloperState, TodoResult
from state.todo import Failure
from tools import ledger
from tools.artifacts import GitStore, branch_name, open_repository
from tools.events import emit
from tools.sandbox.pool import sandbox
from tools.steps import working
from tools.verdict.pytest_run import PytestRun, Reading
from tools.verdict.reach import Judgement, readings
from tools.verdict.suite import Suite, is_test_file

REPORT = ".aidev/release/test_report.json"
RELEASE = "release"


def integrate(state: DeveloperState) -> dict[str, Any]:
    """The merged commit on the candidate branch, with the evidence of everything on top of it.

    What does not merge or pass together becomes a todo of its own; when that has failed too, the workflow ends.
    """
    mended = state["results"].get(merge_id(RELEASE))
    if mended and mended["status"] != "done":
        return given_up(state, mended)
    merged = Merged(mended["commit"]) if mended else merge(state)
    if merged.conflicts:
        return {"kept": put_together(state, RELEASE, order(plan_of(state)), merged)}
    store = open_repository(Path(state["repository"]))
    candidate = Candidate(state, store, merged.commit)
    with working("integrate", state["workflow_id"], "integrate/release", 1, "release"):
        evidence = store.made(candidate.change({})) or candidate.prove()
    report = TestReport.model_validate_json(store.read(evidence, REPORT) or b"")
    if report.status == "passed":
        return {"candidate": merged.commit, "candidate_evidence": evidence}
    if mended:
        return ended(state["workflow_id"], "failed", "release_failed", f"the merged tree ended with {report.status}")
    return {"kept": together(state, candidate, merged, evidence)}


def plan_of(state: DeveloperState) -> TodoList:
    """The plan."""
    return TodoList.model_validate(state["plan"])


def merge(state: DeveloperState) -> Merged:
    """Every todo merged into the base, in dependency order, after those that were put together before."""
    names = order(plan_of(state))
    before = [merge_id(name) for name in names if merge_id(name) in state["results"]]
    return merge_all(state, RELEASE, state["base"], [*before, *names])


def together(state: DeveloperState, candidate: "Candidate", merged: Merged, evidence: str) -> dict[str, Any]:
    """The todo that mends suites which pass alone and fail together."""
    names = ("test_report.json", "log.txt", "runs.json")
    found = {name: candidate.store.read(evidence, f".aidev/release/{name}") for name in names}
    report = TestReport.model_validate_json(found["test_report.json"] or b"")
    reports = {name: content for name, content in found.items() if content is not None}
    reports["test_report.json"] = as_json(report.model_copy(update={"task_id": merge_id(RELEASE)}))
    todo = MergeTodo(state, RELEASE, order(plan_of(state)), merged)
    failure: Failure = failed(report) or {"failure_class": None, "role": "tester", "summary": report.status}
    return {todo.id: todo.start(failure, reports)}


def given_up(state: DeveloperState, mended: TodoResult) -> dict[str, Any]:
    """The end of a workflow whose todos could not be put together."""
    conflict = mended["reason"].startswith("merge_conflict")
    reasons: dict[str, WorkflowStop] = {"stopped": "stopped", "tampering": "tampering", "budget": "budget"}
    stop = reasons.get(mended["stop_reason"], "merge_conflict" if conflict else "release_failed")
    return ended(state["workflow_id"], "failed", stop, mended["reason"])


class Candidate:
    """The merged commit that is to become the release."""

    def __init__(self, state: DeveloperState, store: GitStore, commit: str) -> None:
        self.state, self.store, self.commit = state, store, commit
        self.plan = TodoList.model_validate(state["plan"])

    def change(self, files: Mapping[str, bytes]) -> Change:
        """The evidence commit."""
        branch = branch_name(self.state["workflow_id"], "candidate")
        return Change(
            branch=branch,
            parents=[self.commit],
            expected=self.store.resolve(branch),
            files=files,
            step="release/evidence",
            message="Evidence of the release and of every todo",
            date=self.state["created_at"],
            trailers={"Workflow": self.state["workflow_id"], "Role": "integrate"},
        )

    def prove(self) -> str:
        """Run the whole suite; commit its report beside those of the todos."""
        emit("test.started", self.state["workflow_id"], "integrate", step="release")
        limits = settings().model_copy(update={"mutation_sample": 0})
        verdict = Judgement(self.suite(), sandbox(), limits).reach("report_release")
        report = verdict.report
        files = {REPORT: as_json(report), ".aidev/release/log.txt": verdict.log.encode()}
        files[".aidev/release/runs.json"] = as_json([run.model_dump() for run in verdict.containers])
        event: EventType = "test.passed" if report.status == "passed" else "test.failed"
        counts = report.summary
        facts: dict[str, Any] = {"passed": counts.passed, "total": counts.total, "status": report.status}
        emit(event, self.state["workflow_id"], "integrate", step="release", **facts)
        return self.store.commit(self.change({**self.todo_evidence(), **files}))

    def suite(self) -> Suite:
        """All tests of all todos and of the base, and every acceptance command."""
        ours = set(self.store.changed(self.state["base"], self.commit))
        tree = without_records(self.store.contents(self.commit))
        tests = [path for path in tree if is_test_file(path)]
        by_todos = {path for record in self.records("sealed.json") for path in record}
        sealed = {path: tree[path].decode() for path in tests if path in by_todos}
        reds = self.records("red.json")
        passing = self.passing_before([path for path in tests if path not in ours])
        units = [path for path in tests if path not in sealed and (path in ours or path in passing)]
        criteria = [item.acceptance_criteria for item in self.plan.items if item.acceptance_criteria]
        commands: dict[str, TestCommand] = {test.cmd: test for part in criteria for test in part.tests}
        return Suite(
            task_id="release",
            workflow_id=self.state["workflow_id"],
            tree=tree,
            sealed=sealed,
            expected=[name for red in reds for name in red.get("collected", [])],
            replaced=[name for red in reds for name in red.get("replaced", [])],
            units=units,
            apart=units,
            own=[path for path in tree if path in ours and path.endswith(".py") and path not in tests],
            commands=list(commands.values()),
            seconds=settings().sandbox_timeout,
        )

    def records(self, name: str) -> list[dict[str, Any]]:
        """This record of every todo."""
        found = [
            self.store.read(result["evidence"], f".aidev/{task_id}/{name}")
            for task_id, result in self.state["results"].items()
        ]
        return [json.loads(content) for content in found if content]

    def passing_before(self, theirs: list[str]) -> set[str]:
        """Test files of the base that pass there: what already failed is not this workflow's to mend."""
        if not theirs:
            return set()
        tree = without_records(self.store.contents(self.state["base"]))
        suite = Suite("base", self.state["workflow_id"], tree, {}, seconds=settings().sandbox_timeout)
        run = PytestRun([*theirs, "--continue-on-collection-errors"], suite.limit, coverage=False)
        (reading,) = readings(Judgement(suite, sandbox(), settings()), None, [run]) or [Reading("missing")]
        bad = {test.test_name.split("::")[0] for test in reading.tests if test.status in ("failed", "error")}
        return {test.test_name.split("::")[0] for test in reading.tests} - bad

    def todo_evidence(self) -> dict[str, bytes]:
        """The reports that stand on the todo branches."""
        files = {}
        for task_id, result in self.state["results"].items():
            for path in self.store.files(result["evidence"], f".aidev/{task_id}/"):
                files[path] = self.store.read(result["evidence"], path) or b""
        return files


def release_facts(state: DeveloperState) -> dict[str, Any]:
    """What a person needs to judge a release: changes, evidence, cost."""
    store = open_repository(Path(state["repository"]))
    report = TestReport.model_validate_json(store.read(state["candidate_evidence"], REPORT) or b"")
    changed = store.changed(state["base"], state["candidate"])
    lines = store.diff(state["base"], state["candidate"]).splitlines()
    totals = ledger.totals(state["workflow_id"])
    added = sum(line.startswith("+") and not line.startswith("+++") for line in lines)
    removed = sum(line.startswith("-") and not line.startswith("---") for line in lines)
    coverage = f"{report.coverage.line_rate:.0%} of lines" if report.coverage else "not measured"
    return {
        "commit": state["candidate"],
        "repo": state["repository"],
        "files_changed": len(changed),
        "lines_added": added,
        "lines_removed": removed,
        "tests_passed": report.summary.passed,
        "tests_total": report.summary.total,
        "coverage": coverage,
        "cost_usd": float(totals.cost_usd),
        "model_calls": totals.model_calls,
        "summary": (
            f"{len(changed)} files, +{added} −{removed} lines; "
            f"{report.summary.passed} of {report.summary.total} checks passed on the merged tree, coverage {coverage}; "
            f"{totals.model_calls} model calls, {totals.cost_usd:.4f} USD"
        ),
    }
