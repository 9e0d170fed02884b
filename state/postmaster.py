"""What a Postgres server on a data folder says about itself in `postmaster.pid`, and whether that is true."""

from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg


def answers(data: Path) -> bool:
    """Whether a server takes connections."""
    if len(_record(data)) < 5:
        return False
    try:
        psycopg.connect(uri(data), connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def alive(data: Path) -> bool:
    """Whether the recorded process is a server on this folder, answering or not."""
    pid = _pid(data)
    try:
        return pid is not None and str(data) in psutil.Process(pid).cmdline()
    except psutil.Error:
        return False


def uprooted(data: Path) -> bool:
    """Whether a server runs whose programs were removed, with the clone they came in: it cannot load its libraries."""
    pid = _pid(data)
    try:
        return pid is not None and alive(data) and not Path(psutil.Process(pid).cmdline()[0]).exists()
    except (psutil.Error, IndexError):
        return False


def uri(data: Path) -> str:
    """The address of the server that is running."""
    return f"postgresql://postgres@/postgres?host={quote(str(socket_folder(data)), safe='')}&port={_record(data)[3]}"


def socket_folder(data: Path) -> Path:
    """Where the running server has its socket."""
    return Path(_record(data)[4])


def drop_stale(data: Path) -> None:
    """After a crash the recorded pid may be a zombie or another program, which Postgres would take for its own."""
    if _pid(data) is not None and not any(process.info["cwd"] == str(data) for process in psutil.process_iter(["cwd"])):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _record(data: Path) -> list[str]:
    """Lines: pid, data folder, start, port, socket folder, …; empty: no server."""
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return []


def _pid(data: Path) -> int | None:
    record = _record(data)
    return int(record[0]) if record and record[0].isdigit() else None
