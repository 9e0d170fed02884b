"""Plans that validate and are bad all the same: each fault is told, once, where it is."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from schemas.todo import TodoList
from schemas.validation import load_todo_list, todo_problems
from tests.tools.models.offline.writer_samples import SPECS
from tools.models.offline.plan import item as offline_item
from tools.models.offline.steps import STEPS
from tools.plan.faults import plan_faults

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "examples/sample_todo_list.json"
Plan = dict[str, Any]


def item(task_id: str, *artifacts: str, after: list[str] | None = None, **more: Any) -> dict[str, Any]:
    return {
        "id": task_id,
        "title": f"Build {task_id}",
        "description": f"It builds what {task_id} needs.",
        "agent_role": "coder",
        "acceptance_criteria": {"tests": [{"cmd": f"python -m pytest -q tests/test_{task_id}.py"}]},
        "priority": 1,
        "max_retries": 3,
        "dependencies": after or [],
        "output_artifacts": list(artifacts),
        **more,
    }


def plan(*items: dict[str, Any]) -> Plan:
    head = {"todo_list_id": "plan", "workflow_name": "w", "created_at": "2026-01-01T00:00:00Z"}
    return {**head, "items": list(items)}


def faults(document: Plan, present: tuple[str, ...] = (), kind: str = "general") -> list[str]:
    assert todo_problems(document) == []
    return plan_faults(TodoList.model_validate(document), present, kind)


def with_command(cmd: str, *artifacts: str, **more: Any) -> dict[str, Any]:
    """A todo with its sealed test, and another command after it."""
    todo = item("b", *(artifacts or ("b.py",)), after=["a"])
    todo["acceptance_criteria"]["tests"].append({"cmd": cmd, **more})
    return todo


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans without a fault."""
    items: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 5))):
        after = draw(st.lists(st.sampled_from([one["id"] for one in items]), unique=True)) if items else []
        task_id, files = f"t{number}", draw(st.sampled_from(["lib{}.py", "lib{}/", "lib{}/*.py", "lib{}/**/a.py"]))
        needs = [path for one in items if one["id"] in after for path in one["output_artifacts"]]
        todo = item(task_id, files.format(number), after=after, input_artifacts=[*needs, "README.md"])
        if draw(st.booleans()):
            todo["acceptance_criteria"]["tests"].append(
                {"cmd": f"python -m pytest -q tests && python -m lib{number}.a"}
            )
            todo["output_artifacts"].append(f"lib{number}/a.py")
        items.append(todo)
    return plan(*draw(st.permutations(items)))


@given(plans())
def test_a_good_plan_has_no_fault(document: Plan) -> None:
    assert faults(document, ("README.md",)) == []


def command(cmd: str) -> Callable[[dict[str, Any]], None]:
    return lambda todo: todo["acceptance_criteria"]["tests"].append({"cmd": cmd, "timeout_seconds": 1})


def change(**more: Any) -> Callable[[dict[str, Any]], None]:
    return lambda todo: todo.update(more)


SABOTAGES: dict[str, tuple[Callable[[dict[str, Any]], None], str, str]] = {
    "constant": (command("exit 0"), "acceptance_criteria.tests[-1].cmd", "ends the same way"),
    "swallowed": (command("python -m pytest || true"), "acceptance_criteria.tests[-1].cmd", "`||` hides"),
    "clock": (command("date && python -m pytest"), "acceptance_criteria.tests[-1].cmd", "reads the clock"),
    "nobody": (command("python nobody.py"), "acceptance_criteria.tests[-1].cmd", "nobody makes nobody.py"),
    "absolute": (command("python /opt/a.py"), "acceptance_criteria.tests[-1].cmd", "a place of one machine"),
    "self": (
        lambda todo: todo["output_artifacts"].append(f"tests/test_{todo['id']}.py"),
        "acceptance_criteria.tests",
        "none runs a test that the architect seals",
    ),
    "input": (change(input_artifacts=["nobody.csv"]), "input_artifacts[0]", "nobody makes nobody.csv"),
    "output": (
        lambda todo: todo["output_artifacts"].append("../a.py"),
        "output_artifacts[-1]",
        "has an empty part, `.` or `..`",
    ),
    "long": (change(timeout_seconds=3601), "timeout_seconds", "3600 s are the most"),
    "limit": (change(timeout_seconds=59), "acceptance_criteria.tests[0].timeout_seconds", "60 s are more than"),
    "expected": (change(expected_duration_seconds=301), "expected_duration_seconds", "301 s are more than"),
    "twin": (change(title="Build  T0!"), "title", "is that of items["),
}


