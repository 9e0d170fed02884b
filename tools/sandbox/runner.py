"""The main program of a sandbox container: unpacks a tree, runs commands in it and tells how each ended.

As process 1 it gets no signal from inside, and every process left over becomes its child. It is not dumpable, so
that code under the same user reaches neither its memory nor its standard streams. Standard library only.
"""

import base64
import ctypes
import io
import json
import os
import platform
import selectors
import signal
import stat
import subprocess
import sys
import tarfile
import time
from contextlib import suppress
from typing import Any

ROOT = "/work"
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
OOM_COUNTERS = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""Of cgroup 2 and of cgroup 1."""
PR_SET_DUMPABLE = 4


def main() -> None:
    """One job, from standard input to standard output."""
    shut_off()
    header = json.loads(sys.stdin.buffer.read(int.from_bytes(sys.stdin.buffer.read(8))))
    nonce = header["nonce"]
    tell(
        nonce, "started", python_version=platform.python_version(), os=platform.freedesktop_os_release()["PRETTY_NAME"]
    )
    try:
        unpack(sys.stdin.buffer.read(header["tree_bytes"]))
    except (OSError, tarfile.TarError) as error:
        tell(nonce, "refused", reason=str(error))
        return
    for command in header["commands"]:
        tell(nonce, "result", **run(command, header["output_bytes"]))
    tell(nonce, "finished")


def shut_off() -> None:
    """Out of reach for the code under test; refuses to run anywhere but as the first process of a container."""
    if os.getpid() != 1:
        raise SystemExit("This runs as the main program of a container only: it kills every other process.")
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0):
        raise SystemExit("This process cannot be made non-dumpable.")


def tell(nonce: str, kind: str, **facts: Any) -> None:
    """One message: its length in 8 bytes, then JSON."""
    message = json.dumps({"nonce": nonce, "kind": kind, **facts}).encode()
    sys.stdout.buffer.write(len(message).to_bytes(8) + message)
    sys.stdout.buffer.flush()


def unpack(tree: bytes) -> None:
    """The other side has checked that there are only plain files and folders, all below the root."""
    with tarfile.open(fileobj=io.BytesIO(tree), mode="r:") as archive:
        archive.extractall(ROOT)  # noqa: S202  # nosec B202


def run(command: dict[str, Any], output_bytes: int) -> dict[str, Any]:
    """Run one command to its end or its limit, end all it left behind, and collect its files."""
    start = time.monotonic()
    stdout, stderr = Kept(output_bytes), Kept(output_bytes)
    try:
        code = execute(command, stdout, stderr)
    except (OSError, ValueError) as error:
        code = 127
        stderr.add(f"The command cannot be started: {error}\n".encode())
    return {
        "name": command["name"],
        "exit_code": code,
        "duration_seconds": time.monotonic() - start,
        "files": collect(command["collect"], stderr),
        "stdout": stdout.text(),
        "stderr": stderr.text(),
        "oom_kills": oom_kills(),
    }


def execute(command: dict[str, Any], stdout: "Kept", stderr: "Kept") -> int | None:
    """The exit code, 128 + n for signal n; None when its limit ended it."""
    process = subprocess.Popen(
        ["/bin/sh", "-c", command["cmd"]],
        cwd=os.path.join(ROOT, command["cwd"]),
        env={**ENVIRONMENT, **command["env"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        sources = {process.stdout.fileno(): stdout, process.stderr.fileno(): stderr}  # type: ignore[union-attr]
        try:
            in_time = watch(process.pid, sources, time.monotonic() + command["timeout_seconds"])
        finally:
            kill_all(process)
        drain(sources)
    if not in_time:
        return None
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def watch(pid: int, sources: dict[int, "Kept"], deadline: float) -> bool:
    """Read what the process writes until it ends (true) or time is up (false)."""
    ended = os.pidfd_open(pid)
    try:
        with selectors.DefaultSelector() as selector:
            for source in (ended, *sources):
                selector.register(source, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0:
                ready = [key.fd for key, _ in selector.select(left)]
                if ended in ready:
                    return True
                for source in ready:
                    if not sources[source].read(source):
                        selector.unregister(source)
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


def oom_kills() -> int:
    """Processes of this container that were killed for want of memory."""
    for path in OOM_COUNTERS:
        with suppress(FileNotFoundError), open(path) as file:
            return int(dict(line.split() for line in file).get("oom_kill", 0))
    return 0


if __name__ == "__main__":
    main()
