"""The offline model in each role, asked as the nodes ask it."""

import json
from typing import Any, TypeVar

import pytest
from pydantic import BaseModel

from schemas.answers import ArchitectAnswer, CoderAnswer, DiagnosisAnswer, PlanAnswer, RepairAnswer
from schemas.errors import UnreadableRequest
from schemas.validation import todo_problems
from state.text import fence
from tools.models.offline.model import OfflineModel
from tools.models.offline.reader import read_strategy
from tools.models.offline.spec import Distance
from tools.models.offline.strategy import labelled

T = TypeVar("T", bound=BaseModel)
REQUEST = (
    "Go long when MACD crosses above its signal and close is above the 50-day EMA; "
    "exit when MACD crosses below, with a 2 ATR trailing stop"
)
RSI_REQUEST = "Buy when RSI(14) crosses above 30. Exit when RSI is above 70, with a 3% stop loss and a 6% take profit."
SCHEMAS: dict[str, type[BaseModel]] = {"architect": ArchitectAnswer, "coder": CoderAnswer}
IDS = ["t1_data_integration", "t2_indicators", "t3_entry_conditions", "t4_exit_conditions"]


def ask(role: str, schema: type[T], prompt: str, attempt: int = 1, faulty: bool = False) -> T:
    metadata = {"role": role, "task_id": "t", "attempt": attempt, "workflow_id": "w"}
    model = OfflineModel(faulty=faulty).with_structured_output(schema)
    answer = model.invoke(prompt, config={"metadata": metadata})
    assert isinstance(answer, schema)
    return answer


def planned(request: str, remark: str = "(none)", previous: PlanAnswer | None = None) -> PlanAnswer:
    before = previous.model_dump_json(exclude_none=True) if previous else "(none)"
    fences = [("request", request), ("remark", remark), ("previous_plan", before)]
    return ask("planner", PlanAnswer, "\n".join(fence(*parts) for parts in fences))


def todo_prompt(step: int, request: str = REQUEST, **more: str) -> str:
    """The prompt for a todo of the plan; the request stands only in the todo."""
    todo = planned(request).items[step].model_dump_json(exclude_none=True)
    return "\n".join(fence(name, value) for name, value in {"request": "(none)", "todo": todo, **more}.items())


def spec_of(plan: PlanAnswer) -> Any:
    return labelled(plan.items[0].description or "")


def test_plan_is_the_template() -> None:
    plan = planned(REQUEST)
    assert plan.kind == "strategy" and plan.unreadable is None
    assert [item.id for item in plan.items] == IDS
    assert [item.priority for item in plan.items] == [1, 2, 3, 4]
    assert [item.dependencies for item in plan.items] == [[], *([name] for name in IDS[:3])]
    for item in plan.items:
        assert item.acceptance_criteria is not None
        (test,) = item.acceptance_criteria.tests
        assert (test.cmd, test.timeout_seconds) == (f"python -m pytest -q tests/test_{item.id}.py", 15)
    whole = {
        "todo_list_id": "l",
        "workflow_name": plan.workflow_name,
        "created_at": "2026-01-01T00:00:00Z",
        "items": [item.model_dump(mode="json", exclude_none=True) for item in plan.items],
    }
    assert todo_problems(whole) == []


def test_every_todo_carries_the_strategy() -> None:
    for request in (REQUEST, RSI_REQUEST):
        for item in planned(request).items:
            assert labelled(item.description or "") == read_strategy(request)


def test_nonsense_is_named() -> None:
    plan = planned("make me rich")
    assert plan.items == [] and plan.unreadable and "rich" in plan.unreadable


@pytest.mark.parametrize(
    "request_text",
    [
        "Buy when RSI(1) is below 30, exit after 5 days",
        "Buy when close is above the 5000-day SMA, exit after 5 days",
        "Buy when MACD(26, 12, 9) crosses above its signal, exit after 5 days",
    ],
)
def test_what_cannot_be_built_is_refused(request_text: str) -> None:
    assert planned(request_text).unreadable


def test_a_remark_changes_one_exit() -> None:
    before = planned(RSI_REQUEST)
    after = spec_of(planned(RSI_REQUEST, "use a 5% stop loss instead", before))
    old = spec_of(before)
    assert after.exits.stop_loss == Distance(5, "percent")
    assert (after.exits.take_profit, after.exits.signal, after.entry) == (
        old.exits.take_profit,
        old.exits.signal,
        old.entry,
    )


def test_remarks_add_up() -> None:
    first = planned(RSI_REQUEST, "use a 5% stop loss instead", planned(RSI_REQUEST))
    second = spec_of(planned(RSI_REQUEST, "take profit at 10%", first))
    assert (second.exits.stop_loss, second.exits.take_profit) == (Distance(5, "percent"), Distance(10, "percent"))


def test_a_remark_may_change_the_entry_alone() -> None:
    after = spec_of(planned(RSI_REQUEST, "buy when RSI crosses above 25 instead", planned(RSI_REQUEST)))
    assert after.exits == read_strategy(RSI_REQUEST).exits
    assert after.entry == read_strategy(RSI_REQUEST.replace("30", "25")).entry


def test_a_remark_of_which_half_would_be_lost_is_refused() -> None:
    remark = "only when volume is above 1000000, with a 5% stop"
    assert "volume" in (planned(RSI_REQUEST, remark, planned(RSI_REQUEST)).unreadable or "")


