"""Containers that are lost, left over or taken away."""

import gc
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Thread
from uuid import uuid4

import docker
import psutil
import pytest

from schemas.errors import EngineUnavailable, SandboxGone
from schemas.ports import Command, Job, Outcome
from settings import settings
from tools.sandbox.docker import DockerSandbox, remove_orphans, remove_own, remove_workflow
from tools.sandbox.owner import is_dead, owner

ROOT = Path(__file__).parents[3]
Run = Callable[..., Outcome]
Containers = Callable[[], list[str]]
LONG = Command("sleep", "sleep 60", 60)


def wait_for(containers: Containers, client: docker.DockerClient) -> str:
    """The one container of this process, once its command runs."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        for found in containers():
            if len(processes(client, found)) > 1:
                return found
        time.sleep(0.05)
    raise AssertionError("no container came up")


def processes(client: docker.DockerClient, container: str) -> list[list[str]]:
    """Those of a container; none of one that does not run yet, or is gone by now."""
    try:
        running = client.api.inspect_container(container)["State"]["Running"]
        return list(client.api.top(container)["Processes"]) if running else []
    except docker.errors.NotFound:
        return []


@pytest.mark.parametrize("away", ["remove", "kill", "stop"])
def test_a_container_taken_away_is_gone_and_not_the_codes_fault(
    run: Run, containers: Containers, client: docker.DockerClient, away: str
) -> None:
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, LONG)
        found = wait_for(containers, client)
        if away == "remove":
            client.api.remove_container(found, force=True)
        elif away == "kill":
            client.api.kill(found)
        else:
            client.api.stop(found, timeout=0)
        with pytest.raises(SandboxGone, match="outside"):
            outcome.result(timeout=20)


class Relay:
    """A way to the engine that can be cut."""

    def __init__(self, path: Path) -> None:
        self.open: list[socket.socket] = []
        self.listener = self.kept(socket.socket(socket.AF_UNIX))
        self.listener.bind(str(path))
        self.listener.listen()
        Thread(target=self.accept, daemon=True).start()

    def kept(self, end: socket.socket) -> socket.socket:
        self.open.append(end)
        return end

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, theirs = self.kept(self.listener.accept()[0]), self.kept(socket.socket(socket.AF_UNIX))
                theirs.connect("/var/run/docker.sock")
                Thread(target=self.copy, args=(ours, theirs), daemon=True).start()
                Thread(target=self.copy, args=(theirs, ours), daemon=True).start()

    def copy(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)

    def cut(self) -> None:
        for end in self.open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
def test_an_engine_that_goes_away_is_not_the_codes_fault_either(
    run: Run, containers: Containers, client: docker.DockerClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay = Relay(tmp_path / "relay.sock")
    with ThreadPoolExecutor(1) as pool:
        monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/relay.sock")
        outcome = pool.submit(run, LONG)
        wait_for(containers, client)
        relay.cut()
        with pytest.raises(EngineUnavailable, match="no more"):
            outcome.result(timeout=20)
    monkeypatch.delenv("DOCKER_HOST")
    remove_own()
    del outcome
    gc.collect()


def test_own_containers_can_be_removed_at_once(run: Run, containers: Containers, client: docker.DockerClient) -> None:
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, LONG)
        wait_for(containers, client)
        remove_own()
        assert containers() == []
        with pytest.raises(SandboxGone):
            outcome.result(timeout=20)


def test_an_exception_on_this_side_leaves_nothing(
    job: Callable[..., Job], containers: Containers, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        assert len(containers()) == 1
        raise KeyboardInterrupt

    monkeypatch.setattr("tools.sandbox.protocol.Conversation.hear", interrupted)
    with pytest.raises(KeyboardInterrupt):
        DockerSandbox(settings()).run(job(LONG))
    assert containers() == []


def test_only_the_containers_of_one_workflow_are_removed(
    run: Run, containers: Containers, client: docker.DockerClient
) -> None:
    workflow = str(uuid4())
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, LONG, workflow=workflow)
        found = wait_for(containers, client)
        remove_workflow(str(uuid4()))
        assert containers() == [found]
        remove_workflow(workflow)
        with pytest.raises(SandboxGone):
            outcome.result(timeout=20)


CHILD = """
from schemas.ports import Command, Job
from settings import settings
from tools.sandbox.docker import DockerSandbox
DockerSandbox(settings()).run(Job(bytes(10240), [Command("sleep", "sleep 60", 60)], "workflow", "task", 60))
"""


@pytest.fixture
def other_process(sandbox_image: str) -> Iterator[subprocess.Popen[bytes]]:
    """Another process, which runs a job."""
    process = subprocess.Popen([sys.executable, "-c", CHILD], cwd=ROOT)
    yield process
    process.kill()
    process.wait()


def test_the_containers_of_a_killed_process_are_removed_and_of_no_other(
    run: Run, containers: Containers, client: docker.DockerClient, other_process: subprocess.Popen[bytes]
) -> None:
    def of_child() -> list[str]:
        all_of_them = client.api.containers(all=True, filters={"label": ["aidev=1"]})
        return [c["Id"] for c in all_of_them if c["Labels"]["aidev.owner"].startswith(f"{other_process.pid}:")]

    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(run, LONG)
        mine, theirs = wait_for(containers, client), wait_for(of_child, client)
        remove_orphans()
        assert (containers(), of_child()) == ([mine], [theirs])
        other_process.kill()
        remove_orphans()
        other_process.wait()
        remove_orphans()
        assert (containers(), of_child()) == ([mine], [])
        remove_own()
        with pytest.raises(SandboxGone):
            outcome.result(timeout=20)


def test_the_container_of_a_killed_process_ends_by_itself(
    client: docker.DockerClient, other_process: subprocess.Popen[bytes]
) -> None:
    def of_child() -> list[str]:
        all_of_them = client.api.containers(all=True, filters={"label": ["aidev=1"]})
        return [c["Id"] for c in all_of_them if c["Labels"]["aidev.owner"].startswith(f"{other_process.pid}:")]

    found = wait_for(of_child, client)
    other_process.kill()
    other_process.wait()
    client.api.wait(found, timeout=20)
    remove_orphans()
    assert of_child() == []


def test_an_owner_is_known_by_more_than_its_number() -> None:
    pid, started, place = owner().split(":", 2)

    assert not is_dead(owner(), 0)
    assert is_dead(f"{pid}:{int(started) + 1}:{place}", time.time())
    assert is_dead(f"{_free_pid()}:{started}:{place}", time.time())


def test_a_container_of_another_machine_is_left_alone_for_a_day() -> None:
    pid, started, place = owner().split(":", 2)
    elsewhere = f"{pid}:{started}:another-{place}"

    assert not is_dead(elsewhere, time.time() - 3600)
    assert is_dead(elsewhere, time.time() - 25 * 3600)


def _free_pid() -> int:
    return next(pid for pid in range(2, 1 << 22) if not psutil.pid_exists(pid))
