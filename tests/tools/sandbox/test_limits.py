"""What a container is given, and which settings give more than the defaults do."""

import json
from collections.abc import Callable

import docker
import pytest
from runner import ROOT

from schemas.errors import SetupError
from schemas.ports import Command, Outcome
from settings import settings
from tools.sandbox.limits import TREE, container_options, loosened

Run = Callable[..., Outcome]
RunPython = Callable[[str], str]
Configure = Callable[..., None]


def test_the_tree_is_where_the_runner_looks_for_it() -> None:
    assert TREE == ROOT


def test_the_defaults_loosen_nothing_and_neither_do_tighter_limits(configure: Configure) -> None:
    assert loosened(settings()) == []
    configure(SANDBOX_TIMEOUT=10, SANDBOX_MEMORY="96m", SANDBOX_CPUS=0.5, SANDBOX_PIDS=9, SANDBOX_OUTPUT_BYTES=10)
    assert loosened(settings()) == []


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("DOCKER_NETWORK", "bridge", "DOCKER_NETWORK=bridge (default none)"),
        ("SANDBOX_TIMEOUT", "600", "SANDBOX_TIMEOUT=600.0 (default 300.0)"),
        ("SANDBOX_MEMORY", "1025m", "SANDBOX_MEMORY=1025m (default 1g)"),
        ("SANDBOX_CPUS", "2", "SANDBOX_CPUS=2.0 (default 1.0)"),
        ("SANDBOX_PIDS", "129", "SANDBOX_PIDS=129 (default 128)"),
        ("SANDBOX_OUTPUT_BYTES", "200001", "SANDBOX_OUTPUT_BYTES=200001 (default 200000)"),
    ],
)
def test_each_laxer_limit_is_named(configure: Configure, name: str, value: str, line: str) -> None:
    configure(**{name: value})

    assert loosened(settings()) == [line]


def test_the_engine_is_given_every_limit(
    run: Run, client: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, object]] = []

    def look(container: object, *_: object) -> Outcome:
        seen.append(client.api.inspect_container(container._container.id))  # type: ignore[attr-defined]
        return Outcome("finished", [], "", 0, "", "")

    monkeypatch.setattr("tools.sandbox.container.Started.run", look)
    run("true")
    host, config = seen[0]["HostConfig"], seen[0]["Config"]
    assert isinstance(host, dict)
    assert isinstance(config, dict)
    assert (host["NetworkMode"], host["ReadonlyRootfs"], host["CapDrop"]) == ("none", True, ["ALL"])
    assert (host["Memory"], host["MemorySwap"], host["NanoCpus"], host["PidsLimit"]) == (1 << 30, 1 << 30, 10**9, 128)
    assert (host["ShmSize"], host["IpcMode"], host["Privileged"]) == (16 << 20, "private", False)
    assert {each["Name"] for each in host["Ulimits"]} == {"nofile", "fsize", "core"}
    assert (host["Binds"], seen[0]["Mounts"], host["LogConfig"]["Type"]) == (None, [], "none")
    assert (config["Hostname"], config["User"], config["StdinOnce"]) == ("localhost", "1000:1000", True)
    [privileges, calls] = host["SecurityOpt"]
    assert (privileges, json.loads(calls.partition("=")[2])["defaultAction"]) == ("no-new-privileges", "SCMP_ACT_ERRNO")


def test_a_runtime_is_asked_for_by_its_name(configure: Configure, run: Run, client: docker.DockerClient) -> None:
    assert container_options(settings())["runtime"] is None
    configure(SANDBOX_RUNTIME="runc")
    assert run("echo here").results[0].stdout == "here\n"

    configure(SANDBOX_RUNTIME="no-such-runtime")
    with pytest.raises(SetupError, match=r"(?s)no-such-runtime.*unset SANDBOX_RUNTIME"):
        run("true")


LEAVE = """
import os, pathlib
for folder in ("$ROOT", "/tmp", "/dev/shm", "/dev/mqueue"):
    pathlib.Path(folder, "left").write_bytes(b"")
os.chdir("/tmp")
for _ in range(3000):
    os.mkdir("deep")
    os.chdir("deep")
os.makedirs("$ROOT/shut/a/b")
os.symlink("/etc", "$ROOT/shut/link")
for folder in ("$ROOT/shut/a/b", "$ROOT/shut/a", "$ROOT/shut", "$ROOT"):
    os.chmod(folder, 0)
""".replace("$ROOT", ROOT)
LOOK = """
import os
print(*(sorted(os.listdir(folder)) for folder in ("$ROOT", "/tmp", "/dev/shm", "/dev/mqueue")), os.path.isdir("/etc"))
""".replace("$ROOT", ROOT)


def test_no_command_sees_what_an_earlier_one_wrote(run: Run) -> None:
    files = {"leave.py": LEAVE, "look.py": LOOK}
    leave = Command("leave", "python leave.py; echo changed > look.py", 20, collect=["look.py"])
    outcome = run(leave, "python look.py", files=files)

    assert [result.stderr for result in outcome.results] == [
        "/bin/sh: 1: cannot create look.py: Permission denied\n",
        "",
    ]
    assert outcome.results[1].stdout == "['leave.py', 'look.py'] [] [] [] True\n"
