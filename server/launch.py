"""Starts LangGraph's server with this project's graphs: `python -m server.launch HOST PORT`.

As `langgraph dev` does it, but without its files of threads and runs: Postgres alone knows how far work has come, and a
run that came back from a file would begin anew.
"""

import json
import sys
from pathlib import Path

from langgraph_api.cli import run_server  # type: ignore[import-untyped]

from settings import settings

CONFIG = Path(__file__).parents[1] / "langgraph.json"
FILES = (".langgraph_ops.pckl", ".langgraph_retry_counter.pckl")
"""Written at a graceful stop all the same, and read at the next start."""
STOPPING_SECONDS = 5
"""For requests that are being answered when the server is asked to stop; event streams never end by themselves."""


def main(host: str, port: int) -> None:
    """Run the server until it is told to stop."""
    for name in FILES:
        (Path(".langgraph_api") / name).unlink(missing_ok=True)
    config = json.loads(CONFIG.read_text(encoding="utf-8"))
    run_server(
        host,
        port,
        graphs=config["graphs"],
        auth=config["auth"],
        http=config["http"],
        checkpointer=config["checkpointer"],
        n_jobs_per_worker=settings().server_jobs,
        disable_persistence=True,
        timeout_graceful_shutdown=STOPPING_SECONDS,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
