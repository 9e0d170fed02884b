"""What a job gives back, and its limits."""

import gc
import io
import tarfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import docker
import pytest
from runner import ROOT

from schemas.errors import EngineUnavailable, ImageMissing, SandboxError, SandboxGone, UnsafePath
from schemas.ports import Command, Job, Outcome
from settings import settings
from tools.sandbox.docker import DockerSandbox, engine_status
from tools.sandbox.limits import FILE_BYTES, TREE_BYTES

Run = Callable[..., Outcome]
Configure = Callable[..., None]


@pytest.fixture(params=["fresh", "ready"])
def kind(request: pytest.FixtureRequest) -> str:
    """Every sandbox does the same."""
    return str(request.param)


def test_a_job_gives_exit_codes_outputs_files_and_its_surroundings(run: Run) -> None:
    write = Command(
        "write", "cat a.txt; echo $WORD >&2; mkdir d; echo made > d/f", 5, env={"WORD": "här"}, collect=["d/f", "no"]
    )
    inside = Command("inside", "pwd; test -f f", 5, cwd="e")
    outcome = run(write, inside, "exit 3", "kill -9 $$", "no-such-program", files={"a.txt": "hello\n", "e/f": ""})

    assert outcome.ended == "finished"
    assert [result.exit_code for result in outcome.results] == [0, 0, 3, 137, 127]
    assert [result.name for result in outcome.results[:3]] == ["write", "inside", "exit 3"]
    assert (outcome.results[0].stdout, outcome.results[0].stderr) == ("hello\n", "här\n")
    assert outcome.results[0].files == {"d/f": b"made\n"}
    assert outcome.results[1].stdout == f"{ROOT}/e\n"
    assert not any(result.timed_out for result in outcome.results)
    assert outcome.python_version.startswith("3.11.")
    assert outcome.os.startswith("Debian")
    assert 0 < outcome.duration_seconds < 20


def test_a_command_that_cannot_be_started_says_so(run: Run) -> None:
    outcome = run(Command("lost", "true", 5, cwd="nowhere"), Command("odd", "echo \0", 5), "echo on")

    assert [result.exit_code for result in outcome.results] == [127, 127, 0]
    assert "nowhere" in outcome.results[0].stderr


def test_the_image_offers_what_generated_code_may_use_byte_compiled(run: Run) -> None:
    program = (
        "import hypothesis, numpy, pandas, pytest, pytest_cov, pytest_timeout, sys, importlib.util, os\n"
        "for module in list(sys.modules.values()):\n"
        "    file = getattr(module, '__file__', None) or ''\n"
        "    if file.endswith('.py') and module.__name__ != '__main__':\n"
        "        assert os.path.exists(importlib.util.cache_from_source(file)), file\n"
        "print(numpy.__version__, pandas.__version__, 'setuptools' in sys.modules)\n"
    )
    tests = "def test_a():\n    assert 1 + 1 == 2\n"
    pytest_command = Command(
        "pytest",
        "python -m pytest -q -p no:randomly -p no:cacheprovider --junitxml=report.xml --cov=. --cov-report=json",
        20,
        collect=["report.xml", "coverage.json"],
    )
    outcome = run("python program.py", pytest_command, files={"program.py": program, "test_a.py": tests})

    numpy, pandas = pytest.importorskip("numpy"), pytest.importorskip("pandas")
    assert outcome.results[0].stderr == ""
    assert outcome.results[0].stdout == f"{numpy.__version__} {pandas.__version__} False\n"
    assert outcome.results[1].exit_code == 0
    assert set(outcome.results[1].files) == {"report.xml", "coverage.json"}


def test_a_command_over_its_limit_is_ended_and_the_next_one_runs(run: Run) -> None:
    stubborn = Command("stubborn", "trap '' TERM; echo begun; sleep 60 & sleep 60", 0.5)
    outcome = run(stubborn, "echo next; ps ax 2>/dev/null | grep -c '[s]leep'; ls -d /proc/[0-9]* | wc -l")

    assert outcome.ended == "finished"
    assert (outcome.results[0].timed_out, outcome.results[0].exit_code) == (True, None)
    assert outcome.results[0].stdout == "begun\n"
    assert 0.5 <= outcome.results[0].duration_seconds < 3
    assert outcome.results[1].stdout.startswith("next\n")


def test_the_wall_clock_ends_the_whole_job(run: Run) -> None:
    start = time.monotonic()
    outcome = run("echo first", Command("sleep", "sleep 60", 60), timeout=2)

    assert outcome.ended == "timeout"
    assert [result.stdout for result in outcome.results] == ["first\n"]
    assert time.monotonic() - start < 8


def test_endless_output_is_capped_and_stopped_in_time(run: Run, configure: Configure) -> None:
    configure(SANDBOX_OUTPUT_BYTES=1000)
    start = time.monotonic()
    outcome = run(Command("yes", "echo begin; yes | tee /dev/stderr", 1), "seq 2000", "yes ab | head -c 1000")

    flood, lines, exact = outcome.results
    assert time.monotonic() - start < 8
    assert flood.timed_out
    assert flood.stdout.startswith("begin\ny\ny\n")
    assert "bytes cut" in flood.stdout
    assert len(flood.stdout) < 1100
    assert 900 < len(flood.stderr) < 1100
    assert lines.stdout.startswith("1\n2\n")
    assert lines.stdout.endswith("1999\n2000\n")
    assert exact.stdout == ("ab\n" * 334)[:1000]


