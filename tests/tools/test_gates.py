import shutil
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from schemas.contract import Contract
from schemas.finding import Finding
from schemas.todo import Metrics
from tests.conftest import Configure
from tools.gates import GATES, LARGEST_SOURCE, Ground, run_gates
from tools.secrets import WINDOW, secrets

CLEAN = b"def f(x: int) -> int:\n    return x + 1\n"
AGREED = Contract.model_validate(
    {
        "contract_id": "contract_a",
        "task_id": "a",
        "version": "1.0.0",
        "interfaces": [{"name": "f", "type": "function", "signature": "def f(x: int) -> int", "module": "a.py"}],
    }
)
GOOGLE = "AIza" + "Sy" + "x1" * 16 + "q"
AWS = "AKIA" + "Q3EGRZWBNTXJ5HOP"


def found(tree: Mapping[str, bytes], changed: list[str] | None = None, metrics: Metrics | None = None) -> list[Finding]:
    return run_gates({"a.py": CLEAN, **tree}, changed or list(tree), AGREED, metrics)


def places(findings: list[Finding]) -> list[tuple[str, str, str, int]]:
    return [(each.gate, each.rule, each.path, each.line) for each in findings]


def test_clean_code_has_no_findings() -> None:
    test = b"from a import f\n\n\ndef test_f() -> None:\n    assert f(1) == 2\n"
    table = b"day,close\n" + b"2024-01-02,101.25\n" * 300 + b"d41d8cd98f00b204e9800998ecf8427e" * 4
    assert found({"a.py": CLEAN, "tests/unit/test_f.py": test, "fixtures/goog.csv": table, "README.md": b"# f\n"}) == []


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (b"import os\n", ("ruff", "F401", "b.py", 1)),
        (b"def g(x=[]):\n    return x\n", ("ruff", "B006", "b.py", 1)),
        (b"import os  # noqa\n", ("ruff", "F401", "b.py", 1)),
        (b"# ruff: noqa\nimport os\n", ("ruff", "F401", "b.py", 2)),
        (b"x: int = ''\n", ("mypy", "assignment", "b.py", 1)),
        (b"# mypy: ignore-errors\nx: int = ''\n", ("mypy", "assignment", "b.py", 2)),
        (b"# type: ignore\nx: int = ''\n", ("mypy", "assignment", "b.py", 2)),
        (b"print(open('/tmp/x'))\n", ("bandit", "B108", "b.py", 1)),
        (b"print(open('/tmp/x'))  # nosec\n", ("bandit", "B108", "b.py", 1)),
        (b"print(open('/tmp/x'))  # noqa: S\n", ("bandit", "B108", "b.py", 1)),
        (f"KEY = '{GOOGLE}'\n".encode(), ("secrets", "secret", "b.py", 1)),
        (f"\nKEY = '{AWS}'  # pragma: allowlist secret\n".encode(), ("secrets", "secret", "b.py", 2)),
        (b"x = 1\ndef (\n", ("syntax", "invalid-syntax", "b.py", 2)),
        (b"x = '\0'\n", ("syntax", "invalid-syntax", "b.py", 1)),
        (b"x = '\xff'\n", ("syntax", "invalid-syntax", "b.py", 1)),
        (b"# coding: utf-7\nx = '+AGE-'\n", ("syntax", "encoding", "b.py", 1)),
        (b"# coding: nonsense\n", ("syntax", "invalid-syntax", "b.py", 1)),
        (b"x = 1\n" * LARGEST_SOURCE, ("syntax", "too-large", "b.py", 1)),
        (b"x = " + b"+".join([b"1"] * 150) + b"\n", ("syntax", "too-deep", "b.py", 1)),
    ],
    ids=lambda value: value[1] if isinstance(value, tuple) else "",
)
def test_each_gate_finds_its_fault_at_its_line(added: bytes, expected: tuple[str, str, str, int]) -> None:
    assert places(found({"b.py": added})) == [expected]


def test_the_screen_is_a_gate_for_product_code(configure: Configure) -> None:
    code = b"\xef\xbb\xbfimport gc\n\nprint(gc.isenabled())\n"
    assert places(found({"b.py": code, "tests/unit/test_b.py": code})) == [
        ("screen", "garbage-collector", "b.py", 1),
    ]
    names = b"print('test_a.py')\n"
    judged = run_gates({"a.py": CLEAN + names}, ["a.py"], AGREED, None, Ground(sealed=["tests/test_a.py"]))
    assert places(judged) == [("screen", "reads-tests", "a.py", 3)]
    assert run_gates({"a.py": CLEAN, "b.py": code}, ["b.py"], AGREED, None, Ground({"b.py": code})) == []
    configure(SCREEN_ALLOW="garbage-collector")
    assert found({"b.py": code}) == []


def test_a_change_is_judged_elsewhere() -> None:
    assert GATES == ("syntax", "screen", "ruff", "mypy", "bandit", "secrets", "conformance")


def test_the_contract_is_a_gate() -> None:
    assert places(run_gates({"b.py": b"x = 1\n"}, ["b.py"], AGREED, None)) == [
        ("conformance", "missing-interface", "a.py", 1)
    ]
    assert places(found({"a.py": CLEAN.replace(b"x", b"y")})) == [("conformance", "parameter-name", "a.py", 1)]


