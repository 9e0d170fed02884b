"""What a sandbox container may have and do."""

from typing import Any

from docker.types import LogConfig, Ulimit

from settings import Settings

TREE_BYTES = 256 << 20
"""Room for the tree and what is written into it; as much again in /tmp."""
FILE_BYTES = 1 << 20
"""The largest file that is brought back."""
_TMPFS = f"rw,exec,nosuid,nodev,mode=0755,uid=1000,gid=1000,size={TREE_BYTES},nr_inodes=32768"


def container_options(settings: Settings) -> dict[str, Any]:
    """Options of the engine. The runner has to be the first process (no init): that protects it from the others."""
    return {
        "network_mode": settings.docker_network,
        "read_only": True,
        "tmpfs": {"/work": _TMPFS, "/tmp": _TMPFS},  # noqa: S108
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges"],
        "user": "1000:1000",
        "mem_limit": settings.sandbox_memory,
        "memswap_limit": settings.sandbox_memory,
        "nano_cpus": int(settings.sandbox_cpus * 1e9),
        "pids_limit": settings.sandbox_pids,
        "ulimits": [
            Ulimit(name="nofile", soft=1024, hard=1024),
            Ulimit(name="fsize", soft=TREE_BYTES, hard=TREE_BYTES),
            Ulimit(name="core", soft=0, hard=0),
        ],
        "log_config": LogConfig(type="none"),
        "init": False,
        "hostname": "sandbox",
        "stdin_open": True,
    }
