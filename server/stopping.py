"""A stop of this server: runs that it ends are not over, they go on at the next start."""

import logging
import os
import signal
import threading
import time
from types import FrameType
from typing import Any

from schemas.errors import SetupError
from tools.sandbox.container import stop_making
from tools.sandbox.docker import remove_own

LONGEST = 12.0
"""Seconds from the signal to the end, whatever still runs: every finished step is in the database."""
stopping = threading.Event()
_logger = logging.getLogger(__name__)


def notice_signals() -> None:
    """Begin to stop when the process is asked to end, before the server's own handling; for the main thread."""
    for number in (signal.SIGTERM, signal.SIGINT):
        before = signal.getsignal(number)
        signal.signal(number, _noticing(before))


def _noticing(before: Any) -> Any:
    def handle(number: int, frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            threading.Thread(target=_see_it_through, name="stopping", daemon=True).start()
        if callable(before):
            before(number, frame)

    return handle


def _see_it_through() -> None:
    """End what runs in the sandbox, so that its steps end; they are met again at the next start."""
    until = time.monotonic() + LONGEST
    try:
        stop_making()
        remove_own()
    except SetupError as error:
        _logger.warning("Containers may be left: %s", error.message)
    time.sleep(max(0.0, until - time.monotonic()))
    os._exit(0)
