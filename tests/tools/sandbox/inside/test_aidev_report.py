"""The plugin tells what became of each test, keeps the order it is told, and notices what is replaced."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import LIKE_THE_SANDBOX
from tests.tools.verdict.samples import PATH, result
from tools.verdict.pytest_run import PytestRun, Reading

INSIDE = Path(__file__).parents[4] / "tools/sandbox/inside"


def run(folder: Path, text: str, order: list[str] | None = None, code: str = "") -> tuple[Reading, int]:
    """A real run of one test file, and the exit code of pytest."""
    (folder / "tests").mkdir()
    (folder / PATH).write_text(text)
    (folder / "work.py").write_text(code)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")
    started = PytestRun([PATH], 60, order or [], coverage=False)
    command = started.command()
    environ = {**os.environ, **LIKE_THE_SANDBOX, "PYTHONPATH": str(INSIDE), "PYTHONDONTWRITEBYTECODE": "1"}
    words = [sys.executable, "-m", "pytest", *shlex.split(command.cmd)]
    done = subprocess.run(words, cwd=folder, input=command.stdin, env=environ, capture_output=True, timeout=60)
    written = folder / started.report
    files = {started.report: written.read_bytes()} if written.exists() else {}
    assert started.key.hex().encode() not in done.stdout + done.stderr
    return started.read(result(done.returncode, files)), done.returncode


def states(reading: Reading) -> dict[str, str]:
    return {test.test_name.removeprefix(f"{PATH}::"): test.status for test in reading.tests}


EVERYTHING = """
import pytest, unittest

@pytest.fixture
def broken(): raise RuntimeError("setup")

@pytest.fixture
def leaves():
    yield
    raise RuntimeError("teardown")

def test_passes(): pass
def test_fails(): assert 1 == 2, "why"
@pytest.mark.parametrize("x", [1, 2])
def test_each(x): assert x == 1
def test_setup(broken): pass
def test_teardown(leaves): pass
@pytest.mark.skip
def test_skipped(): pass
def test_skips(): pytest.skip("no")
@pytest.mark.xfail
def test_expected_to_fail(): assert False
@pytest.mark.xfail
def test_expected_to_fail_but_passes(): pass
@pytest.mark.xfail(strict=True)
def test_strict(): pass
class TestIn:
    def test_class(self): pass
class Other(unittest.TestCase):
    def test_unit(self): self.assertEqual(1, 1)
"""


def test_what_became_of_each(tmp_path: Path) -> None:
    reading, code = run(tmp_path, EVERYTHING)
    assert code == 1 and reading.state == "authentic" and not reading.replaced
    assert states(reading) == {
        "test_passes": "passed",
        "test_fails": "failed",
        "test_each[1]": "passed",
        "test_each[2]": "failed",
        "test_setup": "error",
        "test_teardown": "error",
        "test_skipped": "skipped",
        "test_skips": "skipped",
        "test_expected_to_fail": "skipped",
        "test_expected_to_fail_but_passes": "skipped",
        "test_strict": "failed",
        "TestIn::test_class": "passed",
        "Other::test_unit": "passed",
    }
    assert {name.removeprefix(f"{PATH}::") for name in reading.collected} == set(states(reading))
    (failed,) = [test for test in reading.tests if test.test_name.endswith("test_fails")]
    assert "why" in str(failed.message) and "assert 1 == 2" in str(failed.traceback)


def test_a_file_that_cannot_be_imported(tmp_path: Path) -> None:
    reading, code = run(tmp_path, "import nothing_like_it\ndef test_a(): pass\n")
    assert code == 2 and states(reading) == {PATH: "error"} and not reading.collected
    assert "nothing_like_it" in str(reading.tests[0].traceback)


def test_the_order_that_was_told(tmp_path: Path) -> None:
    text = "def test_a(): pass\ndef test_b(): pass\ndef test_c(): pass\nclass TestD:\n    def test_a(self): pass\n"
    order = [f"{PATH}::{name}" for name in ("test_c", "TestD::test_a", "test_a", "test_b")]
    reading, _ = run(tmp_path, text, order)
    assert list(reading.collected) == order


REPLACING = {
    "import numpy.testing": "numpy.testing.assert_allclose = print",
    "import time": "time.sleep = print",
    "import math": "math.isclose = lambda *a: True",
    "import builtins": "builtins.round = print",
    "import unittest": "unittest.TestCase.assertEqual = print",
    "import unittest.case": "unittest.case.TestCase = 3",
    "import pytest": "pytest.approx = print",
    "import pandas": "pandas.testing.assert_series_equal = print",
    "import sys, operator": "del sys.modules['operator']",
    "import sys, hashlib": "sys.modules['hashlib'] = 3",
    "import _pytest.reports": "_pytest.reports.TestReport.from_item_and_call = print",
}


@pytest.mark.parametrize(("imports", "act"), REPLACING.items(), ids=lambda text: text.split(" = ")[0])
def test_what_is_replaced_is_noticed(tmp_path: Path, imports: str, act: str) -> None:
    code = f"{imports}\ndef replace():\n    {act}\n"
    reading, _ = run(
        tmp_path, "from work import replace\ndef test_a(): pass\ndef test_b(): replace()\n", ["sealed"], code
    )
    assert reading.replaced or reading.state == "missing"
    if "=" in act:
        assert act.split(" = ")[0].replace("sys.modules['", "").rstrip("']").split(".")[0] in str(reading.replaced)


HONEST = {
    "monkeypatch": "def test_a(monkeypatch): monkeypatch.setattr('time.sleep', print)",
    "mock": "from unittest.mock import patch\ndef test_a():\n    with patch('builtins.open'): pass",
    "adds": "import math\ndef test_a(): math.own = print",
    "imports": "import decimal, http.client, numpy.linalg, xml.dom\ndef test_a(): pass",
    "capture": "import sys\ndef test_a(capsys): sys.stdout.write('x')",
    "warns": "import pytest, warnings\ndef test_a():\n    with pytest.warns(UserWarning): warnings.warn('x')",
    "seeds": "import random\nimport numpy as np\ndef test_a():\n    random.seed(1)\n    np.random.seed(1)",
    "hypothesis": "from hypothesis import given, strategies as st\n@given(st.integers())\ndef test_a(x): pass",
}


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_what_honest_tests_do_replaces_nothing(tmp_path: Path, text: str) -> None:
    reading, code = run(tmp_path, text, ["sealed"])
    assert code == 0 and not reading.replaced and states(reading) == {"test_a": "passed"}


def test_a_test_may_leave_the_folder(tmp_path: Path) -> None:
    reading, code = run(tmp_path, "import os\ndef test_a(): os.chdir('/')\n")
    assert code == 0 and states(reading) == {"test_a": "passed"}


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_process_that_ends_early_leaves_no_report(tmp_path: Path, end: str) -> None:
    reading, _ = run(tmp_path, f"import os\ndef test_a(): {end}\n")
    assert reading.state == "missing"


def test_long_tracebacks_are_cut(tmp_path: Path) -> None:
    reading, _ = run(
        tmp_path, "import pytest\n@pytest.mark.parametrize('x', range(60))\ndef test_a(x): assert 'a' * 9999 == x\n"
    )
    lengths = [len(test.traceback or "") for test in reading.tests]
    assert len(lengths) == 60 and max(lengths[:40]) <= 4_000 and max(lengths[40:]) <= 200
