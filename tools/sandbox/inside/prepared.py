"""An interpreter that has imported what most tests need, and waits on its standard input to be told what to become.

What is told is a length in 8 bytes, then JSON; all after it stays unread, as the standard input of the module.
"""

import gc
import importlib
import inspect
import json
import os
import runpy
import sys
import time
import warnings
from importlib.machinery import all_suffixes
from typing import Any

from _pytest.assertion import install_importhook
from _pytest.config import get_config

MODULES = ("coverage", "numpy", "numpy.testing", "pandas", "pandas.testing")
PLUGINS = ("_hypothesis_globals", "hypothesis", "pytest_cov")
"""Of pytest, and with it all that belongs to them: their assertions are rewritten."""
AT_START = (
    "PYTHON",
    "LANG",
    "LC_",
    "OPENBLAS",
    "OMP_",
    "NPY_",
    "NUMPY",
    "COVERAGE_PROCESS",
    "COV_CORE",
    "HYPOTHESIS",
    "CI",
)
"""So begin names of variables that count when an interpreter starts, or when it imports one of these."""

SUFFIXES = tuple(all_suffixes())
"""Of files that can be imported."""


def main() -> None:
    """Wait, then become the module: in place, or as a fresh interpreter where this one would not do."""
    with warnings.catch_warnings():
        prepare()
    told = json.loads(read(int.from_bytes(read(8))))
    os.chdir(told["cwd"])
    if changes_start(told["env"]) or is_shadowed():
        os.execve(sys.executable, told["words"], told["env"])  # noqa: S606  # nosec B606
    become(told)


def prepare() -> None:
    """Import everything as pytest would, which refuses a plugin that was imported without its hook."""
    for name in MODULES:
        importlib.import_module(name)
    config = get_config()
    install_importhook(config).mark_rewrite(*PLUGINS)
    for name in (*PLUGINS, "pytest_cov.engine", "hypothesis.internal.observability"):
        importlib.import_module(name)
    config._ensure_unconfigure()
    inspect.stack()  # looks at every module the first time; coverage asks for it when it starts
    gc.freeze()


def read(size: int) -> bytes:
    """So many bytes of standard input and none beyond them."""
    data = b""
    while len(data) < size:
        chunk = os.read(0, size - len(data))
        if not chunk:
            raise SystemExit(0)
        data += chunk
    return data


def changes_start(env: dict[str, str]) -> bool:
    """Whether a variable differs that has had its effect already."""
    changed = {name for name, _ in env.items() ^ os.environ.items()}
    return any(name.startswith(AT_START) for name in changed)


def is_shadowed() -> bool:
    """Whether the folder holds a module or package that would have been imported in the place of one here."""
    imported = {name.partition(".")[0] for name in sys.modules}
    modules = [entry.name for entry in os.scandir() if entry.name.endswith(SUFFIXES) or entry.is_dir()]
    return any(name.partition(".")[0] in imported for name in modules)


def become(told: dict[str, Any]) -> None:
    """The module, with everything as `python -m` has it."""
    os.environ.clear()
    os.environ.update(told["env"])
    time.tzset()
    words = told["words"]
    sys.orig_argv[:] = words
    sys.argv[:] = words[2:]
    sys.path[0] = os.getcwd()
    importlib.invalidate_caches()
    runpy.run_module(words[2], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
