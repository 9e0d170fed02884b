"""The demo strategy, built once for all benchmarks that look at its result."""

import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from graph import driver
from schemas.reading import read_document
from tools.artifacts import GitStore, open_repository

TODO_LIST = Path(__file__).parents[1] / "examples/sample_todo_list.json"


@dataclass(frozen=True)
class Finished:
    """A workflow that ended well."""

    store: GitStore
    commits: dict[str, str]
    evidence: dict[str, str]
    release_evidence: str
    seconds: float


@cache
def finished() -> Finished:
    """The sample todo list, worked off by the offline model."""
    document = read_document(TODO_LIST)
    started = time.perf_counter()
    given = {"request": "", "repo": None, "todo_list": document}
    workflow_id = driver.create(given, {"model": "offline", "auto_approve": True})  # type: ignore[arg-type]
    state = driver.run(workflow_id).values
    taken = time.perf_counter() - started
    commits = {name: result["commit"] for name, result in state["results"].items()}
    evidence = {name: result["evidence"] for name, result in state["results"].items()}
    store = open_repository(Path(state["repository"]))
    return Finished(store, commits, evidence, state["candidate_evidence"], taken)
