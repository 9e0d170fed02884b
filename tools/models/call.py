"""One model call: a bounded number of requests, one layer of retries, one deadline for all of it."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as DeadlinePassed
from contextvars import copy_context
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from langchain_core.exceptions import (
    ModelAuthenticationError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
)
from langchain_core.exceptions import ModelError as LangChainModelError
from langchain_core.messages import AIMessage

from schemas.errors import ModelError, ModelUnavailable, UnknownModel
from settings import settings

LONGEST_PAUSE = 30.0
"""Seconds between two requests when the service asks for none."""
GARBLED: tuple[type[Exception], ...] = (ValueError, IndexError, AttributeError, KeyError, TypeError)
"""What a client raises over an answer that is not its protocol."""
_NO_ACCESS = (ModelAuthenticationError, ModelPermissionDeniedError, ModelNotFoundError)
_REFUSED = (*_NO_ACCESS, ModelRateLimitError)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
Settle = Callable[[AIMessage | BaseException, float], None]
"""Is told how a request ended and how many seconds it took; once more if an answer comes after the deadline."""
Reserve = Callable[[float], Settle]
"""Is asked before each request, which may take so many seconds."""


def call(
    request: Callable[[], AIMessage], reserve: Reserve, garbled: tuple[type[Exception], ...] = GARBLED
) -> AIMessage:
    """The answer; every request is reserved and settled. Raises ModelUnavailable, UnknownModel, ModelError.

    `garbled`: errors that mean a broken answer of a service; a model in this process has none. Waiting for a
    reservation takes nothing from the deadline. Raises what `reserve` raises.
    """
    deadline = time.monotonic() + settings().model_timeout
    last = settings().model_tries
    for number in range(1, last + 1):
        left = deadline - time.monotonic()
        settle = reserve(left)
        deadline = time.monotonic() + left
        try:
            return within(left, request, settle)
        except Exception as error:
            mapped = known(error, garbled)
            wait = pause(error, number)
            if not isinstance(mapped, ModelUnavailable) or number == last or time.monotonic() + wait > deadline:
                raise mapped from (error.__cause__ if mapped is error else error)
            time.sleep(wait)
    raise AssertionError("unreachable: the last request returns or raises")


def within(seconds: float, request: Callable[[], AIMessage], settle: Settle) -> AIMessage:
    """The answer, or DeadlinePassed; a request that drips on is left to a thread that no exit waits for."""
    answer: Future[AIMessage] = Future()
    started = time.monotonic()
    threading.Thread(target=copy_context().run, args=(_answer, answer, request), name="model-call", daemon=True).start()
    try:
        message = answer.result(timeout=max(0.0, seconds))
    except Exception as error:
        settle(error, time.monotonic() - started)
        if isinstance(error, DeadlinePassed):
            answer.add_done_callback(lambda late: settle(late.exception() or late.result(), time.monotonic() - started))
        raise
    settle(message, time.monotonic() - started)
    return message


def _answer(answer: Future[AIMessage], request: Callable[[], AIMessage]) -> None:
    try:
        answer.set_result(request())
    except BaseException as error:
        answer.set_exception(error)


def known(error: Exception, garbled: tuple[type[Exception], ...] = GARBLED) -> Exception:
    """Our error for a service's; that of a model in this process stays as it is."""
    if isinstance(error, DeadlinePassed):
        return ModelUnavailable(
            f"The model did not answer within {settings().model_timeout:g} s.", "Raise MODEL_TIMEOUT."
        )
    if _busy(error):
        asked = retry_after(error)
        when = "later" if asked is None else f"in {asked:.0f} s"
        way_out = f"Try again {when}: aidev resume ID"
        return ModelUnavailable(f"The model's service is busy or broken: {_said(error)}", way_out, asked)
    if isinstance(error, _NO_ACCESS) or _status(error) in (401, 403, 404) or "API_KEY_INVALID" in str(error):
        return UnknownModel(f"The model's service refused: {_said(error)}", "Check the key and the model's name.")
    if isinstance(error, LangChainModelError) or _status(error):
        return ModelError(f"The model's service refused the request: {_said(error)}")
    if isinstance(error, garbled):
        return ModelUnavailable(f"The model's service answered something else than its protocol: {_said(error)}")
    return ModelError(f"The model's client failed: {_said(error)}") if garbled else error


def _busy(error: Exception) -> bool:
    dropped = isinstance(error, httpx.RequestError | ConnectionError)
    return dropped or bool(getattr(error, "is_retryable", False)) or _status(error) in (408, 409, 429, *range(500, 600))


def may_be_billed(error: BaseException) -> bool:
    """Whether a request that failed may have been worked on: not when it was never sent, or refused with a status."""
    return not (_status(error) or any(isinstance(link, (*_UNSENT, *_REFUSED)) for link in _chain(error)))


def _status(error: BaseException) -> int:
    """The HTTP status under which clients report this error; 0 for none."""
    codes = (getattr(link, name, 0) for link in _chain(error) for name in ("status_code", "code"))
    return next((code for code in codes if isinstance(code, int) and code >= 400), 0)


def _said(error: Exception) -> str:
    """The service's own words, in one line, without the key that some of them repeat."""
    words = [getattr(link, "message", None) for link in _chain(error)] + [str(error), type(error).__name__]
    line = next(word for word in words if isinstance(word, str) and word.strip()).strip().splitlines()[0]
    key = settings().google_api_key
    return (line.replace(key.get_secret_value(), "[key]") if key and key.get_secret_value() else line)[:300]


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__


def pause(error: Exception, number: int) -> float:
    """Seconds to wait before the next request: what the service asks for, else doubling with jitter."""
    asked = retry_after(error)
    if asked is not None:
        return asked
    return min(LONGEST_PAUSE, random.uniform(0.5, 1.0) * float(2 ** (number - 1)))  # noqa: S311  # nosec


def retry_after(error: Exception) -> float | None:
    """Seconds that the service's Retry-After header or its retryDelay asks for."""
    for link in _chain(error):
        headers: Any = getattr(getattr(link, "response", None), "headers", {})
        if delay := headers.get("retry-after") or _retry_delay(getattr(link, "details", None)):
            return _seconds(str(delay))
    return None


def _seconds(delay: str) -> float | None:
    try:
        return max(0.0, float(delay.removesuffix("s")))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(delay).timestamp() - time.time())
    except ValueError:
        return None


def _retry_delay(details: object) -> str | None:
    inner = details.get("error", {}).get("details", []) if isinstance(details, dict) else []
    return next((str(part["retryDelay"]) for part in inner if isinstance(part, dict) and "retryDelay" in part), None)
