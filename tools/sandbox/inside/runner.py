"""The main program of a sandbox container: runs commands, each in a fresh tree, and tells how each ended.

As process 1 it gets no signal from inside, and every process left over becomes its child. It is not dumpable, so
that code under the same user reaches neither its memory nor its standard streams. Standard library only.
"""

import base64
import ctypes
import io
import json
import os
import platform
import resource
import secrets
import selectors
import shlex
import signal
import stat
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from typing import IO, Any

ROOT = "/work"
WRITABLE = (ROOT, "/tmp", "/dev/shm", "/dev/mqueue")  # noqa: S108
PYTHON, PREPARED = "/opt/venv/bin/python", "/opt/aidev/prepared.py"
STDIN = 0
FILE_LIMIT = 1 << 20
"""Bytes of a file that is brought back."""
ENVIRONMENT = {
    "PATH": "/opt/venv/bin:/usr/bin:/bin",
    "HOME": "/tmp",  # noqa: S108
    "LANG": "C.UTF-8",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
OOM_KILLS = {"memory.events": 1.0, "memory/memory.oom_control": 1.0}
MEMORY_PEAK = {"memory.peak": 1.0, "memory/memory.max_usage_in_bytes": 1.0}
CPU_SECONDS = {"cpu.stat": 1e-6, "cpuacct/cpuacct.usage": 1e-9}
"""Where cgroup 2 and cgroup 1 count, and in which unit; code under test can write to none of it."""
PR_SET_DUMPABLE = 4


def main() -> None:
    """One job, from standard input to standard output; with `prepare` as argument, an interpreter stands ready."""
    shut_off()
    prepared = start([PYTHON, PREPARED], ROOT, ENVIRONMENT) if "prepare" in sys.argv else None
    header = json.loads(read(int.from_bytes(read(8))))
    nonce = header["nonce"]
    system = platform.freedesktop_os_release()["PRETTY_NAME"]
    tell(nonce, "started", python_version=platform.python_version(), os=system)
    tree = read(header["tree_bytes"])
    for number, command in enumerate(header["commands"]):
        try:
            lay(tree)
        except (OSError, tarfile.TarError) as error:
            tell(nonce, "refused", reason=str(error))
            return
        tell(nonce, "result", **run(command, header["output_bytes"], None if number else prepared))
    tell(nonce, "finished")


def shut_off() -> None:
    """Out of reach for the code under test; refuses to run anywhere but as the first process of a container."""
    if os.getpid() != 1:
        raise SystemExit("This runs as the main program of a container only: it kills every other process.")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0):
        raise SystemExit("This process cannot be made non-dumpable.")


def read(size: int) -> bytes:
    """So many bytes of what the other side says; the container ends when that side has gone."""
    data = sys.stdin.buffer.read(size)
    if len(data) < size:
        raise SystemExit("Nobody wants this container any more.")
    return data


def tell(nonce: str, kind: str, **facts: Any) -> None:
    """One message: its length in 8 bytes, then JSON."""
    message = json.dumps({"nonce": nonce, "kind": kind, **facts}).encode()
    sys.stdout.buffer.write(len(message).to_bytes(8) + message)
    sys.stdout.buffer.flush()


def lay(tree: bytes) -> None:
    """The tree as it was given, and no trace of an earlier command, in every place that can be written to.

    The other side has checked that there are only plain files and folders, all below the root.
    """
    for folder in WRITABLE:
        clear(folder)
    with tarfile.open(fileobj=io.BytesIO(tree), mode="r:") as archive:
        archive.extractall(ROOT)  # noqa: S202  # nosec B202


