"""Generated indicator packages, loaded into this process (they are our own templates)."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType

from tests.tools.models.offline.writer_samples import write
from tools.models.offline.code import Files


@contextmanager
def loaded(files: Files, folder: Path) -> Iterator[ModuleType]:
    """The package `indicators` of these files; gone again afterwards."""
    write(files, folder)
    sys.path.insert(0, str(folder))
    invalidate_caches()
    try:
        yield import_module("indicators")
    finally:
        sys.path.remove(str(folder))
        for name in [name for name in sys.modules if name.split(".")[0] == "indicators"]:
            del sys.modules[name]
