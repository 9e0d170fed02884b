"""What OpenAPI shows of each answer."""

from typing import Any

from server.models import REQUEST

Shown = dict[str, Any]
ID = "d8040858-3a0c-4c55-9d0e-6f0b5c1f7a21"
AT = "2026-11-25T08:58:03.818332Z"
BRANCH = f"ai/generated/{ID}"
COMMIT = "f58e2d2587ebd70599435ff4314bf4dd394e7c90"
ITEM: Shown = {
    "id": "t1_data_integration",
    "title": "Data loading integration",
    "description": "fetch_and_prepare_data(symbol, start, end) -> DataFrame, from local data alone.",
    "agent_role": "coder",
    "acceptance_criteria": {"tests": [{"cmd": "python -m pytest -q tests/test_t1_data_integration.py"}]},
    "priority": 1,
    "max_retries": 3,
    "output_artifacts": ["backtesting_adapter.py"],
}
STARTED: Shown = dict(
    workflow_id=ID,
    status="running",
    links={
        "status": f"/orchestrator/status/{ID}",
        "events": f"/orchestrator/events/{ID}",
        "page": f"/app/workflows/{ID}",
    },
)
PLANNED: Shown = dict(
    todo_list_id="plan_d8040858_1",
    workflow_id=ID,
    todo_list={
        "todo_list_id": "plan_d8040858_1",
        "workflow_name": "long_goog_strategy",
        "created_at": "2026-11-25T08:58:03Z",
        "items": [ITEM],
    },
)
KEPT: Shown = dict(todo_list_id="my_list_1")
TODO_LIST_ENTRY: Shown = dict(
    todo_list_id="plan_d8040858_1", workflow_name="long_goog_strategy", todos=4, created_by="maria", created_at=AT
)
WORKFLOW_ENTRY: Shown = dict(
    workflow_id=ID,
    graph="developer",
    request=REQUEST,
    status="waiting",
    stop_reason=None,
    reason=None,
    model="offline",
    created_at=AT,
    updated_at=AT,
    questions=1,
    cost_usd=0.0,
)
QUESTION: Shown = dict(
    interrupt_id="1512c0966a3dbb2f1c1cbb05a4f7d1ce",
    name="approve_release",
    task_id=None,
    asked_at=AT,
    payload={
        "action_requests": [{"name": "approve_release", "args": {}, "description": "4 todos done"}],
        "review_configs": [{"allowed_decisions": ["approve", "reject"]}],
        "artifact_hash": "7f0f6f5b1d3c",
    },
)
APPROVAL: Shown = dict(
    interrupt_id="1512c0966a3dbb2f1c1cbb05a4f7d1ce",
    name="approve_plan",
    task_id=None,
    decision="approve",
    message="",
    by="maria",
    at=AT,
)
TODO: Shown = dict(
    id="t1_data_integration",
    title="Data loading integration",
    status="done",
    stop_reason="passed",
    reason="",
    branch=f"{BRANCH}/t1_data_integration",
    commit=COMMIT,
    attempts=1,
    test_report={"report_id": "report_t1_data_integration_1", "status": "passed"},
    branch_todos=[],
)
STATUS: Shown = dict(
    workflow_id=ID,
    graph="developer",
    request=REQUEST,
    model="offline",
    status="waiting",
    stop_reason=None,
    reason=None,
    repo="/home/maria/project",
    release_branch=None,
    plan=None,
    todos=[TODO],
    questions=[QUESTION],
    approvals=[APPROVAL],
    budget={"usd": 2.0, "tokens": None, "calls": None, "seconds": None},
    cost_usd=0.0,
    model_calls=9,
    tokens=0,
    seconds=37.086,
    created_at=AT,
    updated_at=AT,
)
ANSWERED: Shown = dict(
    workflow_id=ID,
    interrupt_id="1512c0966a3dbb2f1c1cbb05a4f7d1ce",
    decision="approve",
    by="maria",
    status="running",
)
STANDING: Shown = dict(workflow_id=ID, status="cancelled")
ARTIFACTS: Shown = dict(
    branch=f"{BRANCH}/evidence", commit=COMMIT, files=[{"path": "ai_strategy_entry.py", "size": 871}]
)
EVIDENCE: Shown = dict(
    contract={"contract_id": "contract_counts", "version": "1.0.0"},
    red={"collected": ["tests/test_counts.py::test_no_words"]},
    mutants=[],
    runs=[{"container": "6ac200c65670", "ended": "finished"}],
    test_report={"report_id": "report_counts_1", "status": "passed"},
    build_report={"report_id": "build_counts_1", "findings": []},
    sealed={"tests/test_counts.py": "98e4d49ebd6f"},
    held_back=[],
    log="container 6ac200c65670 ended: finished after 0.84 s",
    branch_todos=[],
    diagnoses=[],
    diagnostics=[],
    failure_reports=[],
)
AGENT_STATUS: Shown = dict(
    role="coder",
    status="busy",
    tasks=[{"workflow_id": ID, "task_id": "t1_data_integration"}],
    model_calls=5,
    failed_calls=0,
    cost_usd=0.0,
    last_seen=AT,
)
HEALTH: Shown = dict(status="ok", checks={"database": "ok", "sandbox": "ok", "graphs": "ok"})
