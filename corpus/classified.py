"""One failing todo through the real graph, in a process of its own, and the class that it is given."""

import json
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import yaml
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph

from corpus.failures import Failure
from corpus.faults import Planter
from graph.developer import builder as developer
from graph.todo import builder as todo
from schemas.errors import AidevError
from settings import Settings, settings
from state.database import close_pool
from state.embedded import stop
from tools import ledger
from tools.artifacts import open_repository
from tools.sandbox.docker import remove_own
from tools.sandbox.pool import close

AT_A_TIME = 2
QUICK = {
    "MAX_RETRIES": "0",
    "BACKOFF": "0",
    "SURROUNDINGS_TRIES": "1",
    "MODEL_OUTPUT_TRIES": "0",
    "MODEL_TRIES": "1",
    "ANSWER_TRIES": "2",
    "SANDBOX_READY": "0",
}
"""Settings under which a todo ends with its first classification."""
OURS = ("DB_URL", "REDIS_HOST", "MODEL_NAME", "SANDBOX_IMAGE", "SANDBOX_RUNTIME")
"""Settings of whoever runs this that have no say here."""


@dataclass(frozen=True)
class Classified:
    """What became of one failing todo."""

    failure: Failure
    given: str
    """A class; `passed` when nothing failed, `nothing` when the run broke off."""
    seconds: float
    text: str
    """The explanation."""
    asked: bool
    """Whether the model was asked for the class."""

    @property
    def right(self) -> bool:
        """Whether it was given the class that it has."""
        return self.given == self.failure.expect


@contextmanager
def database() -> Iterator[Path]:
    """A home with a database of its own, gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="aidev-"))
    try:
        yield home
    finally:
        stop(home / "postgres")
        shutil.rmtree(home)


def run(chosen: Sequence[Failure], home: Path) -> Iterator[Classified]:
    """Each in a process of its own, in the order given; `home` holds their database and repositories."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(AT_A_TIME, context, max_tasks_per_child=1) as executor:
        yield from executor.map(classified, chosen, [home] * len(chosen))


def classified(failure: Failure, home: Path) -> Classified:
    """In a process that is its own: the environment is changed."""
    started = time.monotonic()
    with surroundings(failure, home):
        try:
            first, ended = worked_off(failure, home)
        except AidevError as error:
            return Classified(failure, "nothing", time.monotonic() - started, f"{type(error).__name__}: {error}", False)
        text, asked = explanation(ended), "debugger" in ledger.by_role(ended["workflow_id"])
    return Classified(failure, first, time.monotonic() - started, text, asked)


@contextmanager
def surroundings(failure: Failure, home: Path) -> Iterator[None]:
    """The settings that it needs, and afterwards nothing left of it."""
    for name in OURS:
        os.environ.pop(name, None)
    mutants = "10" if failure.expect == "weak_tests" else "0"
    os.environ.update({**QUICK, "MUTATION_SAMPLE": mutants, "AIDEV_HOME": str(home)})
    Settings.model_config["env_file"] = None
    settings.cache_clear()
    try:
        yield
    finally:
        close()
        remove_own()
        close_pool()


def worked_off(failure: Failure, home: Path) -> tuple[str, dict[str, Any]]:
    """The class that the debugger gave first, `passed` where it had nothing to do, and the state in the end."""
    path = home / f"{failure.name}.yaml"
    path.write_text(yaml.safe_dump(list(failure.script)), encoding="utf-8")
    planter = Planter(failure.surroundings) if failure.surroundings else None
    builder: StateGraph[Any, Any, Any, Any] = todo if len(failure.items) == 1 else developer
    graph = builder.compile(checkpointer=InMemorySaver())
    thread: RunnableConfig = {"configurable": {"thread_id": str(uuid.uuid4())}}
    steps: Iterator[Any] = graph.stream(
        asked(failure),
        {**thread, "callbacks": [planter] if planter else []},
        context={"model": f"script:{path}", "auto_approve": True},
        stream_mode="updates",
        subgraphs=True,
    )
    try:
        given = [step["debugger"]["failure"]["failure_class"] for _, step in steps if "debugger" in step]
    finally:
        if planter:
            planter.take_back()
    return given[0] if given else "passed", graph.get_state(thread).values


def asked(failure: Failure) -> dict[str, Any]:
    """One todo alone, or a list of them; each ends with its first classification."""
    items = [item.model_copy(update={"max_retries": 0}).model_dump(mode="json") for item in failure.items]
    if len(items) == 1:
        return {"todo": items[0], "request": failure.items[0].title}
    listed = {"todo_list_id": "corpus", "workflow_name": failure.name, "created_at": "2026-01-01T00:00:00Z"}
    return {"request": failure.says, "todo_list": {**listed, "items": items}}


def explanation(ended: dict[str, Any]) -> str:
    """What the debugger wrote down."""
    commit = ended.get("diagnosis")
    if commit is None:
        return str((ended.get("failure") or {}).get("summary", ""))
    store = open_repository(Path(ended["repository"]))
    found = next(path for path in store.files(commit, ".aidev/") if path.endswith("/diagnosis.json"))
    return str(json.loads(store.read(commit, found) or b"{}").get("explanation", ""))
