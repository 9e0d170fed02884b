"""Merges the todos in dependency order and proves the merged tree with the whole suite once more."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nodes.ending import ended
from nodes.task import as_json
from nodes.tester import is_test_file
from schemas.errors import MergeConflict
from schemas.events import EventType
from schemas.ports import Change, Job
from schemas.report import TestReport
from schemas.todo import TestCommand, TodoList
from schemas.validation import order
from settings import settings
from state.developer import DeveloperState
from tools import ledger, verdict
from tools.artifacts import GitStore, branch_name, open_repository
from tools.events import emit
from tools.sandbox.docker import DockerSandbox

REPORT = ".aidev/release/test_report.json"


def integrate(state: DeveloperState) -> dict[str, Any]:
    """The merged commit on the candidate branch, with the evidence of everything on top of it."""
    store = open_repository(Path(state["repository"]))
    try:
        merged = merge(state, store)
        candidate = Candidate(state, store, merged)
        evidence = store.made(candidate.change({})) or candidate.prove()
    except MergeConflict as error:
        return ended(state["workflow_id"], "failed", f"merge conflict: {', '.join(error.paths)}")
    report = TestReport.model_validate_json(store.read(evidence, REPORT) or b"")
    update = {"candidate": merged, "candidate_evidence": evidence}
    if report.status != "passed":
        reason = f"the merged tree does not pass: {report.status}"
        return {**update, **ended(state["workflow_id"], "failed", reason)}
    return update


def merge(state: DeveloperState, store: GitStore) -> str:
    """Every todo merged into the base, in dependency order; the same commit each time."""
    commit = state["base"]
    plan = TodoList.model_validate(state["plan"])
    titles = {item.id: item.title for item in plan.items}
    for task_id in order(plan):
        theirs = state["results"][task_id]["commit"]
        trailers = {"Workflow": state["workflow_id"], "Task": task_id, "Role": "integrate"}
        message = f"Merge {task_id}: {titles[task_id]}"
        commit = store.merge(commit, theirs, f"release/{task_id}", message, state["created_at"], trailers)
    return commit


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
            expected=None,
            files=files,
            step="release/evidence",
            message="Evidence of the release and of every todo",
            date=self.state["created_at"],
            trailers={"Workflow": self.state["workflow_id"], "Role": "integrate"},
        )

    def prove(self) -> str:
        """Run the whole suite; commit its report beside those of the todos."""
        emit("test.started", self.state["workflow_id"], "integrate", step="release")
        suite = self.suite()
        job = Job(
            self.store.archive(self.commit),
            verdict.commands(suite),
            self.state["workflow_id"],
            "release",
            settings().sandbox_timeout,
        )
        outcome = DockerSandbox(settings()).run(job)
        report = verdict.judge(suite, outcome, "report_release")
        files = {REPORT: as_json(report), ".aidev/release/log.txt": verdict.log(outcome).encode()}
        event: EventType = "test.passed" if report.status == "passed" else "test.failed"
        counts = report.summary
        facts: dict[str, Any] = {"passed": counts.passed, "total": counts.total, "status": report.status}
        emit(event, self.state["workflow_id"], "integrate", step="release", **facts)
        return self.store.commit(self.change({**self.todo_evidence(), **files}))

    def suite(self) -> verdict.Suite:
        """All tests of all todos and of the base, and every acceptance command."""
        ours = set(self.store.changed(self.state["base"], self.commit))
        present = [path for path in self.store.files(self.commit) if path.endswith(".py")]
        tests = [path for path in present if is_test_file(path)]
        criteria = [item.acceptance_criteria for item in self.plan.items if item.acceptance_criteria]
        commands: dict[str, TestCommand] = {test.cmd: test for part in criteria for test in part.tests}
        return verdict.Suite(
            task_id="release",
            paths=[path for path in tests if path in ours or path in self.passing_before(tests)],
            sealed={path: (self.store.read(self.commit, path) or b"").decode() for path in tests if path in ours},
            own=[path for path in present if path in ours and path not in tests],
            commands=list(commands.values()),
        )

    def passing_before(self, tests: list[str]) -> set[str]:
        """Test files of the base that pass there: what already failed is not this workflow's to mend."""
        base = set(self.store.files(self.state["base"]))
        theirs = [path for path in tests if path in base]
        if not theirs:
            return set()
        suite = verdict.Suite("base", [*theirs, "--continue-on-collection-errors"], {}, [])
        command = verdict.pytest_command(suite)
        archive = self.store.archive(self.state["base"])
        limit = settings().sandbox_timeout
        outcome = DockerSandbox(settings()).run(Job(archive, [command], self.state["workflow_id"], "base", limit))
        results = verdict.reported_tests(outcome.results[0] if outcome.results else None)
        bad = {test.test_name.split("::")[0] for test in results if test.status in ("failed", "error")}
        return {test.test_name.split("::")[0] for test in results} - bad

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