def test_a_remark_may_be_a_whole_strategy() -> None:
    assert spec_of(planned(RSI_REQUEST, REQUEST, planned(RSI_REQUEST))) == read_strategy(REQUEST)


def test_a_remark_that_says_nothing_is_named() -> None:
    plan = planned(RSI_REQUEST, "make it prettier", planned(RSI_REQUEST))
    assert plan.items == [] and plan.unreadable and "prettier" in plan.unreadable


@pytest.mark.parametrize("step", range(4))
def test_architect_and_coder_write_the_step(step: int) -> None:
    design = ask("architect", ArchitectAnswer, todo_prompt(step))
    assert (design.contract.task_id, design.contract.version) == (IDS[step], "1.0.0")
    assert [file.path for file in design.tests] == [f"tests/test_{IDS[step]}.py"]
    assert all(file.path.startswith("fixtures/") for file in design.fixtures)
    assert design.documentation.startswith("# ")
    paths = {file.path for file in ask("coder", CoderAnswer, todo_prompt(step)).files}
    assert {interface.module for interface in design.contract.interfaces} <= paths
    assert any(path.startswith("tests/unit/test_") for path in paths)
    assert set(planned(REQUEST).items[step].output_artifacts) <= paths


def test_answers_are_the_same_each_time() -> None:
    model = OfflineModel()
    metadata = {"role": "architect", "task_id": IDS[1]}
    first, second = (model.invoke(todo_prompt(1), config={"metadata": metadata}).text for _ in range(2))
    assert first == second


def test_a_new_contract_has_a_higher_version() -> None:
    old = ask("architect", ArchitectAnswer, todo_prompt(2)).contract
    prompt = todo_prompt(2, contract=old.model_dump_json(exclude_none=True))
    assert ask("architect", ArchitectAnswer, prompt, attempt=2).contract.version == "1.0.1"


@pytest.mark.parametrize(("role", "step"), [("architect", 0), ("coder", 1), ("architect", 2), ("coder", 3)])
def test_faulty_errs_once(role: str, step: int) -> None:
    schema = SCHEMAS[role]
    right = ask(role, schema, todo_prompt(step))
    assert ask(role, schema, todo_prompt(step), attempt=1, faulty=True) != right
    assert ask(role, schema, todo_prompt(step), attempt=2, faulty=True) == right


@pytest.mark.parametrize(("role", "step"), [("coder", 0), ("architect", 1), ("coder", 2), ("architect", 3)])
def test_faulty_is_right_elsewhere(role: str, step: int) -> None:
    schema = SCHEMAS[role]
    assert ask(role, schema, todo_prompt(step), faulty=True) == ask(role, schema, todo_prompt(step))


def test_tester_gives_more_time_to_tests_that_were_slow_once_also_when_todos_are_put_together() -> None:
    diagnosis = '{"failure_class": "flaky_test", "explanation": "A limit ended the first run of these files, and not"}'
    together = f'<todo>\n{{"id": "release_merge"}}\n</todo>\n<diagnosis>\n{diagnosis}\n</diagnosis>'
    for prompt in (todo_prompt(0, diagnosis=diagnosis), together):
        assert ask("tester", RepairAnswer, prompt).timeout_seconds == 120


def test_tester_repairs_a_flaky_test() -> None:
    prompt = todo_prompt(0, diagnosis='{"failure_class": "flaky_test"}')
    repair = ask("tester", RepairAnswer, prompt, attempt=2, faulty=True)
    assert repair.tests == ask("architect", ArchitectAnswer, todo_prompt(0)).tests
    assert repair.hand_over is None and repair.timeout_seconds is None


def test_tester_hands_an_endless_loop_to_the_coder() -> None:
    def files(faulty: bool) -> str:
        return "\n".join(file.content for file in ask("coder", CoderAnswer, todo_prompt(3), faulty=faulty).files)

    diagnosis = '{"failure_class": "timeout"}'
    endless = ask("tester", RepairAnswer, todo_prompt(3, files=files(True), diagnosis=diagnosis))
    assert endless.hand_over == "coder" and endless.tests == []
    slow = ask("tester", RepairAnswer, todo_prompt(3, files=files(False), diagnosis=diagnosis))
    assert slow.hand_over is None and slow.timeout_seconds == 120


def test_debugger_cites_the_failure() -> None:
    failure = "test_values: failed\nE   AssertionError: 53.28 is not 85.49"
    diagnosis = ask("debugger", DiagnosisAnswer, todo_prompt(1, failure=failure))
    assert diagnosis.failure_class == "implementation_bug" and "53.28 is not 85.49" in diagnosis.explanation


def test_another_task_is_refused() -> None:
    todo = json.dumps({"id": "parse_logs", "output_artifacts": ["logs.py"]})
    with pytest.raises(UnreadableRequest, match="four steps"):
        ask("coder", CoderAnswer, fence("todo", todo))


def test_a_branch_todo_is_its_step() -> None:
    todo = planned(REQUEST).items[3].model_copy(update={"id": f"{IDS[3]}_branch_01"})
    answer = ask("coder", CoderAnswer, fence("todo", todo.model_dump_json(exclude_none=True)))
    assert "ai_strategy_exit.py" in {file.path for file in answer.files}
