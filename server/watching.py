"""Waits for changes of one workflow, in the server's event loop."""

import asyncio
from collections.abc import Callable
from types import TracebackType

from tools.listen import subscribe_changes

PATIENCE = 5.0
"""Seconds after which it is looked anyway."""


class Watch:
    """Told by the database whenever an event of the workflow was written, by whatever process."""

    def __init__(self, workflow_id: str) -> None:
        self._workflow_id = workflow_id
        self._changed = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._unsubscribe: Callable[[], None] = lambda: None

    def __enter__(self) -> "Watch":
        self._unsubscribe = subscribe_changes(self._tell)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._unsubscribe()

    async def changed(self) -> None:
        """Returns when something may be new."""
        try:
            await asyncio.wait_for(self._changed.wait(), PATIENCE)
        except TimeoutError:
            return
        self._changed.clear()

    def _tell(self, workflow_id: str) -> None:
        if workflow_id in (self._workflow_id, ""):
            self._loop.call_soon_threadsafe(self._changed.set)
