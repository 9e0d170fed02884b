import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contract import Contract
from schemas.errors import UnsafePath
from tools.stub import stubs


def contract(*interfaces: dict[str, Any], models: list[dict[str, Any]] | None = None) -> Contract:
    some = [{"name": "unasked", "type": "api_endpoint", "signature": "GET /"}]
    return Contract.model_validate(
        {
            "contract_id": "contract_a",
            "task_id": "a",
            "version": "1.0.0",
            "interfaces": [{"type": "function", **each} for each in interfaces] or some,
            "data_models": [{"type": "class", "fields": [], **each} for each in models or []],
        }
    )


def function(signature: str, module: str | None = None, **more: Any) -> dict[str, Any]:
    name = signature.split("(")[0].split()[-1]
    return {"name": name, "signature": signature, "module": module, **more}


def red(folder: Path, agreed: Contract, test: str, base: dict[str, str] | None = None) -> dict[str, str]:
    """Test → outcome of a real run on the stubs."""
    tests = {"tests/test_a.py": test}
    for path, text in {**(base or {}), **stubs(agreed, tests, base or {}), **tests}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n")
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "-p", "no:cacheprovider", "-p", "no:randomly", "tests"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)
    lines = [line.split() for line in done.stdout.splitlines() if line.startswith(("PASSED", "FAILED", "ERROR"))]
    assert lines, done.stdout + done.stderr
    return {line[1].split("::")[-1]: line[0] for line in lines}


def all_fail(outcomes: dict[str, str], test: str) -> bool:
    names = re.findall(r"(?m)^def (test_\w+)", test)
    return outcomes == dict.fromkeys(names, "FAILED")


FUNCTIONS = contract(
    function("def words(text: str, sep: Unknown = UNKNOWN, *, n: int = 2) -> dict[str, Missing]", "words.py"),
    function("async def fetch(url: str) -> bytes", "words.py"),
    function("async def pages(url: str) -> AsyncIterator[str]", "words.py"),
    function("def numbers() -> Iterator[int]", "words.py"),
    function("it takes words", "words.py", name="prose"),
)
USES = """
import asyncio, inspect
import pytest
from words import *
from words import LIMIT, helper
import words as w

def test_value():
    assert words("a b") == {"a": 1}
def test_error():
    with pytest.raises(ValueError):
        words("a", sep=3)
def test_awaited():
    assert asyncio.run(fetch("x")) == b""
def test_async_generator():
    async def go():
        return [page async for page in pages("x")]
    assert asyncio.run(go()) == []
def test_generator():
    assert list(numbers()) == []
def test_prose():
    assert w.prose(1, 2, x=3) is None
def test_constant():
    assert LIMIT == 3
def test_other_constant():
    assert LIMIT != 3
def test_truth():
    assert LIMIT
def test_no_truth():
    assert not LIMIT
def test_order():
    assert LIMIT * 2 > 1
def test_items():
    assert 3 in LIMIT.items
def test_helper():
    assert helper.part(2) is None
def test_module():
    assert w.other(1)
"""


def test_functions_and_constants_prove_nothing(tmp_path: Path) -> None:
    assert all_fail(red(tmp_path, FUNCTIONS, USES), USES)


CLASSES = contract(
    {"name": "Shop", "type": "class", "signature": "class Shop(name: str)", "module": "shop/core.py"},
    {"name": "total", "type": "method", "signature": "def total(self, tax: float = 0.2) -> float", "raises": ["Sold"]},
    {"name": "from_text", "type": "method", "signature": "def from_text(cls, text: str) -> Shop"},
    {"name": "Broke", "type": "class", "signature": "class Broke(ValueError)", "module": "shop/errors.py"},
    models=[
        {"name": "Item", "type": "dataclass"},
        {"name": "Row", "type": "typed_dict", "base_classes": ["TypedDict"]},
        {"name": "VeryBroke", "base_classes": ["errors.Broke"]},
        {"name": "Odd", "base_classes": ["OSError", "SyntaxError"]},
        {"name": "Colour", "base_classes": ["Enum"]},
    ],
)
USES_CLASSES = """
import copy
import pytest
import shop
from abc import ABC
from shop import Item, Colour, core
from shop.core import Shop, Row
from shop.errors import Broke, VeryBroke, Sold, Odd

class Mine(Shop, ABC):
    pass
IntShop = Shop[int]

def test_make():
    assert Shop("x") is not None
def test_own():
    assert Mine() is not None
def test_generic():
    assert IntShop() is not None
def test_model():
    assert Item(1) == Item(1)
def test_row():
    assert Row(a=1) == {"a": 1}
def test_method():
    assert Shop.total(None) is None
def test_class_method():
    with pytest.raises(TypeError):
        Shop.from_text("x", )
def test_attribute():
    assert Shop.LIMIT == 3
def test_call_attribute():
    assert Shop.empty().total() == 0
def test_error():
    with pytest.raises(Broke):
        Shop("x")
def test_errors():
    with pytest.raises((VeryBroke, Sold, Odd)):
        Shop("x").total()
def test_enum():
    assert Colour.RED == Colour.RED
def test_members():
    assert [each.name for each in Colour] == []
def test_submodule():
    assert core.Shop("x") and shop.core.Shop("x")
def test_package():
    assert shop.make() and shop.errors.Broke
"""


def test_classes_have_no_instances_and_exceptions_can_be_named(tmp_path: Path) -> None:
    assert all_fail(red(tmp_path, CLASSES, USES_CLASSES), USES_CLASSES)


