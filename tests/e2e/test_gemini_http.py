"""A task that is no strategy, driven by a server that speaks Gemini's protocol, through the same command."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.conftest import Configure
from tests.e2e.conftest import Aidev, checked_out, git, suite_passes
from tests.e2e.scripted import LIBRARY, WORDS, given, plan, written
from tests.gemini_server import GeminiServer, by_script

pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def answered(configure: Configure) -> Iterator[Callable[[Path], GeminiServer]]:
    """`answered(script)`: the server that the settings name, which answers what stands there."""
    with ExitStack() as ending:

        def start(path: Path) -> GeminiServer:
            server = GeminiServer(by_script(path))
            thread = threading.Thread(target=server.serve, daemon=True)
            thread.start()
            ending.callback(thread.join)
            ending.callback(server.close)
            configure(GOOGLE_API_KEY="not-a-real-key", GOOGLE_GEMINI_BASE_URL=server.url)
            return server

        yield start


def test_a_text_library_over_http(aidev: Aidev, tmp_path: Path, answered: Callable[[Path], GeminiServer]) -> None:
    server = answered(LIBRARY)
    ended = aidev("run", WORDS, "--yes", "--json")
    assert ended.code == 0, ended.err
    assert ended.result["model_calls"] == len(server.requests) == 7
    assert ended.result["tokens"] > 5_000
    assert 0 < ended.result["cost_usd"] < 1
    assert "not-a-real-key" not in ended.err + ended.out
    folder = checked_out(ended.result["repo"], ended.result["release_branch"], tmp_path / "release")
    assert suite_passes(folder)
    assert "Merge summary" in git(folder, "log", "--format=%s")


def test_a_budget_stops_the_work_and_a_larger_one_goes_on(
    aidev: Aidev, tmp_path: Path, answered: Callable[[Path], GeminiServer]
) -> None:
    answered(written(tmp_path, [plan("counts"), given("architect"), given("coder")]))
    stopped = aidev("run", WORDS, "--yes", "--json", "--budget", "0.002")
    assert stopped.code == 3, stopped.err
    assert stopped.result["status"] == "waiting"
    assert f"aidev resume {stopped.result['workflow_id']}" in stopped.err
    assert "--budget USD" in stopped.err
    assert 0 < stopped.result["model_calls"] < 3
    done = aidev("resume", stopped.result["workflow_id"], "--budget", "1", "--json")
    assert done.code == 0, done.err
    assert done.result["model_calls"] == 3
