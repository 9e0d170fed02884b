"""Names of modules that nobody else may take: the standard library's and those in the sandbox image."""

import re
import sys
from functools import lru_cache
from pathlib import Path

from tools.paths import folded

IMPORT_NAMES = {
    "_hypothesis_ftz_detector",
    "_hypothesis_globals",
    "_hypothesis_pytestplugin",
    "_pytest",
    "_distutils_hack",
    "attr",
    "attrs",
    "dateutil",
    "execnet",
    "pip",
    "pkg_resources",
    "py",
    "pytz",
    "setuptools",
    "six",
    "typing_extensions",
    "wheel",
    "xdist",
}
"""Modules of the test tools that are named otherwise than their distributions, or that some of them look for."""
_REQUIREMENTS = Path(__file__).parent / "sandbox/image/requirements.txt"


@lru_cache(maxsize=1)
def reserved() -> frozenset[str]:
    """Top-level modules of the standard library and of the sandbox image."""
    lines = _REQUIREMENTS.read_text().splitlines()
    names = {found[0] for line in lines if (found := re.match(r"[A-Za-z][\w.-]*", line))}
    listed = {name.replace("-", "_").lower() for name in names}
    return frozenset(listed | IMPORT_NAMES | {folded(name) for name in sys.stdlib_module_names})
