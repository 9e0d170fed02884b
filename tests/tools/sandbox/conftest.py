"""Real jobs in real containers; none is left when a test has ended."""

import io
import tarfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from typing import Any

import docker
import pytest

from schemas.ports import Command, Job, Outcome
from settings import settings
from tools.sandbox.docker import DockerSandbox, remove_own
from tools.sandbox.owner import owner
from tools.sandbox.pool import ReadySandbox, close

MakeJob = Callable[..., Job]
Run = Callable[..., Outcome]
Containers = Callable[[], list[str]]


def archive(files: Mapping[str, str]) -> bytes:
    """A tar archive."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


@pytest.fixture(scope="session")
def job() -> MakeJob:
    """`job(*commands, timeout=30, workflow="workflow", files={…})`; a string is a command named as it reads."""

    def make(
        *commands: Command | str,
        timeout: float = 30,
        workflow: str = "workflow",
        files: Mapping[str, str] | None = None,
        tree: bytes | None = None,
    ) -> Job:
        named = [Command(each, each, 15) if isinstance(each, str) else each for each in commands]
        return Job(tree or archive(files or {}), named, workflow, "task", timeout)

    return make


@pytest.fixture
def kind() -> str:
    """`fresh` or `ready`: which sandbox the tests of a file are for."""
    return "fresh"


@pytest.fixture
def run(sandbox_image: str, job: MakeJob, kind: str) -> Run:
    """Runs such a job, in a fresh container or in one that stands ready."""

    def start(*commands: Command | str, **more: Any) -> Outcome:
        if kind == "fresh":
            return DockerSandbox(settings()).run(job(*commands, **more))
        with closing(ReadySandbox(settings())) as pool:
            pool.prepare()
            pool.wait()
            return pool.run(job(*commands, **more))

    return start


@pytest.fixture
def run_python(run: Run) -> Callable[[str], str]:
    """What a Python program prints in the sandbox."""

    def start(program: str) -> str:
        outcome = run("python program.py", files={"program.py": program})
        assert outcome.ended == "finished"
        return outcome.results[0].stdout + outcome.results[0].stderr

    return start


@pytest.fixture
def client(sandbox_image: str) -> Iterator[docker.DockerClient]:
    """The engine itself."""
    client = docker.from_env()
    yield client
    client.close()


@pytest.fixture
def containers(client: docker.DockerClient) -> Containers:
    """Ids of the containers of this process."""
    only = {"label": [f"aidev.owner={owner()}"]}
    return lambda: [found["Id"] for found in client.api.containers(all=True, filters=only)]


@pytest.fixture(autouse=True)
def _nothing_left(containers: Containers) -> Iterator[None]:
    """Every test here begins and ends without a container."""
    close()
    yield
    left = containers()
    remove_own()
    assert left == []
