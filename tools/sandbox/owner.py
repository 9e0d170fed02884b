"""Which process started a container, so that those of dead ones can be told apart."""

import os
import time
from pathlib import Path

import psutil

_FOREIGN_LIFETIME = 24 * 3600.0
"""Seconds after which a container of another machine, or of this one before it was restarted, is abandoned."""


def owner() -> str:
    """This process: `<pid>:<when it started>:<place>`."""
    return f"{os.getpid()}:{_started(os.getpid())}:{_place()}"


def is_dead(label: str, created: float) -> bool:
    """Whether the owner of a container (created at this Unix time) has ended."""
    pid, started, place = label.split(":", 2)
    if place != _place():
        return time.time() - created > _FOREIGN_LIFETIME
    try:
        return _started(int(pid)) != started
    except psutil.NoSuchProcess:
        return True


def _started(pid: int) -> str:
    """When a process started, in what its system counts exactly. Raises psutil.NoSuchProcess."""
    process = psutil.Process(pid)
    if process.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(pid)
    try:
        fields_from_state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return fields_from_state[19]
    except FileNotFoundError:
        return str(process.create_time())


def _place() -> str:
    """Where process ids mean the same: this boot of this machine, and the pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except FileNotFoundError:
        return f"{os.uname().nodename}-{psutil.boot_time():.0f}"
