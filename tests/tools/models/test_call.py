"""One call: each request is reserved before and settled after, within the tries and one deadline."""

import os
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from langchain_core.exceptions import ModelRateLimitError
from langchain_core.messages import AIMessage

from schemas.errors import BudgetExceeded, ModelError, ModelUnavailable
from tests.conftest import Configure
from tools.models import call as calling


class StatusError(Exception):
    """As clients raise it."""

    def __init__(self, status: int) -> None:
        super().__init__()
        self.status_code = status


def test_a_client_s_own_error_is_a_model_s_error_and_a_local_model_s_is_a_fault() -> None:
    def fail() -> AIMessage:
        raise RuntimeError("length limit reached")

    with pytest.raises(ModelError, match="client failed: length limit reached"):
        calling.call(fail, unkept)
    with pytest.raises(RuntimeError, match="length limit reached"):
        calling.call(fail, unkept, garbled=())


def unkept(_: float) -> calling.Settle:
    """Reserves and settles nothing."""
    return lambda *_: None


def test_every_request_is_reserved_and_settled(configure: Configure, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(MODEL_TRIES=3)
    monkeypatch.setattr(calling, "pause", lambda *_: 0.0)
    seen: list[str] = []

    def reserve(_: float) -> calling.Settle:
        seen.append("reserved")
        return lambda result, _: seen.append(type(result).__name__)

    def request() -> AIMessage:
        seen.append("asked")
        if len(seen) < 4:
            raise ConnectionError("busy")
        return AIMessage("yes")

    assert calling.call(request, reserve).text == "yes"
    assert seen == ["reserved", "asked", "ConnectionError", "reserved", "asked", "AIMessage"]


def test_what_is_not_reserved_is_not_asked() -> None:
    def reserve(_: float) -> calling.Settle:
        raise BudgetExceeded("spent", "raise it", "workflow", "calls", Decimal(1), 1)

    def request() -> AIMessage:
        raise AssertionError("asked")

    with pytest.raises(BudgetExceeded):
        calling.call(request, reserve)


def test_an_answer_that_comes_after_the_deadline_is_settled_again(configure: Configure) -> None:
    configure(MODEL_TIMEOUT=0.1)
    answer, came = threading.Event(), threading.Event()
    settled: list[str] = []

    def settle(result: AIMessage | BaseException, _: float) -> None:
        settled.append(type(result).__name__)
        if isinstance(result, AIMessage):
            came.set()

    def request() -> AIMessage:
        answer.wait()
        return AIMessage("late")

    with pytest.raises(ModelUnavailable, match="did not answer within"):
        calling.call(request, lambda _: settle)
    assert settled == ["TimeoutError"]
    answer.set()
    assert came.wait(10)
    assert settled == ["TimeoutError", "AIMessage"]


@pytest.mark.parametrize(
    ("error", "billed"),
    [
        (TimeoutError(), True),
        (httpx.ReadTimeout("slow"), True),
        (httpx.RemoteProtocolError("dropped"), True),
        (ValueError("not JSON"), True),
        (httpx.ConnectError("nobody listens"), False),
        (ModelRateLimitError("slower"), False),
        (StatusError(503), False),
        (StatusError(400), False),
    ],
)
def test_only_what_was_surely_refused_is_not_billed(error: Exception, billed: bool) -> None:
    assert calling.may_be_billed(error) is billed


def test_an_abandoned_request_holds_up_nobody() -> None:
    program = """if True:
        import time
        from schemas.errors import ModelUnavailable
        from tools.models.call import call
        try:
            call(lambda: time.sleep(60), lambda _: lambda *_: None)
        except ModelUnavailable as error:
            print(error.message)"""
    folder, env = Path(__file__).parents[3], {**os.environ, "MODEL_TIMEOUT": "0.2"}
    ended = subprocess.run([sys.executable, "-c", program], cwd=folder, env=env, capture_output=True, timeout=40)
    assert ended.stdout.decode() == "The model did not answer within 0.2 s.\n", ended.stderr
