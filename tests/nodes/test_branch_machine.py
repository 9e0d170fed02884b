"""The branch graph itself, with its real debugger and a real repository, under random outcomes of the other roles."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langgraph._internal._runnable import RunnableCallable
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph
from langgraph.types import Command

from graph.branch import builder
from nodes.settle import settle
from nodes.task import Task, as_json
from schemas.stops import TodoStop
from state import workflows
from state.todo import TodoState
from tests.conftest import Configure
from tools.artifacts import create_repository

DATE = "2026-01-01T00:00:00+00:00"
CONTRACT = {"contract_id": "contract_t1", "task_id": "t1", "version": "1.0.0",
            "interfaces": [{"name": "f", "type": "function", "signature": "def f()", "module": "f.py"}]}  # fmt: skip
Outcome = tuple[str, int, str]
"""What the roles bring about: class ("" passes), number of findings, content of the file."""
outcomes = st.lists(
    st.tuples(
        st.sampled_from(["implementation_bug"] * 4 + ["spec_mismatch", "infrastructure", "model_output", ""]),
        st.integers(1, 4),
        st.sampled_from("abc"),
    ),
    min_size=30,
    max_size=30,
)


class Roles:
    """The other roles: each judgement ends as the next outcome says."""

    def __init__(self, script: list[Outcome]) -> None:
        self.script: Iterator[Outcome] = iter(script)
        self.now = next(self.script)

    def coder(self, state: TodoState) -> dict[str, Any]:
        """The next outcome; its file, or no usable answer."""
        self.now = next(self.script)
        if self.now[0] == "model_output":
            return failed("model_output", "coder")
        task = Task(state)
        commit = task.commit(task.change("coder", [state["head"]], {"f.py": self.now[2].encode()}, "code"))
        return {"head": commit, "tip": commit, "written": True, "failure": None}

    def architect(self, state: TodoState) -> dict[str, Any]:
        """The same, with tests of its own."""
        update = self.coder(state)
        return update if update["failure"] else {**update, "sealed": update["head"]}

    def gates(self, state: TodoState) -> dict[str, Any]:
        """Findings, as many as the outcome says."""
        cause, count, _ = self.now
        if cause in ("", "infrastructure", "model_output"):
            return {"failure": None}
        findings = [
            {"path": "f.py", "line": 1, "rule": f"R{one}", "message": "bad", "gate": "ruff"} for one in range(count)
        ]
        task = Task(state)
        files = {task.folder("build_report.json"): as_json({"findings": findings})}
        return {"tip": task.commit(task.evidence("gates", files)), **failed(cause, "gates")}

    def tester(self, _: TodoState) -> dict[str, Any]:
        """Passes, unless the engine is away."""
        cause = self.now[0]
        if cause == "infrastructure":
            self.now = next(self.script)
            return failed("infrastructure", "tester")
        return {"failure": None}

    def red(self, _: TodoState) -> dict[str, Any]:
        """Always proven."""
        return {"failure": None}


def failed(cause: str, role: str) -> dict[str, Any]:
    """A failure of this class."""
    return {"failure": {"failure_class": cause, "role": role, "summary": f"{cause} at {role}"}}


def machine(roles: Roles) -> Any:
    """The branch graph with these roles in place of those that ask a model or run code."""
    copy: StateGraph[Any, Any, Any, Any] = StateGraph(TodoState)
    copy.nodes, copy.edges, copy.branches = dict(builder.nodes), builder.edges, builder.branches
    for name in ("coder", "architect", "gates", "tester", "red"):
        step = RunnableCallable(getattr(roles, name), name=name)
        copy.nodes[name] = replace(builder.nodes[name], runnable=step)
    return copy.compile(checkpointer=InMemorySaver())


def begun(folder: Path, roles: Roles) -> TodoState:
    """A todo whose first try has just been judged."""
    workflow_id = str(uuid.uuid4())
    options: Any = {"model": "offline", "budget_usd": None, "auto_approve": True}
    workflows.create(workflow_id, {"request": "Build it"}, options)
    store = create_repository(folder / workflow_id, "Build it", DATE)
    todo = {"id": "t1", "title": "A todo", "description": "Something to do", "agent_role": "coder", "priority": 1,
            "acceptance_criteria": {"tests": [{"cmd": "true"}]}, "max_retries": 6, "max_debug_attempts": 6}  # fmt: skip
    base: Any = {"workflow_id": workflow_id, "created_at": DATE, "options": options, "repository": str(store.path)}
    base |= {"todo": todo, "base": store.base(), "head": store.base(), "tip": None, "attempt": 1, "branch": None}
    base |= {"spent_seconds": 0.0, "branch_todos": [], "attempts": [], "written": True, "depth": 1}
    task = Task(base)
    files = {"f.py": b"first", task.folder("contract.json"): as_json(CONTRACT)}
    head = task.commit(task.change("coder", [store.base()], files, "first"))
    base |= {"head": head, "tip": head, "sealed": head, "red": head}
    return cast(TodoState, {**base, **roles.gates(base)})


@pytest.fixture(autouse=True)
def _quick(home: Path, configure: Configure) -> None:
    configure(BACKOFF=0, SURROUNDINGS_TRIES=1, MAX_BRANCH_ATTEMPTS=5)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outcomes)
def test_it_ends_within_its_limits_for_a_reason_and_keeps_the_best(script: list[Outcome]) -> None:
    roles = Roles([("implementation_bug", 3, "first"), *script])
    with TemporaryDirectory() as folder:
        graph, config = machine(roles), {"configurable": {"thread_id": "t"}, "recursion_limit": 200}
        ended = graph.invoke(begun(Path(folder), roles), config)
        for _ in range(20):
            if "__interrupt__" not in ended:
                break
            (asked,) = ended["__interrupt__"]
            assert asked.value["action_requests"][0]["name"] == "surroundings"
            ended = graph.invoke(Command(resume={"type": "approve"}), config)
        (result,) = settle(ended)["results"].values()
        assert result["stop_reason"] in get_args(TodoStop)
        assert result["debug_attempts"] <= 5
        assert (result["status"] == "done") == (result["stop_reason"] == "passed")
        if result["status"] == "failed":
            same = [one for one in ended["attempts"] if one["sealed"] == ended["sealed"]]
            assert min(one["failing"] for one in same) == next(
                one["failing"] for one in same if one["head"] == result["commit"]
            )
            store = Task(ended).store
            assert store.resolve(Task(ended).branch) == result["evidence"]
            assert len(ended["attempts"]) == result["debug_attempts"] + 1