def clear(folder: str) -> None:
    """Remove all that is in a folder, however deep and whatever its modes: folders are lifted up, then removed."""
    if os.stat(folder).st_uid == os.getuid():
        os.chmod(folder, 0o755)  # noqa: S103
    while entries := list(os.scandir(folder)):
        for entry in entries:
            if not entry.is_dir(follow_symlinks=False):
                os.unlink(entry.path)
                continue
            os.chmod(entry.path, 0o700)
            for inner in list(os.scandir(entry.path)):
                if inner.is_dir(follow_symlinks=False):
                    os.chmod(inner.path, 0o700)  # only a folder that can be written to may be moved
                    os.rename(inner.path, os.path.join(folder, secrets.token_hex(16)))
                else:
                    os.unlink(inner.path)
            os.rmdir(entry.path)


def run(command: dict[str, Any], output_bytes: int, prepared: subprocess.Popen[bytes] | None) -> dict[str, Any]:
    """Run one command to its end or its limit, end all it left behind, and collect its files."""
    begun, (_, used_before, killed_before) = time.monotonic(), counters()
    stdout, stderr = Kept(output_bytes), Kept(output_bytes)
    try:
        code = execute(command, stdout, stderr, prepared)
    except (OSError, ValueError) as error:
        if prepared:
            kill_all(prepared)
        code = 127
        stderr.add(f"The command cannot be started: {error}\n".encode())
    peak, used, killed = counters()
    return {
        "name": command["name"],
        "exit_code": code,
        "duration_seconds": time.monotonic() - begun,
        "memory_bytes": peak,
        "cpu_seconds": used - used_before,
        "files": collect(command["collect"], stderr),
        "stdout": stdout.text(),
        "stderr": stderr.text(),
        "oom_kills": killed - killed_before,
    }


def execute(
    command: dict[str, Any], stdout: "Kept", stderr: "Kept", prepared: subprocess.Popen[bytes] | None
) -> int | None:
    """The exit code, 128 + n for signal n; None when its limit ended it."""
    deadline = time.monotonic() + command["timeout_seconds"]
    process, stdin = begin(command, prepared)
    with process, process.stdin as pipe:  # type: ignore[union-attr]
        sources = {process.stdout.fileno(): stdout, process.stderr.fileno(): stderr}  # type: ignore[union-attr]
        try:
            in_time = watch(process.pid, Fed(pipe, stdin), sources, deadline)
        finally:
            kill_all(process)
        drain(sources)
    if not in_time:
        return None
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def begin(command: dict[str, Any], prepared: subprocess.Popen[bytes] | None) -> tuple[subprocess.Popen[bytes], bytes]:
    """The process of a command, and what goes to its standard input.

    The prepared interpreter serves the first command only: later ones could not trust it, for it stood beside code.
    """
    cwd, env = os.path.join(ROOT, command["cwd"]), {**ENVIRONMENT, **command["env"]}
    stdin = base64.b64decode(command["stdin"])
    if prepared and not (command["module"] and prepared.poll() is None):
        kill_all(prepared)
        prepared = None
    if not command["module"]:
        return start(["/bin/sh", "-c", command["cmd"]], cwd, env), stdin
    words = [PYTHON, "-m", command["module"], *shlex.split(command["cmd"])]
    if prepared is None:
        return start(words, cwd, env), stdin
    os.listdir(cwd)  # raises what a start there would
    told = json.dumps({"words": words, "cwd": cwd, "env": env}).encode()
    return prepared, len(told).to_bytes(8) + told + stdin


