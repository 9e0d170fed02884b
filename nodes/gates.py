"""The static gates: ruff, mypy, bandit, secrets and the contract, before anything runs."""

from collections import Counter
from typing import Any

from nodes.task import Task, as_json, timed
from schemas.finding import Finding
from state.todo import Failure, TodoState
from tools.gates import GATES, Ground, run_gates

CONFLICT = "conflict-marker"


@timed
def gates(state: TodoState) -> dict[str, Any]:
    """Judge the code without running it; the findings go into the build report."""
    task = Task(state)
    empty = task.evidence("gates", {})
    tip = task.store.made(empty) or report(task)
    findings = [Finding.model_validate(found) for found in task.record("build_report.json", tip)["findings"]]
    return {"tip": tip, "failure": failure(findings)}


def report(task: Task) -> str:
    """Run the gates and commit the build report."""
    head = task.state["head"]
    tree = {path: task.store.read(head, path) or b"" for path in task.store.files(head)}
    own = task.own_files
    contract = task.agreed
    before = {path: text for path in own if (text := task.store.read(task.state["base"], path)) is not None}
    findings = run_gates(tree, own, contract, task.criteria.metrics, Ground(before, task.seal))
    findings += [found for path in own for found in markers(path, tree[path])]
    build = {
        "report_id": f"build_{task.id}_{task.attempt}",
        "task_id": task.id,
        "attempt": task.attempt,
        "commit": head,
        "contract_version": contract.version,
        "files": {path: len(tree[path].splitlines()) for path in own},
        "gates": dict.fromkeys(GATES, 0) | Counter(found.gate for found in findings),
        "findings": [found.model_dump() for found in findings],
    }
    return task.commit(task.evidence("gates", {task.folder("build_report.json"): as_json(build)}))


def markers(path: str, content: bytes) -> list[Finding]:
    """What git leaves where two sides conflict."""
    return [
        Finding(gate="change", rule=CONFLICT, path=path, line=number, message="two versions stand here")
        for number, line in enumerate(content.split(b"\n"), 1)
        if line.startswith((b"<<<<<<< ", b">>>>>>> "))
    ]


def failure(findings: list[Finding]) -> Failure | None:
    """None when every gate is clean."""
    if not findings:
        return None
    contract = [found for found in findings if found.gate == "conformance" and found.rule != "raises"]
    conflicts = [found for found in findings if found.rule == CONFLICT]
    first = (conflicts or contract or findings)[0]
    return {
        "failure_class": "merge_conflict" if conflicts else "spec_mismatch" if contract else "implementation_bug",
        "role": "gates",
        "summary": f"{first.path}:{first.line}: {first.rule}: {first.message}"[:300],
    }