def test_memory_is_limited_even_where_the_runner_survives(run: Run, configure: Configure) -> None:
    configure(SANDBOX_MEMORY="96m")
    outcome = run("python -c 'print(len(bytearray(10**9)))'; echo code $?", "echo next")

    assert outcome.ended == "out_of_memory"
    assert outcome.results[0].stdout == "code 137\n"


def test_memory_filled_with_files_is_the_same(run: Run, configure: Configure) -> None:
    configure(SANDBOX_MEMORY="96m")

    assert run("head -c 250000000 /dev/zero > big; head -c 250000000 /dev/zero > /tmp/big").ended == "out_of_memory"


def test_a_fork_bomb_is_contained_and_cleared_away(run: Run) -> None:
    bomb = Command("bomb", "bomb() { bomb | bomb & }; bomb; while :; do :; done", 1)
    outcome = run(bomb, "ls -d /proc/[0-9]* | wc -l")

    assert outcome.ended == "finished"
    assert outcome.results[0].timed_out or outcome.results[0].exit_code
    assert int(outcome.results[1].stdout) <= 4


def test_disk_and_inodes_end(run: Run) -> None:
    fill = "head -c 300000000 /dev/zero > big; wc -c < big; rm big"
    inodes = "python -c 'import os; [os.mkdir(str(n)) for n in range(40000)]' 2>&1 | tail -1"
    outcome = run(fill, inodes, "truncate -s 1T huge")

    assert outcome.ended == "finished"
    assert outcome.results[2].exit_code != 0
    assert int(outcome.results[0].stdout) <= TREE_BYTES
    assert "No space left" in outcome.results[1].stdout


def test_only_regular_files_of_the_tree_that_are_not_too_large_come_back(run: Run) -> None:
    make = (
        "echo ok > good; ln -s good link; ln -s /etc folder; mkfifo pipe; mkdir dir; truncate -s 200M sparse;"
        f"head -c {FILE_BYTES} /dev/zero > full; echo x > secret; chmod 0 secret; echo out > /tmp/out"
    )
    names = ["good", "./good", "link", "folder/passwd", "pipe", "dir", "sparse", "full", "secret"]
    outcome = run(Command("make", make, 5, collect=[*names, "../tmp/out", "/etc/passwd", "a" * 5000]))

    assert set(outcome.results[0].files) == {"good", "./good", "full"}
    assert len(outcome.results[0].files["full"]) == FILE_BYTES
    assert "sparse is not brought back" in outcome.results[0].stderr


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        tar.addfile(info, io.BytesIO())
    return buffer.getvalue()


@pytest.mark.parametrize(
    "tree",
    [
        member("../up"),
        member("/etc/passwd"),
        member("a/../../b"),
        member("link", tarfile.SYMTYPE, "/etc"),
        member("hard", tarfile.LNKTYPE, "other"),
        member("pipe", tarfile.FIFOTYPE),
        member("device", tarfile.CHRTYPE),
    ],
)
def test_unsafe_trees_are_refused(run: Run, tree: bytes) -> None:
    with pytest.raises(UnsafePath):
        run("true", tree=tree)


def test_trees_that_cannot_be_unpacked_are_refused(run: Run) -> None:
    with pytest.raises(SandboxError, match="cannot be read"):
        run("true", tree=b"no archive")
    with pytest.raises(SandboxError, match="could not be unpacked"):
        run("true", files={"a": "a file", "a/b": "in a file"})


def test_a_large_tree_goes_in(run: Run) -> None:
    outcome = run("wc -c < big", files={"big": "x" * 30_000_000})

    assert outcome.results[0].stdout == "30000000\n"


def test_jobs_run_side_by_side_and_do_not_see_each_other(run: Run) -> None:
    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(lambda n: run(f"echo {n} > mine; sleep 0.2; ls; cat mine"), range(4)))

    assert [outcome.results[0].stdout for outcome in outcomes] == [f"mine\n{n}\n" for n in range(4)]
    assert len({outcome.container_id for outcome in outcomes}) == 4


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")
@pytest.mark.parametrize("host", ["unix:///nowhere.sock", "tcp://127.0.0.1:9", "nonsense"])
def test_no_engine_is_an_error_with_the_way_out(host: str, job: Callable[..., Job], client: object) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DOCKER_HOST", host)
        for use in (lambda: DockerSandbox(settings()).run(job("true")), engine_status):
            with pytest.raises(EngineUnavailable, match="make engine"):
                use()
    gc.collect()


def test_no_image_is_an_error_with_the_way_out(run: Run, configure: Configure) -> None:
    configure(SANDBOX_IMAGE="aidev-sandbox:none")

    assert not engine_status()["image_present"]
    with pytest.raises(ImageMissing, match="make image"):
        run("true")


@pytest.mark.parametrize(
    ("program", "error", "words"),
    [("yes", SandboxError, "said more"), ("echo broken >&2", SandboxGone, "did not start its work: broken")],
)
def test_an_image_with_another_program_is_not_believed(
    run: Run,
    configure: Configure,
    client: docker.DockerClient,
    sandbox_image: str,
    program: str,
    error: type,
    words: str,
) -> None:
    text = f"FROM {sandbox_image}\nENTRYPOINT {program}\n"
    image, _ = client.images.build(fileobj=io.BytesIO(text.encode()), network_mode="none", rm=True)
    configure(SANDBOX_IMAGE=image.id)
    with pytest.raises(error, match=words):
        run("true")
    client.images.remove(str(image.id))


def test_the_engine_tells_how_it_is(sandbox_image: str) -> None:
    status = engine_status()

    assert (status["image"], status["image_present"]) == (sandbox_image, True)
    assert status["version"]
    assert status["runtime"]
