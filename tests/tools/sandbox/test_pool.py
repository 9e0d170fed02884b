"""Containers that stand ready: each for one job, replaced when they die, and gone when nobody wants them."""

import gc
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docker
import pytest

from schemas.errors import EngineUnavailable, ImageMissing, SandboxError, SandboxGone, SetupError
from schemas.ports import Command, Job
from settings import settings
from tools.sandbox import pool as pools
from tools.sandbox.docker import remove_orphans, remove_own
from tools.sandbox.pool import ReadySandbox

ROOT = Path(__file__).parents[3]
MakeJob = Callable[..., Job]
Containers = Callable[[], list[str]]
Configure = Callable[..., None]


@pytest.fixture(autouse=True)
def _one_at_a_time(configure: Configure) -> None:
    """One container stands ready, which a test can name."""
    configure(SANDBOX_READY=1)


@pytest.fixture
def pool(sandbox_image: str) -> Iterator[ReadySandbox]:
    """A pool with one container ready."""
    pool = ReadySandbox(settings())
    pool.prepare()
    pool.wait()
    yield pool
    pool.close()


def test_a_container_that_stands_ready_is_used_once_and_replaced(
    pool: ReadySandbox, job: MakeJob, containers: Containers
) -> None:
    seen = []
    for _ in range(2):
        [ready] = containers()
        outcome = pool.run(job("echo here"))
        pool.wait()
        assert (outcome.ended, outcome.container_id) == ("finished", ready)
        seen.append(ready)

    assert len({*seen, *containers()}) == 3


def test_jobs_side_by_side_have_a_container_each(pool: ReadySandbox, job: MakeJob, containers: Containers) -> None:
    [ready] = containers()
    with ThreadPoolExecutor(3) as threads:
        outcomes = list(threads.map(lambda n: pool.run(job(f"echo {n} > mine; sleep 0.3; ls; cat mine")), range(3)))
    pool.wait()

    assert [outcome.results[0].stdout for outcome in outcomes] == [f"mine\n{n}\n" for n in range(3)]
    ids = {outcome.container_id for outcome in outcomes}
    assert len(ids) == 3
    assert ready in ids
    assert len(containers()) == 1


@pytest.mark.parametrize("away", ["remove", "kill"])
def test_one_that_died_meanwhile_is_replaced_and_the_job_does_not_notice(
    pool: ReadySandbox, job: MakeJob, containers: Containers, client: docker.DockerClient, away: str
) -> None:
    [ready] = containers()
    if away == "kill":
        client.api.kill(ready)
    else:
        client.api.remove_container(ready, force=True)
    outcome = pool.run(job("echo here"))

    assert outcome.results[0].stdout == "here\n"
    assert outcome.container_id != ready
    pool.wait()
    assert ready not in containers()


def test_one_that_is_taken_away_under_its_job_is_gone(
    pool: ReadySandbox, job: MakeJob, containers: Containers, client: docker.DockerClient
) -> None:
    [ready] = containers()
    with ThreadPoolExecutor(1) as threads:
        outcome = threads.submit(pool.run, job(Command("sleep", "sleep 60", 60)))
        while len(client.api.top(ready)["Processes"]) != 3:
            time.sleep(0.05)
        client.api.remove_container(ready, force=True)
        with pytest.raises(SandboxGone, match="outside"):
            outcome.result(timeout=20)


def test_a_tree_that_is_refused_takes_no_container(pool: ReadySandbox, job: MakeJob, containers: Containers) -> None:
    [ready] = containers()
    with pytest.raises(SandboxError, match="cannot be read"):
        pool.run(job("true", tree=b"no archive"))

    assert containers() == [ready]


def test_none_is_kept_ready_where_the_setting_says_so(
    job: MakeJob, containers: Containers, configure: Configure, sandbox_image: str
) -> None:
    configure(SANDBOX_READY=0)
    pool = ReadySandbox(settings())
    pool.prepare()
    pool.wait()

    assert containers() == []
    assert pool.run(job("echo here")).results[0].stdout == "here\n"
    pool.wait()
    assert containers() == []


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize(
    ("variable", "value", "error", "words"),
    [
        ("DOCKER_HOST", "unix:///nowhere.sock", EngineUnavailable, "make engine"),
        ("SANDBOX_IMAGE", "aidev-sandbox:none", ImageMissing, "make image"),
        ("SANDBOX_RUNTIME", "no-such-runtime", SetupError, "no-such-runtime.*unset SANDBOX_RUNTIME"),
    ],
)
def test_what_the_machine_lacks_is_told_by_the_run_and_only_there(
    job: MakeJob,
    client: object,
    capfd: pytest.CaptureFixture[str],
    variable: str,
    value: str,
    error: type[Exception],
    words: str,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(variable, value)
        settings.cache_clear()
        pool = ReadySandbox(settings())
        for _ in range(2):
            pool.prepare()
            pool.wait()
        with pytest.raises(error, match=f"(?s){words}"):
            pool.run(job("true"))
        pool.close()
        del pool
    gc.collect()

    assert capfd.readouterr() == ("", "")


def test_the_pool_of_this_process_follows_the_settings(
    job: MakeJob, containers: Containers, configure: Configure, sandbox_image: str
) -> None:
    pools.prepare()
    first = pools.sandbox()
    first.wait()
    old = containers()
    assert pools.sandbox() is first

    configure(SANDBOX_PIDS=64)
    assert pools.sandbox() is not first
    assert (len(old), containers()) == (1, [])
    first.run(job("true"))
    first.wait()
    pools.close()
    assert containers() == []


CHILD = """
import sys, time
from tools.sandbox import pool
pool.prepare()
if "wait" in sys.argv:
    pool.sandbox().wait()
    print("ready", flush=True)
if "stay" in sys.argv:
    time.sleep(60)
"""


def of(process: "subprocess.Popen[str]", client: docker.DockerClient) -> list[dict[str, str]]:
    found = client.api.containers(all=True, filters={"label": ["aidev=1"]})
    return [each for each in found if each["Labels"]["aidev.owner"].startswith(f"{process.pid}:")]


def child(*words: str) -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", CHILD, *words], cwd=ROOT, text=True, stdout=pipe, stderr=pipe)


@pytest.mark.parametrize("words", [[], ["wait"]])
def test_a_process_that_ends_leaves_nothing_and_says_nothing(client: docker.DockerClient, words: list[str]) -> None:
    process = child(*words)
    said = process.communicate(timeout=30)

    assert (process.returncode, said) == (0, ("ready\n" if words else "", ""))
    assert of(process, client) == []


def test_a_container_whose_process_was_killed_ends_by_itself(client: docker.DockerClient) -> None:
    process = child("wait", "stay")
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    [ready] = of(process, client)
    assert ready["State"] == "running"

    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    client.api.wait(ready["Id"], timeout=20)
    remove_orphans()
    assert of(process, client) == []


def test_own_containers_include_those_that_stand_ready(pool: ReadySandbox, containers: Containers) -> None:
    remove_own()

    assert containers() == []


def test_an_image_that_does_not_wait_is_noticed(
    job: MakeJob, configure: Configure, client: docker.DockerClient, sandbox_image: str
) -> None:
    text = f"FROM {sandbox_image}\nENTRYPOINT true\n"
    image, _ = client.images.build(fileobj=io.BytesIO(text.encode()), network_mode="none", rm=True)
    configure(SANDBOX_IMAGE=image.id)
    pool = ReadySandbox(settings())
    pool.prepare()
    pool.wait()
    with pytest.raises(SandboxGone, match="did not start its work"):
        pool.run(job("true"))
    pool.close()
    client.images.remove(str(image.id))
