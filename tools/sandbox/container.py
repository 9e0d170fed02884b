"""One container for one job: made, started, told its job, heard out and removed."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from threading import Event, RLock
from typing import Literal

from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container

from schemas.errors import ImageMissing, SandboxGone, SetupError
from schemas.ports import Job, Outcome
from settings import Settings
from tools.sandbox.engine import engine
from tools.sandbox.image import image_name
from tools.sandbox.limits import container_options
from tools.sandbox.owner import owner
from tools.sandbox.protocol import Conversation
from tools.sandbox.stream import Attached

Ended = Literal["finished", "timeout", "out_of_memory", "killed"]

_SETTLING = 10
"""Seconds for an ended container to be known as ended."""


_making, _stopped = RLock(), Event()


def stop_making() -> None:
    """For a process that is about to end: no container is made from now on, and none is being made."""
    _stopped.set()
    if _making.acquire(timeout=_SETTLING):
        _making.release()


def undisturbed() -> None:
    """Raises SandboxGone for what has just run while this process ends: its containers may have been taken from it."""
    if _stopped.is_set():
        raise SandboxGone("This process is about to end.", "The step is met again by whoever goes on.")


@contextmanager
def started(settings: Settings, labels: Mapping[str, str], prepare: bool) -> Iterator["Started"]:
    """A container that waits for its job, and is removed afterwards; it may prepare an interpreter meanwhile.

    Raises as `Sandbox.run` does, and SetupError.
    """
    with engine() as client:
        container = _create(client, settings, labels, ["prepare"] if prepare else [])
        try:
            with Attached(client, str(container.id)) as stream:
                container.start()
                yield Started(client, container, stream, settings.sandbox_output_bytes)
        finally:
            remove(client, str(container.id))


def _create(client: DockerClient, settings: Settings, labels: Mapping[str, str], words: list[str]) -> Container:
    image, runtime = image_of(settings), settings.sandbox_runtime
    ours = {"aidev": "1", "aidev.owner": owner(), "aidev.home": str(settings.aidev_home), **labels}
    try:
        with _making:
            if _stopped.is_set():
                raise SandboxGone("This process makes no more containers.")
            return client.containers.create(image, words, labels=ours, **container_options(settings))
    except ImageNotFound as error:
        raise ImageMissing(f"There is no sandbox image {image}.", "Build it: make image") from error
    except APIError as error:
        if runtime and "runtime" in str(error.explanation):
            raise no_runtime(runtime, str(error.explanation)) from error
        raise


def no_runtime(runtime: str, said: str) -> SetupError:
    """A runtime that is named and not there."""
    hint = "Install it and name it in the engine's daemon.json, or unset SANDBOX_RUNTIME."
    return SetupError(f"The Docker engine has no runtime {runtime!r}: {said}", hint)


class Started:
    """A container whose runner waits for its one job."""

    def __init__(self, client: DockerClient, container: Container, stream: Attached, output_bytes: int) -> None:
        self._client, self._container, self._stream = client, container, stream
        self._output_bytes = output_bytes
        self.begun = False
        """Whether the runner has answered: from then on, code of the job may have run."""

    def run(self, job: Job, start: float) -> Outcome:
        """Run the job, whose time counts from `start` (of `time.monotonic`); once only."""
        told = Conversation(job, self._output_bytes)
        self._stream.deadline = start + job.timeout_seconds
        ended = self._converse(told)
        return Outcome(
            ended=ended,
            results=told.results,
            container_id=str(self._container.id),
            duration_seconds=time.monotonic() - start,
            python_version=told.python_version,
            os=told.os,
        )

    def _converse(self, told: Conversation) -> Ended:
        """Tell the runner its job and hear it out. How the container ended."""
        try:
            self._stream.send(told.request())
            for message in self._stream.messages(told.answer_bytes):
                self.begun = True
                told.hear(message)
                if told.finished:
                    return "out_of_memory" if told.oom_kills else "finished"
        except TimeoutError:
            return self._ended_late()
        return self._ended_early(told)

    def _ended_late(self) -> Ended:
        """Time is up. Raises SandboxGone where the container stood still, EngineUnavailable where the engine does."""
        self._container.reload()
        if self._container.attrs["State"]["Paused"]:
            raise SandboxGone("The sandbox container was paused from outside.")
        return "timeout"

    def _ended_early(self, told: Conversation) -> Ended:
        """Why the runner fell silent. Raises SandboxGone where the code under test is not to blame."""
        container = self._container
        try:
            container.wait(timeout=_SETTLING)
            container.reload()
        except NotFound as error:
            raise SandboxGone("The sandbox container was removed from outside.") from error
        if container.attrs["State"]["OOMKilled"] or told.oom_kills:
            return "out_of_memory"
        if _killed_from_outside(self._client, container):
            raise SandboxGone("The sandbox container was killed from outside.")
        if not told.python_version:
            said = self._stream.stderr.decode(errors="replace")
            raise SandboxGone(f"The sandbox container did not start its work: {said}")
        return "killed"


def _killed_from_outside(client: DockerClient, container: Container) -> bool:
    """Whether somebody asked the engine for it; a program inside cannot."""
    finished = datetime.fromisoformat(container.attrs["State"]["FinishedAt"]).timestamp()
    only = {"container": container.id, "event": "kill"}
    return any(client.api.events(since=1, until=math.ceil(finished), filters=only, decode=True))


def remove(client: DockerClient, container_id: str) -> None:
    """Kill and remove a container, if it is there."""
    try:
        client.api.remove_container(container_id, force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if "already in progress" not in str(error.explanation):
            raise


def image_of(settings: Settings) -> str:
    """The image that containers are made of."""
    return settings.sandbox_image or image_name()
