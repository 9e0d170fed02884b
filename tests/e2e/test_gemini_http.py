"""A task that is no strategy, driven by a server that speaks Gemini's protocol, through the same command."""

import threading
from pathlib import Path

import pytest

from tests.e2e.conftest import Aidev, checked_out, suite_passes
from tests.e2e.test_failures import LIBRARY, WORDS
from tests.gemini_server import GeminiServer, by_script

pytestmark = pytest.mark.usefixtures("quick")


def test_a_text_library_over_http(aidev: Aidev, tmp_path: Path) -> None:
    server = GeminiServer(by_script(LIBRARY))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    env = {"GOOGLE_API_KEY": "not-a-real-key", "GOOGLE_GEMINI_BASE_URL": server.url}
    ended = aidev("run", WORDS, "--yes", "--json", env=env)
    server.close()
    thread.join()
    assert ended.code == 0, ended.err
    assert ended.result["model_calls"] == len(server.requests) == 7
    assert ended.result["tokens"] > 5_000
    assert 0 < ended.result["cost_usd"] < 1
    assert "not-a-real-key" not in ended.err + ended.out
    folder = checked_out(ended.result["repo"], ended.result["release_branch"], tmp_path / "release")
    assert suite_passes(folder)


def test_a_budget_stops_the_work_and_a_larger_one_goes_on(aidev: Aidev) -> None:
    server = GeminiServer(by_script(LIBRARY))
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    env = {"GOOGLE_API_KEY": "not-a-real-key", "GOOGLE_GEMINI_BASE_URL": server.url}
    stopped = aidev("run", WORDS, "--yes", "--json", "--budget", "0.003", env=env)
    assert stopped.code == 3, stopped.err
    assert stopped.result["status"] == "waiting"
    assert f"aidev resume {stopped.result['workflow_id']}" in stopped.err
    assert "--budget USD" in stopped.err
    assert 0 < stopped.result["model_calls"] < 7
    done = aidev("resume", stopped.result["workflow_id"], "--budget", "1", "--json", env=env)
    server.close()
    thread.join()
    assert done.code == 0, done.err
    assert done.result["model_calls"] == 7
