"""Containers that stand ready, each for one job: started, with an interpreter that has imported what tests need."""

import atexit
import os
import time
from contextlib import ExitStack
from threading import Lock, Thread

from schemas.errors import EngineUnavailable, SandboxGone
from schemas.ports import Job, Outcome
from settings import Settings, settings
from state.workflows import refuse_cancelled
from tools.sandbox.container import started, undisturbed
from tools.sandbox.docker import DockerSandbox
from tools.sandbox.protocol import check_tree
from tools.steps import watched

_PATIENCE = 10
"""Seconds for a container that is just being made."""


class _Ready:
    """A container that waits for its job; `ending` removes it."""

    def __init__(self, settings: Settings) -> None:
        self.ending = ExitStack()
        self.container = self.ending.enter_context(started(settings, {}, prepare=True))


class ReadySandbox:
    """Runs each job in a container that stands ready, or in a fresh one where none does; none is used twice."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = Lock()
        self._ready: list[_Ready] = []
        self._filler: Thread | None = None
        self._closed = False

    @watched
    def run(self, job: Job) -> Outcome:
        """Run a job and remove its container. Raises as `DockerSandbox.run` does, and WorkflowCancelled."""
        outcome = self._run(job)
        undisturbed()
        refuse_cancelled(job.workflow_id)
        return outcome

    def _run(self, job: Job) -> Outcome:
        check_tree(job.tree)
        if not self._ready:
            self.wait()  # one that is being made comes sooner than another one would
        try:
            while ready := self._take():
                try:
                    with ready.ending:
                        return ready.container.run(job, time.monotonic())
                except (SandboxGone, EngineUnavailable):
                    if ready.container.begun:
                        raise
            return DockerSandbox(self._settings).run(job)
        finally:
            self.prepare()

    def prepare(self) -> None:
        """Start to make what is missing, in a thread of its own."""
        with self._lock:
            if self._filler is None and self._is_lacking():
                self._filler = Thread(target=self._fill, name="sandbox-pool", daemon=True)
                self._filler.start()

    def wait(self) -> None:
        """Until nothing is being made, within reason."""
        with self._lock:
            filler = self._filler
        if filler is not None:
            filler.join(_PATIENCE)

    def close(self) -> None:
        """Remove what stands ready, and make no more; jobs that run go on."""
        with self._lock:
            self._closed = True
        self.wait()
        while ready := self._take():
            ready.ending.close()

    def _take(self) -> _Ready | None:
        with self._lock:
            return self._ready.pop() if self._ready else None

    def _is_lacking(self) -> bool:
        return not self._closed and len(self._ready) < self._settings.sandbox_ready

    def _fill(self) -> None:
        while self._goes_on():
            try:
                made = _Ready(self._settings)
            except Exception:  # the next run finds nothing ready, meets the same fault itself and tells of it
                break
            with self._lock:
                self._ready.append(made)
        with self._lock:
            self._filler = None

    def _goes_on(self) -> bool:
        """Whether the filler has work left; where not, it counts as ended at once, so that no need is missed."""
        with self._lock:
            if not self._is_lacking():
                self._filler = None
            return self._filler is not None


_guard = Lock()
_current: tuple[object, ReadySandbox] | None = None


def sandbox() -> ReadySandbox:
    """The sandbox of this process, for the settings and the engine as they are now."""
    global _current
    chosen = settings()
    key = (os.getpid(), os.environ.get("DOCKER_HOST"), chosen)
    with _guard:
        if _current is None or _current[0] != key:
            if _current is not None:
                _current[1].close()
            _current = key, ReadySandbox(chosen)
        return _current[1]


def prepare() -> None:
    """Have a container ready before the first run."""
    sandbox().prepare()


@atexit.register
def close() -> None:
    """Remove the containers that stand ready."""
    global _current
    with _guard:
        if _current is not None:
            _current[1].close()
        _current = None