@given(plans(), st.data())
@pytest.mark.parametrize("name", SABOTAGES)
def test_each_sabotage_is_the_one_fault(name: str, document: Plan, data: st.DataObject) -> None:
    sabotage, where, said = SABOTAGES[name]
    others = [place for place, one in enumerate(document["items"]) if one["id"] != "t0"]
    if name == "twin" and not others:
        document["items"].append(item("t9", "lib9.py"))
        others = [1]
    place = data.draw(st.sampled_from(others if name == "twin" else range(len(document["items"]))))
    todo = document["items"][place]
    if name in ("self", "limit"):
        del todo["acceptance_criteria"]["tests"][1:]
    sabotage(todo)
    last = len(todo["acceptance_criteria"]["tests"] if "tests" in where else todo["output_artifacts"]) - 1
    (fault,) = faults(document, ("README.md",))
    twins = [f"items[{number}].title: " for number in range(len(document["items"]))]
    expected = twins if name == "twin" else [f"items[{place}].{where.replace('-1', str(last))}: "]
    assert fault.startswith(tuple(expected))
    assert said in fault


@pytest.mark.parametrize(
    ("todo", "said"),
    [
        (with_command("python a.py"), ""),
        (with_command("python b.py"), ""),
        (with_command("python -m lib.tool fixtures/in.csv", "lib/", "fixtures/*.csv"), ""),
        (with_command("python old.py"), ""),
        (with_command("python -m pytest -q tests/test_a.py tests/test_old.py"), ""),
        (with_command("python tool.py", "deep/", working_dir="deep"), ""),
        (with_command("python b.py", fixture="old.py"), ""),
        (with_command("python c.py"), "cmd: c.py is made by c, which does not come before: add c to the dependencies"),
        (with_command("python -m pytest tests/test_c.py"), "cmd: tests/test_c.py is made by c"),
        (with_command("python tool.py", working_dir="nowhere"), "working_dir: nobody makes nowhere/"),
        (with_command("python b.py", working_dir="/tmp"), "working_dir: '/tmp': must be relative"),
        (with_command("python b.py", fixture="none.csv"), "fixture: nobody makes none.csv"),
        (with_command("python -m pytest tests/check_b.py"), "cmd: nobody makes tests/check_b.py"),
    ],
)
def test_the_files_of_a_command_come_from_somewhere(todo: dict[str, Any], said: str) -> None:
    found = faults(plan(item("a", "a.py"), todo, item("c", "c.py")), ("old.py", "tests/test_old.py"))
    assert len(found) == bool(said)
    assert all(fault.startswith(f"items[1].acceptance_criteria.tests[1].{said}") for fault in found)


def test_a_file_may_come_from_far_away() -> None:
    far = item("c", "c.py", after=["b"], input_artifacts=["a.py"])
    far["acceptance_criteria"]["tests"].append({"cmd": "python a.py"})
    assert faults(plan(item("a", "a.py"), item("b", "b.py", after=["a"]), far)) == []


def test_what_comes_later_is_left_out() -> None:
    todo = item("a", "a.py")
    todo["acceptance_criteria"]["tests"].append({"cmd": "python b.py"})
    (fault,) = faults(plan(todo, item("b", "b.py", after=["a"])))
    assert fault.endswith("b.py is made by b, which does not come before: leave it out")


@pytest.mark.parametrize(("after", "count"), [(["a"], 0), ([], 1)])
def test_what_another_todo_makes_needs_that_todo(after: list[str], count: int) -> None:
    found = faults(plan(item("a", "lib/*.py"), item("b", "b.py", after=after, input_artifacts=["lib/words.py"])))
    assert len(found) == count
    assert all("items[1].input_artifacts[0]: lib/words.py is made by a" in fault for fault in found)