def start(words: list[str], cwd: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process in a session of its own. Raises OSError, ValueError."""
    pipe = subprocess.PIPE
    return subprocess.Popen(words, 0, cwd=cwd, env=env, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True)


def watch(pid: int, stdin: "Fed", sources: dict[int, "Kept"], deadline: float) -> bool:
    """Serve the streams of a process until it ends (true) or time is up (false); end when the other side has gone."""
    ended = os.pidfd_open(pid)
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(stdin.pipe, selectors.EVENT_WRITE)
            for source in (STDIN, ended, *sources):
                selector.register(source, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                ready = [key.fd for key, _ in selector.select(left)]
                if STDIN in ready:
                    read(1)
                if ended in ready:
                    return True
                for file in ready:
                    if not (sources[file].read(file) if file in sources else stdin.write()):
                        selector.unregister(file)
                        if file not in sources:
                            stdin.pipe.close()
            return False
    finally:
        os.close(ended)


def kill_all(process: subprocess.Popen[bytes]) -> None:
    """End every other process of the container, daemons included, and leave no zombie."""
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    process.wait()
    with suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def drain(sources: dict[int, "Kept"]) -> None:
    """What is left in the pipes; all writers are dead."""
    for source, kept in sources.items():
        while kept.read(source):
            pass


class Fed:
    """Bytes that a process gets as its standard input, and then its end."""

    def __init__(self, pipe: IO[bytes], data: bytes) -> None:
        self.pipe, self.left = pipe, memoryview(data)
        os.set_blocking(pipe.fileno(), False)

    def write(self) -> bool:
        """Give what the process takes now; false at the end, and where it takes no more."""
        try:
            self.left = self.left[os.write(self.pipe.fileno(), self.left) :]
        except BrokenPipeError:
            self.left = self.left[:0]
        return bool(self.left)


class Kept:
    """Head and tail of a stream, within a limit in bytes."""

    def __init__(self, limit: int) -> None:
        self.half = (limit + 1) // 2
        self.head, self.tail, self.total = b"", bytearray(), 0

    def read(self, source: int) -> bool:
        """Take in what is ready; false at the end."""
        chunk = os.read(source, 1 << 16)
        self.add(chunk)
        return bool(chunk)

    def add(self, chunk: bytes) -> None:
        """Keep what there is room for."""
        room = self.half - len(self.head)
        self.total += len(chunk)
        self.head += chunk[:room]
        self.tail += chunk[room:]
        del self.tail[: max(0, len(self.tail) - self.half)]

    def text(self) -> str:
        """The stream as text, with a line that says how much was cut."""
        cut = self.total - len(self.head) - len(self.tail)
        middle = f"\n[... {cut} bytes cut ...]\n".encode() if cut else b""
        return (self.head + middle + bytes(self.tail)).decode(errors="replace")


def collect(paths: list[str], stderr: Kept) -> dict[str, str]:
    """Path → content in base64, of the regular files among them that are inside the tree and not too large."""
    files = {}
    for path in paths:
        full = os.path.normpath(os.path.join(ROOT, path))
        with suppress(OSError):
            size = regular_size(full)
            if size <= FILE_LIMIT:
                with open(full, "rb") as file:
                    files[path] = base64.b64encode(file.read(FILE_LIMIT)).decode()
            else:
                stderr.add(f"{path} is not brought back: {size} bytes are over the limit of {FILE_LIMIT}\n".encode())
    return files


def regular_size(full: str) -> int:
    """Bytes of a regular file inside the tree that no link leads to. Raises OSError for anything else."""
    info = os.lstat(full)
    if not stat.S_ISREG(info.st_mode) or not full.startswith(f"{ROOT}/") or os.path.realpath(full) != full:
        raise OSError(f"{full} is not a regular file of the tree")
    return info.st_size


def counters() -> tuple[int, float, int]:
    """Of the container: the most bytes held so far, CPU seconds, processes killed for want of memory."""
    peak, used = counted(MEMORY_PEAK), counted(CPU_SECONDS, "usage_usec")
    if peak is None or used is None:  # no cgroup to be read: what the kernel knows of the processes that have ended
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        peak, used = children.ru_maxrss << 10, children.ru_utime + children.ru_stime
    return int(peak), used, int(counted(OOM_KILLS, "oom_kill") or 0)


def counted(files: dict[str, float], name: str = "") -> float | None:
    """The counter of this name, or the only one, in the first of these files that is there."""
    for path, unit in files.items():
        with suppress(FileNotFoundError), open(f"/sys/fs/cgroup/{path}") as file:
            words = file.read().split()
            pairs = dict(zip(words[::2], words[1::2], strict=False))
            return unit * int(pairs.get(name, 0) if pairs else words[0])
    return None


if __name__ == "__main__":
    main()
