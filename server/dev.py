"""The development server: the flags and the environment that it needs."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def command(host: str, port: int) -> list[str]:
    """The command line of the server.

    No reload (any file written under the folder would restart runs), ten runs at a time instead of one.
    """
    flags = ["--no-browser", "--no-reload", "--n-jobs-per-worker", "10", "--config", str(ROOT / "langgraph.json")]
    return [sys.executable, "-m", "langgraph_cli", "dev", "--host", host, "--port", str(port), *flags]


def environment() -> dict[str, str]:
    """The environment of the server: nothing is sent anywhere at its start."""
    quiet = {"LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGGRAPH_NO_VERSION_CHECK": "1", "LANGSMITH_TRACING": "false"}
    return {**os.environ, **quiet, "PYTHONPATH": str(ROOT)}
