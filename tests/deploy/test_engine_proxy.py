"""Through the proxy the sandbox works, and nothing else does."""

import io
import json
import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import docker
import httpx
import pytest
from docker.models.containers import _create_container_args  # type: ignore[attr-defined]

from deploy.rules import Request, as_looked_at, container_faults, faults
from schemas.ports import Command, Job
from settings import Settings, settings
from tests.conftest import Configure, _free_port
from tools.sandbox.docker import DockerSandbox, engine_status, remove_orphans
from tools.sandbox.limits import container_options

HOST: dict[str, Any] = {
    "Privileged": True,
    "Binds": ["/:/host"],
    "Mounts": [{"Type": "bind", "Source": "/", "Target": "/host"}],
    "VolumesFrom": ["postgres"],
    "CapAdd": ["SYS_ADMIN"],
    "CapDrop": [],
    "Devices": [{"PathOnHost": "/dev/sda"}],
    "DeviceRequests": [{"Count": -1}],
    "NetworkMode": "host",
    "PidMode": "host",
    "IpcMode": "host",
    "UsernsMode": "host",
    "UTSMode": "host",
    "CgroupParent": "/",
    "SecurityOpt": ["no-new-privileges", "seccomp=unconfined"],
    "ReadonlyRootfs": False,
    "RestartPolicy": {"Name": "always"},
    "PortBindings": {"80/tcp": [{"HostPort": "80"}]},
    "Sysctls": {"net.ipv4.ip_forward": "1"},
    "LogConfig": {"Type": "syslog", "Config": {"syslog-address": "tcp://evil.example"}},
    "Memory": 0,
    "PidsLimit": -1,
    "NanoCpus": 0,
    "privileged": True,
}
TOP: dict[str, Any] = {
    "Image": "postgres:18",
    "User": "root",
    "Labels": {},
    "Entrypoint": ["sh"],
    "Env": ["A=b"],
    "Volumes": {"/x": {}},
    "hostconfig": {"Privileged": True},
}
REFUSED = [
    ("GET", "/containers/json"),
    ("GET", "/containers/json?all=1&filters=%7B%7D"),
    ("GET", "/images/json"),
    ("POST", "/images/create?fromImage=evil"),
    ("POST", "/build"),
    ("POST", "/containers/a/exec"),
    ("POST", "/exec/a/start"),
    ("PUT", "/containers/a/archive?path=/"),
    ("GET", "/containers/a/archive?path=/"),
    ("GET", "/containers/a/logs"),
    ("POST", "/containers/a/update"),
    ("POST", "/containers/prune"),
    ("POST", "/volumes/create"),
    ("GET", "/secrets"),
    ("POST", "/swarm/init"),
    ("GET", "/v1.41/../containers/json"),
    ("GET", "//containers/json"),
    ("DELETE", "/images/a"),
    ("HEAD", "/containers/create"),
]


def wanted() -> dict[str, Any]:
    """What the sandbox asks the engine for."""
    api = docker.APIClient(version="1.41")
    given = {"image": "aidev-sandbox:abc", "labels": {"aidev": "1"}, "version": "1.41", **container_options(settings())}
    arguments = _create_container_args(given)
    image = arguments.pop("image")
    config: dict[str, Any] = json.loads(json.dumps(api.create_container_config(image, ["prepare"], **arguments)))
    api.close()
    return config


def test_the_sandboxs_own_container_is_let_through() -> None:
    assert container_faults(json.dumps(wanted()).encode()) == []


@pytest.mark.parametrize("name", HOST)
def test_a_container_with_more_than_the_sandboxs_is_refused(name: str) -> None:
    asked = wanted()
    asked["HostConfig"][name] = HOST[name]
    assert container_faults(json.dumps(asked).encode())


@pytest.mark.parametrize("name", TOP)
def test_another_container_is_refused(name: str) -> None:
    assert container_faults(json.dumps(wanted() | {name: TOP[name]}).encode())


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"HostConfig": 1}', b"{}"])
def test_what_is_no_container_is_refused(body: bytes) -> None:
    assert container_faults(body)


def test_nothing_goes_on_that_the_engine_would_read_otherwise() -> None:
    """Go's parser takes any case, and the last of two."""
    asked = wanted()
    asked["HostConfig"] |= {"readonlyrootfs": False, "capdrop": None}
    body = json.dumps(asked | {"hostconfig": None})
    onward = as_looked_at(body.replace('{"Hostname"', '{"User": "root", "Hostname"').encode())
    assert set(json.loads(onward)["HostConfig"]) & {"readonlyrootfs", "capdrop"} == set()
    assert "hostconfig" not in json.loads(onward)
    assert onward.count(b'"User"') == 1


@pytest.mark.parametrize(("method", "target"), REFUSED)
def test_other_requests_are_refused(method: str, target: str) -> None:
    assert faults(Request(method, target, [], b""))


@pytest.fixture(scope="module")
def proxy(sandbox_image: str) -> Iterator[str]:
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "deploy.engine_proxy", str(port)], env={**os.environ, "LISTEN": "127.0.0.1"}
    )
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            assert time.monotonic() < deadline, "the proxy does not start"
            time.sleep(0.05)
    yield f"127.0.0.1:{port}"
    process.kill()
    process.wait()


def test_a_job_runs_through_it(proxy: str, configure: Configure) -> None:
    configure(DOCKER_HOST=f"tcp://{proxy}")
    assert engine_status()["image_present"]
    remove_orphans()
    empty = io.BytesIO()
    tarfile.open(fileobj=empty, mode="w").close()
    job = Job(empty.getvalue(), [Command("say", "echo $((6 * 7)); cat", 10, stdin=b"!")], "w", "t", 20)
    ended = DockerSandbox(Settings()).run(job)
    assert ended.ended == "finished"
    assert ended.results[0].stdout == "42\n!"


def test_containers_of_others_are_out_of_reach(proxy: str) -> None:
    with closing(docker.from_env()) as engine:
        image = engine_status()["image"]
        other = engine.containers.create(image, labels={"mine": "1"})
        try:
            for method, path in [("GET", "/json"), ("POST", "/start"), ("POST", "/attach?stdin=1"), ("DELETE", "")]:
                answer = httpx.request(method, f"http://{proxy}/containers/{other.id}{path}")
                assert answer.status_code == 404, (method, path)
            other.reload()
            assert other.status == "created"
        finally:
            other.remove(force=True)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"POST /containers/create HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"POST /containers/create HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        b"POST /containers/create HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"GET /info\r\n\r\n",
        b"GET /_ping HTTP/1.1\r\n\r\nGET /images/json HTTP/1.1\r\n\r\n",
    ],
)
def test_nothing_is_smuggled_through(proxy: str, bytes_sent: bytes) -> None:
    host, port = proxy.split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(bytes_sent)
        said = b""
        while chunk := connection.recv(65536):
            said += chunk
    assert b"RepoTags" not in said
    assert said.count(b"HTTP/1.1") == 1
    assert said.split(b" ")[1] in (b"400", b"200")