@pytest.mark.parametrize(
    "cmd",
    [
        "python -m pytest -q tests/unit/test_b.py",
        "python tests/test_b.py",
        "python -m pytest -q tests/test_a.py",
        "python -m pytest -q tests/test_old.py",
        "test -f b.py",
    ],
)
def test_a_todo_without_a_sealed_test_of_its_own_is_told(cmd: str) -> None:
    todo = item("b", "b.py", after=["a"])
    todo["acceptance_criteria"]["tests"] = [{"cmd": cmd}]
    (fault,) = faults(plan(item("a", "a.py"), todo), ("tests/test_old.py",))
    assert "run `python -m pytest -q tests/test_b.py`" in fault


@pytest.mark.parametrize("cmd", ["python -m pytest", "pytest -q tests", "python -m pytest -x tests/ -k 'not slow'"])
def test_the_whole_suite_holds_the_sealed_tests(cmd: str) -> None:
    assert faults(plan(item("a", "a.py", acceptance_criteria={"tests": [{"cmd": cmd}]}))) == []


def test_a_test_file_is_sealed_for_one_todo() -> None:
    shared = {"tests": [{"cmd": "python -m pytest tests/test_all.py"}]}
    todos = [item(name, f"{name}.py", acceptance_criteria=shared) for name in ("a", "b")]
    (fault,) = faults(plan(*todos))
    assert "items[1].acceptance_criteria.tests[0].cmd: tests/test_all.py is made by a" in fault


def test_a_todo_makes_something() -> None:
    (fault,) = faults(plan(item("a")))
    assert fault == "items[0].output_artifacts: it makes nothing: declare the files that its coder writes"


def test_limits_together_fit_into_the_todo() -> None:
    todo = item("a", "a.py", timeout_seconds=100)
    todo["acceptance_criteria"]["tests"] *= 2
    (fault,) = faults(plan(todo))
    assert "items[0].timeout_seconds: the commands together may take 120 s, the todo 100 s" in fault


def test_the_sample_list_has_no_fault() -> None:
    assert plan_faults(load_todo_list(SAMPLE), [], "strategy") == []


def test_the_scripted_library_has_no_fault() -> None:
    answer = yaml.safe_load((ROOT / "examples/scripts/text_library.yaml").read_text())[0]["respond"]
    items = [{"priority": 1, "max_retries": 3, **one} for one in answer["items"]]
    assert faults(plan(*items)) == []


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_an_offline_plan_has_no_fault(spec: Any) -> None:
    items = [offline_item(place, spec).model_dump(mode="json", exclude_none=True) for place in range(len(STEPS))]
    assert faults(plan(*items), kind="strategy") == []


def without(place: int, name: str, value: Any) -> Plan:
    document: Plan = copy.deepcopy(json.loads(SAMPLE.read_text()))
    document["items"][place][name] = value
    return document


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (without(2, "id", "t3_enter"), "items: a strategy has exactly t1_data_integration, "),
        (without(3, "dependencies", ["t2_indicators", "t3_entry_conditions"]), ""),
        (without(0, "agent_role", "architect"), "items[0].agent_role: t1_data_integration is done by the coder"),
        (
            without(1, "output_artifacts", ["indicator_contract.json", "tools/rsi.py"]),
            "makes indicators/*.py: declare it",
        ),
    ],
)
def test_a_strategy_follows_the_template(document: Plan, said: str) -> None:
    if said.startswith("items: "):
        document["items"][3]["dependencies"] = ["t3_enter"]
    found = plan_faults(TodoList.model_validate(document), [], "strategy")
    assert bool(found) == bool(said)
    assert not said or said in "\n".join(found)


def test_the_steps_of_a_strategy_follow_each_other() -> None:
    document = without(3, "dependencies", ["t2_indicators"])
    document["items"][3]["input_artifacts"] = ["indicators/*.py"]
    assert plan_faults(TodoList.model_validate(document), [], "strategy") == [
        "items[3].dependencies: t4_exit_conditions must depend on t3_entry_conditions"
    ]
