"""The sandbox: a fresh Docker container for every job, and gone afterwards."""

import time
from collections.abc import Callable
from typing import Any, TypedDict

from docker import DockerClient
from docker.errors import ImageNotFound

from schemas.ports import Job, Outcome
from settings import Settings, settings
from tools.sandbox.container import image_of, no_runtime, remove, started
from tools.sandbox.engine import engine
from tools.sandbox.owner import is_dead, owner
from tools.sandbox.protocol import check_tree


class DockerSandbox:
    """Runs jobs in containers without a network, with nothing of the host in them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def run(self, job: Job) -> Outcome:
        """Run a job in a fresh container and remove it.

        Raises EngineUnavailable, ImageMissing, SetupError or SandboxGone: failures of the surroundings, not of the
        code; UnsafePath or SandboxError for a tree that must not or cannot be unpacked.
        """
        check_tree(job.tree)
        labels = {"aidev.workflow": job.workflow_id, "aidev.task": job.task_id}
        prepare = bool(job.commands and job.commands[0].module)
        start = time.monotonic()
        with started(self._settings, labels, prepare) as container:
            return container.run(job, start)


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
                remove(client, found["Id"])


class EngineStatus(TypedDict):
    """What a person wants to know about the engine."""

    version: str
    runtime: str
    image: str
    image_present: bool


def engine_status() -> EngineStatus:
    """How the engine is. Raises EngineUnavailable; SetupError for a runtime that it does not have."""
    image = image_of(settings())
    with engine() as client:
        info = client.info()
        runtime = settings().sandbox_runtime or info["DefaultRuntime"]
        if runtime not in info["Runtimes"]:
            raise no_runtime(runtime, f"it has {', '.join(sorted(info['Runtimes']))}")
        version = client.version()["Version"]
        return EngineStatus(version=version, runtime=runtime, image=image, image_present=_has(client, image))


def _has(client: DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True
