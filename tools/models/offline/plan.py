"""The planner's answer: the four-step template, filled with what this strategy does."""

import re

from schemas.answers import PlanAnswer, PlannedItem
from schemas.errors import UnreadableRequest
from schemas.todo import AcceptanceCriteria, Metrics, TestCommand
from tools.market_data import daily_bars
from tools.models.offline.code import indicator_files
from tools.models.offline.reader import describe_exits, describe_rule, indicators_of, patterns_of, read_strategy
from tools.models.offline.reference import shortest_history
from tools.models.offline.spec import StrategySpec
from tools.models.offline.steps import STEPS, Step, as_object
from tools.models.offline.strategy import fenced, label, labelled, with_remark
from tools.models.offline.table import columns


def plan(prompt: str) -> PlanAnswer:
    """The plan for a request, or for the plan before it with a person's remark."""
    try:
        spec = requested(prompt)
        refuse_silent(spec)
    except UnreadableRequest as error:
        return PlanAnswer(workflow_name="unreadable", kind="strategy", items=[], unreadable=fragment(error))
    name = f"{spec.side}_{spec.symbol.lower()}_strategy"
    return PlanAnswer(workflow_name=name, kind="strategy", items=[item(place, spec) for place in range(len(STEPS))])


def requested(prompt: str) -> StrategySpec:
    """What is to be planned."""
    remark = fenced(prompt, "remark")
    items = as_object(fenced(prompt, "previous_plan")).get("items") or [{}]
    spec = labelled(str(items[0].get("description", ""))) if remark else None
    spec = spec or read_strategy(fenced(prompt, "request"))
    return with_remark(spec, remark) if remark else spec


def refuse_silent(spec: StrategySpec) -> None:
    """Raises UnreadableRequest when an indicator never gets a value on the bars at hand."""
    bars = daily_bars()
    if shortest_history(indicators_of(spec), patterns_of(spec), bars) >= len(bars):
        raise UnreadableRequest(f"an indicator longer than the {len(bars)} daily bars at hand")


def fragment(error: UnreadableRequest) -> str:
    """What could not be read, and why, without the words around it."""
    found = re.fullmatch(r"Cannot read “(.*)”(?:: (.*)| as .*)\.", error.message, re.DOTALL)
    return error.message if not found else f"{found[1]} ({found[2]})" if found[2] else found[1]


def item(place: int, spec: StrategySpec) -> PlannedItem:
    """One todo of the template."""
    step = STEPS[place]
    outputs = artifacts(step, spec)
    return PlannedItem(
        id=step.id,
        title=step.title,
        description=f"{describe(step, spec)}\n\n{label(spec)}",
        agent_role="coder",
        acceptance_criteria=AcceptanceCriteria(
            tests=[TestCommand(cmd=f"python -m pytest -q tests/test_{step.id}.py", timeout_seconds=15)],
            expected_artifacts=outputs,
            metrics=Metrics(min_test_coverage=80, max_cyclomatic_complexity=10),
        ),
        priority=place + 1,
        dependencies=[STEPS[place - 1].id] if place else [],
        max_retries=3,
        timeout_seconds=300,
        input_artifacts=artifacts(STEPS[place - 1], spec) if place else [],
        output_artifacts=outputs,
        tags=["strategy", spec.side, spec.symbol],
    )


def artifacts(step: Step, spec: StrategySpec) -> list[str]:
    """The files that the step makes, tests apart."""
    if step.id == "t2_indicators":
        return sorted(path for path in indicator_files(spec) if not path.startswith("tests/"))
    return [step.artifact]


def describe(step: Step, spec: StrategySpec) -> str:
    """What the todo has to do, in a sentence or two."""
    names = ", ".join(columns(spec)) or "none beyond the bar's own prices"
    return {
        "t1_data_integration": "Implement `fetch_and_prepare_data(symbol: str, start: str, end: str) -> DataFrame` "
        f"with Date, Open, High, Low, Close and Volume: daily bars of {spec.symbol} from a data file, checked, at "
        "least 10 rows, without a network.",
        "t2_indicators": "Implement the indicators and candle patterns that the rules need, and "
        f"`compute_indicators(frame: DataFrame) -> DataFrame` with all their columns: {names}. Values as TA-Lib gives "
        "them, to 1e-9, warm-up included.",
        "t3_entry_conditions": f"Implement `should_enter(bar, indicators, position) -> bool`: go {spec.side} when "
        f"{describe_rule(spec.entry)}; never while a position is open.",
        "t4_exit_conditions": "Implement `should_exit(bar, indicators, position) -> bool` and `exit_reason(bar, "
        f"indicators, position) -> str | None` for the open {spec.side} position: {describe_exits(spec.exits)}.",
    }[step.id]
