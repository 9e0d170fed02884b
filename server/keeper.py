"""The keeper: sees that every workflow of the server goes on, after a crash as after an answer."""

import asyncio
import logging
import time
from dataclasses import dataclass, field

from schemas.errors import AidevError
from server import runs
from server.stopping import stopping
from state import drives
from state.database import is_driven

PAUSE = 1.0
"""Seconds between two looks."""
LONGEST = 60.0
"""Seconds before a workflow that does not go on is woken again."""
_logger = logging.getLogger(__name__)


@dataclass
class Keeper:
    """One look after the other, until it is stopped."""

    tries: dict[str, int] = field(default_factory=dict)
    """Workflow → how often it was woken in a row."""
    not_before: dict[str, float] = field(default_factory=dict)

    async def keep(self) -> None:
        """At first everything that has not ended, so that what waits can be answered; then what should be running."""
        everything = True
        while not stopping.is_set():
            try:
                await self.look(everything)
                everything = False
            except Exception:  # whatever fails now is met again at the next look
                _logger.exception("The keeper could not look after the workflows")
            await asyncio.sleep(PAUSE)

    async def look(self, everything: bool = False) -> None:
        """Wake what should be going on and is not."""
        found = [drive.workflow_id for drive in await asyncio.to_thread(drives.unfinished, everything)]
        self.tries = {name: count for name, count in self.tries.items() if name in found}
        self.not_before = {name: when for name, when in self.not_before.items() if name in found}
        for workflow_id in found:
            if self.not_before.get(workflow_id, 0) <= time.monotonic():
                await self.see_to(workflow_id)

    async def see_to(self, workflow_id: str) -> None:
        """Wake one workflow; one that does not go on is left alone for longer each time."""
        if await asyncio.to_thread(is_driven, workflow_id):
            self.tries.pop(workflow_id, None)
            return
        try:
            tried = await runs.wake(workflow_id) is not None
        except AidevError as error:
            _logger.warning("Workflow %s cannot go on: %s", workflow_id, error.message)
            tried = True
        if tried:
            count = self.tries[workflow_id] = self.tries.get(workflow_id, 0) + 1
            self.not_before[workflow_id] = time.monotonic() + min(LONGEST, 2.0**count)