@pytest.mark.parametrize("deep", [b"(" * 10_000 + b")" * 10_000, b"-" * 10_000 + b"1", b"[" * 90 + b"1" + b"]" * 90])
def test_nesting_crashes_nothing(deep: bytes) -> None:
    findings = found({"b.py": b"x = " + deep + b"\n"})
    assert [each.gate for each in findings] == ([] if len(deep) < 1_000 else ["syntax"])


def test_what_python_can_read_the_tools_can_read() -> None:
    assert found({"b.py": b"x = " + b" + ".join([b"1"] * 90) + b"\n", "c.py": b"\xef\xbb\xbfx = 1\n"}) == []


def test_ten_megabytes_are_refused_at_once() -> None:
    start = time.monotonic()
    assert [each.rule for each in found({"b.py": b"x = 1\n" * 1_700_000})] == ["too-large"]
    assert time.monotonic() - start < 20


def test_complexity_has_a_bar_where_one_is_set() -> None:
    branches = "".join(f"    if x == {number}:\n        return {number}\n" for number in range(6))
    tree = {"b.py": f"def g(x: int) -> int:\n{branches}    return 0\n".encode()}
    assert found(tree) == []
    assert places(found(tree, metrics=Metrics(max_cyclomatic_complexity=5))) == [("ruff", "C901", "b.py", 1)]


def test_nothing_of_the_tree_is_run_or_obeyed(tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    program = f"open({str(mark)!r}, 'w').write('x')\n".encode()
    tools = {f"{name}.py": program for name in ("ruff", "mypy", "bandit", "json", "plugin", "sitecustomize")}
    packages = {f"{name}/__main__.py": program for name in ("ruff", "mypy", "bandit")}
    configuration = {
        "mypy.ini": b"[mypy]\nplugins = plugin\nignore_errors = True\n",
        "pyproject.toml": b'[tool.ruff]\nlint.select = []\nexclude = ["*"]\n[tool.mypy]\nplugins = ["plugin"]\n',
        "ruff.toml": b'exclude = ["*"]\n',
        ".bandit": b"[bandit]\nskips = B108\n",
    }
    code = b"import os\n\nx: int = ''\nprint(open('/tmp/x'))\n"
    findings = found({**tools, **packages, **configuration, "b.py": code}, ["b.py", *configuration])
    assert {each.rule for each in findings} == {"F401", "assignment", "B108"}
    assert not mark.exists()


@pytest.mark.parametrize("path", ["__pycache__/b.py", ".tox/b.py", "build/b.py", "my-app/b.py", "-b.py", "x y/b c.py"])
def test_no_place_is_out_of_sight(path: str) -> None:
    assert places(found({path: b"print(open('/tmp/x'))\n"})) == [("bandit", "B108", path, 1)]


def test_files_of_one_name_in_folders_that_no_import_names() -> None:
    assert found({"one-app/main.py": CLEAN, "two-app/main.py": CLEAN}) == []


def test_findings_are_those_of_changed_files() -> None:
    tree = {"b.py": b"import c\n\nprint(c.x)\n", "c.py": b"import os\nx: int = ''\nprint(open('/tmp/x'))\n"}
    assert found(tree, ["b.py"]) == []
    assert places(found({**tree, "c.py": b"def ("}, ["b.py"]))[0] == ("mypy", "syntax", "c.py", 1)


def test_same_size_in_the_same_second_is_not_taken_for_the_same_content() -> None:
    assert found({"b.py": b"x: int = 10\n"}) == []
    assert places(found({"b.py": b"x: int = ''\n"})) == [("mypy", "assignment", "b.py", 1)]


def test_several_at_once_find_the_same() -> None:
    trees = [{"b.py": f"x: int = {'1' if number % 2 else repr('a')}\n".encode()} for number in range(8)]
    with ThreadPoolExecutor(8) as executor:
        assert [len(each) for each in executor.map(found, trees)] == [1, 0] * 4


def test_a_second_look_at_pandas_code_is_quick(home: Path) -> None:
    code = b"import pandas as pd\n\n\ndef g(x: pd.Series) -> float:\n    return float(x.mean())\n"
    shutil.rmtree(home / "mypy-cache", ignore_errors=True)
    assert found({"b.py": code}) == []
    start = time.monotonic()
    assert found({"b.py": code + b"\n\ny = 1\n"}) == []
    assert time.monotonic() - start < 5


def test_a_secret_is_named_and_not_shown() -> None:
    password = "a1b2c3d4" * 3
    text = f"x = '{AWS}'\ny = '{GOOGLE}'\npassword = '{password}'\n{'z' * (WINDOW - 8)} {AWS}\n"
    findings = secrets("b.py", text.encode())
    assert [each.line for each in findings] == [1, 2, 3, 4]
    assert not any(secret in each.model_dump_json() for each in findings for secret in (AWS, GOOGLE, password))


@pytest.mark.parametrize(
    "line",
    [
        "password = 'secret'",
        "PASSWORD_PATTERN = r'^(?=.*[0-9]).{8,}$'",
        "api_key = os.environ['GOOGLE_API_KEY']",
        f"SHA256 = '{'d41d8cd98f00b204' * 4}'",
        "uuid = '123e4567-e89b-12d3-a456-426614174000'",
        "eyJ" * 100_000,
    ],
)
def test_what_is_no_secret_is_not_accused(line: str) -> None:
    assert secrets("b.py", line.encode()) == []
