"""Held-back cases of the offline architect: sound, and what the reference implementation does."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nodes.cases import case_faults
from schemas.cases import Case
from tests.tools.models.offline.writer_samples import SPECS, whole_tree, write
from tools.market_data import daily_bars
from tools.models.offline.contracts import contract
from tools.models.offline.held_back import CASES, PRICES, other_market
from tools.models.offline.steps import STEPS
from tools.verdict.evaluation import Answer
from tools.verdict.held_back import evaluations, fault

INSIDE = Path(__file__).parents[4] / "tools/sandbox/inside"
STEP_IDS = [step.id for step in STEPS]
EVALUATE = """
import json, sys
from aidev_cases import evaluate
told = json.load(sys.stdin)
print(json.dumps([evaluate(told["modules"], each) for each in told["evaluations"]]))
"""


def cases(name: str, step: str) -> list[Case]:
    return CASES[step](SPECS[name])


def answers(folder: Path, asked: list[Case], modules: list[str]) -> list[Answer]:
    """What the code in a folder answers, from a process of its own."""
    evaluated = [{"expression": each.expression, "names": dict(each.names)} for _, each in evaluations(asked)]
    done = subprocess.run(
        [sys.executable, "-c", EVALUATE],
        cwd=folder,
        input=json.dumps({"modules": modules, "evaluations": evaluated}),
        env={**os.environ, "PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    return [Answer(each.get("value"), each.get("raised", ()), each.get("message", "")) for each in told]


@pytest.mark.parametrize("step", STEP_IDS)
@pytest.mark.parametrize("name", SPECS)
def test_cases_are_without_fault_and_speak_of_every_function(name: str, step: str) -> None:
    agreed = contract(step, step, SPECS[name], "1.0.0", "")
    found = cases(name, step)
    assert found and case_faults(agreed, found) == []


@pytest.mark.parametrize("name", ["macd_trend", "everything", "patterns", "slow_trend"])
def test_the_reference_implementation_agrees(name: str, tmp_path: Path) -> None:
    folder = write(whole_tree(SPECS[name]), tmp_path)
    modules = list(dict.fromkeys(m for step in STEP_IDS for m in modules_of(name, step)))
    asked = [case for step in STEP_IDS for case in cases(name, step)]
    wrong = [
        f"{case.call[:80]}: {fault(case, answer, None)}"
        for case, answer in zip(asked, answers(folder, asked, modules), strict=True)
        if fault(case, answer, None)
    ]
    assert wrong == []


def modules_of(name: str, step: str) -> list[str]:
    return [each.module or "" for each in contract(step, step, SPECS[name], "1.0.0", "").interfaces]


def test_code_that_knows_the_visible_data_only_disagrees(tmp_path: Path) -> None:
    folder = write(whole_tree(SPECS["macd_trend"]), tmp_path)
    (folder / "ai_strategy_entry.py").write_text("def should_enter(bar, indicators, position): return False\n")
    asked = cases("macd_trend", "t3_entry_conditions")
    found = answers(folder, asked, ["ai_strategy_entry.py"])
    wrong = [case for case, answer in zip(asked, found, strict=True) if fault(case, answer, None)]
    assert wrong and all(case.returns == "True" for case in wrong)


@pytest.mark.parametrize("name", SPECS)
def test_both_results_of_a_rule_are_asked_for(name: str) -> None:
    assert {case.returns for case in cases(name, "t3_entry_conditions")} == {"True", "False"}
    leaves = {case.returns for case in cases(name, "t4_exit_conditions") if case.call.startswith("exit_reason")}
    assert "None" in leaves and len(leaves) > 1


def test_the_other_market_is_as_real_and_not_the_sample() -> None:
    market, bars = other_market(), daily_bars()
    assert len(market) == len(bars) and not (market["Close"] == bars["Close"]).any()
    highest, lowest = market[["Open", "Close"]].max(axis=1), market[["Open", "Close"]].min(axis=1)
    assert (market["High"] >= highest).all() and (market["Low"] <= lowest).all() and (market["Low"] > 0).all()
    assert set(PRICES) <= set(market.columns) and market["Date"].is_monotonic_increasing


def test_no_case_shows_what_the_sealed_fixtures_show() -> None:
    tree = whole_tree(SPECS["macd_trend"])
    visible = "\n".join(text for path, text in tree.items() if path.startswith("tests/"))
    for step in STEP_IDS[1:]:
        assert not any(case.call in visible for case in cases("macd_trend", step))
