"""What a sandbox container may have and do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from docker.types import LogConfig, Ulimit
from docker.utils import parse_bytes

from settings import Settings

TREE = "/work"
"""The folder of the tree in a container, as the runner there has it."""
TREE_BYTES = 256 << 20
"""Room for the tree and what is written into it; as much again in /tmp."""
FILE_BYTES = 1 << 20
"""The largest file that is brought back."""
_TMPFS = f"rw,exec,nosuid,nodev,mode=0755,uid=1000,gid=1000,size={TREE_BYTES},nr_inodes=32768"
_SYSTEM_CALLS = Path(__file__).parent / "seccomp.json"

_LAXNESS: dict[str, Callable[[Any], float]] = {
    "docker_network": lambda network: network != "none",
    "sandbox_timeout": float,
    "sandbox_memory": parse_bytes,
    "sandbox_cpus": float,
    "sandbox_pids": float,
    "sandbox_output_bytes": float,
}
"""Each limit that is a setting, and how lax a value is."""


def container_options(settings: Settings) -> dict[str, Any]:
    """Options of the engine. The runner has to be the first process (no init): that protects it from the others."""
    return {
        "network_mode": settings.docker_network,
        "read_only": True,
        "tmpfs": {TREE: _TMPFS, "/tmp": _TMPFS},  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges", f"seccomp={_SYSTEM_CALLS.read_text(encoding='utf-8')}"],
        "user": "1000:1000",
        "mem_limit": settings.sandbox_memory,
        "memswap_limit": settings.sandbox_memory,
        "shm_size": "16m",
        "ipc_mode": "private",
        "nano_cpus": int(settings.sandbox_cpus * 1e9),
        "pids_limit": settings.sandbox_pids,
        "ulimits": [
            Ulimit(name="nofile", soft=1024, hard=1024),
            Ulimit(name="fsize", soft=TREE_BYTES, hard=TREE_BYTES),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "log_config": LogConfig(type="none"),
        "runtime": settings.sandbox_runtime,
        "init": False,
        "hostname": "localhost",
        "stdin_open": True,
    }


def loosened(settings: Settings) -> list[str]:
    """One line per limit that is laxer than the default: `DOCKER_NETWORK=bridge (default none)`."""
    lines = []
    for name, laxness in _LAXNESS.items():
        value, default = getattr(settings, name), Settings.model_fields[name].default
        if laxness(value) > laxness(default):
            lines.append(f"{name.upper()}={value} (default {default})")
    return lines
