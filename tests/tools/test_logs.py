"""Lines of a run say what they are about, in our process and under LangGraph's server; none shows a secret."""

import json
import logging
import os
import subprocess
import sys
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from settings import settings
from tests.conftest import Configure
from tools.logs import HIDDEN, about, facts, known_secrets, redacted
from tools.logs import configure as set_up

ROOT = Path(__file__).parents[2]
WORKFLOW = str(uuid.UUID(int=7))
OWN = """
import logging
from tools.logs import about, configure
configure()
with about("w1", "t1", "coder"):
    logging.getLogger("tools.bus").warning("Redis is %s", "away")
logging.getLogger("tools.bus").warning("afterwards")
"""
SERVER = f"""
import logging, structlog, sys
from langgraph_api import logging as theirs
handler = logging.StreamHandler(sys.stderr)
handler.setFormatter(theirs.Formatter(None, None, "%"))
logging.getLogger().addHandler(handler)
from tools.logs import about, configure
configure()
configure()
with about("w1", "t1", "coder"):
    logging.getLogger("tools.bus").warning("ours")
    structlog.stdlib.get_logger("langgraph_api.worker").warning("theirs")
theirs.set_logging_context({{"thread_id": "{WORKFLOW}"}})
structlog.stdlib.get_logger("langgraph_api.worker").warning("of the run")
logging.getLogger("tools.bus").warning("Bearer abcdefgh12345678")
"""


def lines(program: str, **environment: str) -> list[str]:
    """What a process of its own logs."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stderr.splitlines()


def test_a_line_of_a_run_is_json_with_its_ids() -> None:
    during, after = map(json.loads, lines(OWN, LOG_JSON="true"))
    assert during.pop("timestamp").endswith("Z")
    assert during == {
        "event": "Redis is away",
        "level": "warning",
        "logger": "tools.bus",
        "correlation_id": "w1",
        "workflow_id": "w1",
        "task_id": "t1",
        "role": "coder",
    }
    assert "workflow_id" not in after


def test_without_log_json_a_line_is_for_people() -> None:
    during, _ = lines(OWN)
    assert "Redis is away" in during and "workflow_id=w1" in during and "task_id=t1" in during
    assert "\x1b" not in during


@pytest.fixture(scope="module")
def under_the_server() -> list[dict[str, str]]:
    """Lines as LangGraph's own formatter writes them."""
    return [json.loads(line) for line in lines(SERVER, LOG_JSON="true", LANGGRAPH_NO_VERSION_CHECK="1")]


@pytest.mark.parametrize("number", [0, 1])
def test_under_the_server_our_lines_and_theirs_carry_the_ids(
    under_the_server: list[dict[str, str]], number: int
) -> None:
    line = under_the_server[number]
    assert line["event"] == ("ours", "theirs")[number]
    assert (line["correlation_id"], line["workflow_id"], line["task_id"], line["role"]) == ("w1", "w1", "t1", "coder")


@pytest.mark.parametrize("number", [2, 3])
def test_the_servers_thread_is_the_workflow(under_the_server: list[dict[str, str]], number: int) -> None:
    assert under_the_server[number]["workflow_id"] == under_the_server[number]["correlation_id"] == WORKFLOW


def test_the_servers_lines_are_redacted(under_the_server: list[dict[str, str]]) -> None:
    assert under_the_server[3]["event"] == f"Bearer {HIDDEN}"


def test_what_a_line_is_about_nests_and_ends_even_in_another_context() -> None:
    outer = about("w1")
    with ThreadPoolExecutor(1) as other:
        other.submit(outer.__enter__).result()
        with about("w2", "t2", "tester"):
            assert facts()["role"] == "tester"
        assert not facts()
        assert other.submit(facts).result()["workflow_id"] == "w1"
        outer.__exit__(None, None, None)


@pytest.mark.parametrize(
    ("name", "value", "secret"),
    [
        ("GOOGLE_API_KEY", "AIzaNoSuchKey", "AIzaNoSuchKey"),
        ("LANGGRAPH_TOKEN", 'with"quote', 'with"quote'),
        ("DB_URL", "postgresql://user:pa%2Fss@host/name", "pa%2Fss"),
        ("DB_URL", "postgresql://user:pa%2Fss@host/name", "pa/ss"),
        ("DB_URL", "host=db password=open5esame dbname=x", "open5esame"),
    ],
)
def test_no_secret_of_the_settings_is_shown(configure: Configure, name: str, value: str, secret: str) -> None:
    configure(**{name: value})
    hidden = known_secrets(settings())
    assert redacted(f"it is {secret}.", hidden) == f"it is {HIDDEN}."
    assert redacted(json.dumps({"event": secret}), hidden) == json.dumps({"event": HIDDEN})


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Authorization: Bearer abc.def-123", f"Authorization: {HIDDEN}"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", f"{{'authorization': '{HIDDEN}'}}"),
        ("sent bearer abcdef123456 to it", f"sent bearer {HIDDEN} to it"),
        ("redis://:hunter2@host:6379", f"redis://:{HIDDEN}@host:6379"),
        ("postgresql://me:hunter2@host/db", f"postgresql://me:{HIDDEN}@host/db"),
        ("GET /x?token=abc&page=2", f"GET /x?token={HIDDEN}&page=2"),
        ("http://localhost:4318/v1/traces is away", "http://localhost:4318/v1/traces is away"),
        ("the bearer of news", "the bearer of news"),
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str, shown: str) -> None:
    assert redacted(line, []) == shown


def test_a_traceback_is_redacted(
    monkeypatch: pytest.MonkeyPatch, configure: Configure, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    before = logging.getLogRecordFactory()
    configure(GOOGLE_API_KEY="AIzaNoSuchKey", LOG_JSON="true")
    try:
        set_up()
        try:
            raise ValueError("refused AIzaNoSuchKey")
        except ValueError:
            logging.getLogger("x").exception("failed")
    finally:
        logging.setLogRecordFactory(before)
    said = capsys.readouterr().err
    assert "refused [secret]" in said and "AIza" not in said
