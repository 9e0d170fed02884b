"""One model call: a bounded number of requests, one layer of retries, one deadline for all of it."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as DeadlinePassed
from typing import Any

import httpx
from langchain_core.exceptions import ModelError as LangChainModelError
from langchain_core.messages import AIMessage

from schemas.errors import ModelError, ModelUnavailable, UnknownModel
from settings import settings

LONGEST_WAIT = 30.0
"""Seconds between two requests, whatever the service asks for."""
GARBLED: tuple[type[Exception], ...] = (ValueError, IndexError, AttributeError, KeyError, TypeError)
"""What a client raises over an answer that is not its protocol."""
Tell = Callable[[AIMessage | Exception, float], None]


def call(request: Callable[[], AIMessage], tell: Tell, garbled: tuple[type[Exception], ...] = GARBLED) -> AIMessage:
    """The answer; every request is told, answered or not. Raises ModelUnavailable, UnknownModel, ModelError.

    `garbled`: errors that mean a broken answer of a service; a model in this process has none.
    """
    deadline = time.monotonic() + settings().model_timeout
    last = settings().model_tries
    for number in range(1, last + 1):
        started = time.monotonic()
        try:
            message = within(deadline - started, request)
        except Exception as error:
            tell(error, time.monotonic() - started)
            mapped = known(error, garbled)
            wait = pause(error, number)
            if not isinstance(mapped, ModelUnavailable) or number == last or time.monotonic() + wait > deadline:
                raise mapped from error
            time.sleep(wait)
            continue
        tell(message, time.monotonic() - started)
        return message
    raise AssertionError("unreachable: the last request returns or raises")


def within(seconds: float, request: Callable[[], AIMessage]) -> AIMessage:
    """The answer, or DeadlinePassed; a request that drips on is abandoned in its thread."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="model-call")
    try:
        return executor.submit(request).result(timeout=max(0.0, seconds))
    finally:
        executor.shutdown(wait=False, cancel_futures=True)


def known(error: Exception, garbled: tuple[type[Exception], ...] = GARBLED) -> Exception:
    """Our error for a service's; what is none of theirs stays as it is."""
    said = str(error).splitlines()[0][:300] if str(error) else type(error).__name__
    if isinstance(error, DeadlinePassed):
        return ModelUnavailable(
            f"The model did not answer within {settings().model_timeout:g} s.", "Raise MODEL_TIMEOUT."
        )
    if getattr(error, "is_retryable", False) or isinstance(error, httpx.TransportError | ConnectionError):
        return ModelUnavailable(f"The model's service is busy or broken: {said}", "Try again later: aidev resume ID")
    if type(error).__name__ in _NO_ACCESS:
        return UnknownModel(f"The model's service refused: {said}", "Check the key and the model's name.")
    if isinstance(error, LangChainModelError):
        return ModelError(f"The model's service refused the request: {said}")
    if isinstance(error, garbled):
        return ModelUnavailable(f"The model's service answered something else than its protocol: {said}")
    return error


_NO_ACCESS = {
    "GoogleAuthenticationError",
    "GooglePermissionDeniedError",
    "GoogleModelNotFoundError",
    "ModelAuthenticationError",
    "ModelPermissionDeniedError",
    "ModelNotFoundError",
}


def pause(error: Exception, number: int) -> float:
    """Seconds to wait before the next request: what the service asks for, else doubling with jitter."""
    asked = retry_after(error)
    return min(LONGEST_WAIT, asked if asked is not None else random.uniform(0.5, 1.0) * 2 ** (number - 1))  # noqa: S311  # nosec


def retry_after(error: BaseException | None) -> float | None:
    """What the service's Retry-After header or its retryDelay says."""
    while error is not None:
        response: Any = getattr(error, "response", None)
        header = getattr(response, "headers", {}).get("retry-after") if response is not None else None
        delay = header or _retry_delay(getattr(error, "details", None))
        if delay:
            try:
                return max(0.0, float(str(delay).removesuffix("s")))
            except ValueError:
                return None
        error = error.__cause__
    return None


def _retry_delay(details: object) -> str | None:
    inner = details.get("error", {}).get("details", []) if isinstance(details, dict) else []
    return next((str(part["retryDelay"]) for part in inner if isinstance(part, dict) and "retryDelay" in part), None)
