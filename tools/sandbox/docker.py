"""The sandbox: a fresh Docker container for every job, and gone afterwards."""

import math
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal, TypedDict

from docker import DockerClient
from docker.errors import APIError, ImageNotFound, NotFound
from docker.models.containers import Container

from schemas.errors import ImageMissing, SandboxGone
from schemas.ports import Job, Outcome
from settings import Settings, settings
from tools.sandbox.engine import engine
from tools.sandbox.image import image_name
from tools.sandbox.limits import container_options
from tools.sandbox.owner import is_dead, owner
from tools.sandbox.protocol import Conversation, check_tree
from tools.sandbox.stream import Attached

Ended = Literal["finished", "timeout", "out_of_memory", "killed"]

_SETTLING = 10
"""Seconds for an ended container to be known as ended."""


class DockerSandbox:
    """Runs jobs in containers without a network, with nothing of the host in them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def run(self, job: Job) -> Outcome:
        """Run a job in a fresh container and remove it.

        Raises EngineUnavailable, ImageMissing or SandboxGone: failures of the surroundings, not of the code;
        UnsafePath or SandboxError for a tree that must not or cannot be unpacked.
        """
        check_tree(job.tree)
        with engine() as client:
            container = self._create(client, job)
            try:
                return self._outcome(client, container, job)
            finally:
                _remove(client, str(container.id))

    def _create(self, client: DockerClient, job: Job) -> Container:
        image = _image(self._settings)
        labels = {"aidev": "1", "aidev.workflow": job.workflow_id, "aidev.task": job.task_id, "aidev.owner": owner()}
        try:
            return client.containers.create(image, labels=labels, **container_options(self._settings))
        except ImageNotFound as error:
            raise ImageMissing(f"There is no sandbox image {image}.", "Build it: make image") from error

    def _outcome(self, client: DockerClient, container: Container, job: Job) -> Outcome:
        told = Conversation(job, self._settings.sandbox_output_bytes)
        start = time.monotonic()
        ended = _converse(client, container, told, start + job.timeout_seconds)
        return Outcome(
            ended=ended,
            results=told.results,
            container_id=str(container.id),
            duration_seconds=time.monotonic() - start,
            python_version=told.python_version,
            os=told.os,
        )


def _converse(client: DockerClient, container: Container, told: Conversation, deadline: float) -> Ended:
    """Start the container, tell the runner its job and hear it out. How the container ended."""
    with Attached(client, str(container.id), deadline) as stream:
        container.start()
        try:
            stream.send(told.request())
            for message in stream.messages(told.answer_bytes):
                told.hear(message)
                if told.finished:
                    return "out_of_memory" if told.oom_kills else "finished"
        except TimeoutError:
            return "timeout"
        return _ended_early(client, container, told, stream.stderr)


def _ended_early(client: DockerClient, container: Container, told: Conversation, stderr: bytes) -> Ended:
    """Why the runner fell silent. Raises SandboxGone where the code under test is not to blame."""
    try:
        container.wait(timeout=_SETTLING)
        container.reload()
    except NotFound as error:
        raise SandboxGone("The sandbox container was removed from outside.") from error
    if container.attrs["State"]["OOMKilled"] or told.oom_kills:
        return "out_of_memory"
    if _killed_from_outside(client, container):
        raise SandboxGone("The sandbox container was killed from outside.")
    if not told.python_version:
        raise SandboxGone(f"The sandbox container did not start its work: {stderr.decode(errors='replace')}")
    return "killed"


def _killed_from_outside(client: DockerClient, container: Container) -> bool:
    """Whether somebody asked the engine for it; a program inside cannot."""
    finished = datetime.fromisoformat(container.attrs["State"]["FinishedAt"]).timestamp()
    only = {"container": container.id, "event": "kill"}
    return any(client.api.events(since=1, until=math.ceil(finished), filters=only, decode=True))


def remove_orphans() -> None:
    """Remove the containers whose process has ended, or whose machine is long gone. Raises EngineUnavailable."""
    _remove_where(["aidev=1"], lambda found: is_dead(found["Labels"]["aidev.owner"], found["Created"]))


def remove_workflow(workflow_id: str) -> None:
    """Remove all containers of a workflow. Raises EngineUnavailable."""
    _remove_where([f"aidev.workflow={workflow_id}"])


def remove_own() -> None:
    """Remove all containers of this process. Raises EngineUnavailable."""
    _remove_where([f"aidev.owner={owner()}"])


def _remove_where(labels: list[str], condition: Callable[[dict[str, Any]], bool] = lambda found: True) -> None:
    with engine() as client:
        for found in client.api.containers(all=True, filters={"label": labels}):
            if condition(found):
                _remove(client, found["Id"])


def _remove(client: DockerClient, container_id: str) -> None:
    try:
        client.api.remove_container(container_id, force=True, v=True)
    except NotFound:
        return
    except APIError as error:
        if "already in progress" not in str(error.explanation):
            raise


class EngineStatus(TypedDict):
    """What a person wants to know about the engine."""

    version: str
    runtime: str
    image: str
    image_present: bool


def engine_status() -> EngineStatus:
    """How the engine is. Raises EngineUnavailable."""
    image = _image(settings())
    with engine() as client:
        version, runtime = client.version()["Version"], client.info()["DefaultRuntime"]
        return EngineStatus(version=version, runtime=runtime, image=image, image_present=_has(client, image))


def _has(client: DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _image(chosen: Settings) -> str:
    return chosen.sandbox_image or image_name()