PACKAGE = contract(
    function("def every() -> list[str]", "indicators/__init__.py"),
    function("def hammer(x: int) -> bool", "indicators/patterns.py"),
    function("def compute_rsi(x: int) -> float", "indicators/rsi.py"),
)
USES_PACKAGE = """
import indicators
from indicators import patterns, compute_rsi as short, every
from indicators.rsi import compute_rsi
from indicators.extra.deep import thing
import indicators.patterns as p

def test_every():
    assert every() == []
def test_short():
    assert short(1) == 1
def test_long():
    assert compute_rsi(1) == 1
def test_patterns():
    assert patterns.hammer(1) is False
def test_same():
    assert indicators.patterns is p and p.hammer(1)
def test_thing():
    assert thing == 1
"""


def test_submodules_of_a_package_are_found(tmp_path: Path) -> None:
    made = stubs(PACKAGE, {"tests/test_a.py": USES_PACKAGE}, {})
    folder = "indicators"
    assert set(made) == {f"{folder}/{name}.py" for name in ("__init__", "patterns", "rsi", "extra/deep")}
    assert all_fail(red(tmp_path, PACKAGE, USES_PACKAGE), USES_PACKAGE)


def test_a_module_run_as_a_program_does_not_end_well(tmp_path: Path) -> None:
    agreed = contract(function("def main() -> int", "tool/__main__.py"), function("def run() -> int", "tool2.py"))
    test = """
import subprocess, sys, pytest
@pytest.mark.parametrize("name", ["tool", "tool2"])
def test_run(name):
    assert subprocess.run([sys.executable, "-m", name]).returncode == 0
"""
    assert red(tmp_path, agreed, test) == {"test_run[tool]": "FAILED", "test_run[tool2]": "FAILED"}


def test_what_is_there_already_stays_and_is_overridden(tmp_path: Path) -> None:
    base = {"old.py": "LIMIT = 3\n\ndef f():\n    return 1\n\ndef g():\n    return 2", "src/lib/a.py": "A = 1\n"}
    agreed = contract(function("def f(x: Unknown) -> Missing", "old.py"), function("def h()", "src/lib/b.py"))
    test = """
from old import LIMIT, f, g
import numpy, json, pytest
def test_limit():
    assert LIMIT == 3 and g() == 2
def test_f():
    assert f(1) == 1
"""
    made = stubs(agreed, {"tests/test_a.py": "from lib import h\nfrom lib.a import A\n" + test}, base)
    assert set(made) == {"old.py", "src/lib/b.py", "src/lib/__init__.py"}
    assert made["old.py"].startswith(base["old.py"]) and "def __getattr__(name)" not in made["old.py"].split("def g")[1]
    assert red(tmp_path, agreed, test, base) == {"test_limit": "PASSED", "test_f": "FAILED"}


def test_names_without_a_module_go_where_the_tests_look() -> None:
    agreed = contract(function("def f(x)"), models=[{"name": "M"}])
    made = stubs(agreed, {"tests/test_a.py": "from a import f\nfrom b.c import M\n", "tests/data.csv": "from d"}, {})
    assert {path: ("def f(" in text, "class M(" in text) for path, text in made.items()} == {
        "a.py": (True, False),
        "b/c.py": (False, True),
    }
    nowhere = stubs(agreed, {"tests/test_a.py": "import a"}, {})
    assert "def f(" in nowhere["a.py"] and "class M(" in nowhere["a.py"]


def test_tests_import_each_other_and_the_image_without_a_stub() -> None:
    tests = {"tests/test_a.py": "from tests.helpers import x\nimport pandas.testing, os.path\n", "tests/helpers.py": ""}
    assert stubs(contract(), tests, {}) == {}


@pytest.mark.parametrize("module", ["/etc/a.py", "../a.py", "a\0.py"])
def test_a_module_outside_the_tree_is_refused(module: str) -> None:
    with pytest.raises(UnsafePath):
        stubs(contract(function("def f(x)", module)), {}, {})


SIGNATURES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["class E(E)", "class A(ValueError, OSError)", "def f(x, x)", "def f(__debug__)", "def f(*)"]),
    st.builds("def f(x: {0} = {0}, *a, y: {0}, **k) -> {0}".format, st.text("ab.[]()'\"\\,1-\n", max_size=9)),
    st.builds(lambda n: f"def f(x={'-' * n}1, y={'(' * n}{')' * n}): return 1", st.sampled_from([1, 90, 5_000])),
)
NAMES = st.sampled_from(["f", "class", "None", "__debug__", "E", "Error", "ValueError", "_NoBehaviour", "match"])
INTERFACES = st.fixed_dictionaries(
    {"name": NAMES, "type": st.sampled_from(["function", "class", "method"]), "signature": SIGNATURES},
    optional={
        "module": st.sampled_from(["a.py", "a/b.py", "a.b", "old.py", "src/a/__init__.py"]),
        "raises": st.lists(st.one_of(NAMES, st.text(max_size=5)), max_size=3),
        "return_type": st.text(max_size=5),
    },
)
MODELS = st.fixed_dictionaries({"name": NAMES, "base_classes": st.lists(st.one_of(NAMES, st.text(max_size=5)))})


@given(st.lists(INTERFACES, max_size=5), st.lists(MODELS, max_size=4))
def test_every_stub_is_valid_python(interfaces: list[dict[str, Any]], models: list[dict[str, Any]]) -> None:
    tests = {"tests/test_a.py": "from a import f, E\nfrom a.b import Error\nimport old, c.d", "tests/b.py": "def ("}
    for path, text in stubs(contract(*interfaces, models=models), tests, {"old.py": "x = 1 \\\n + 2"}).items():
        compile(text, path, "exec")
