"""Whole generated trees: their tests pass, their gates are clean, their contracts are kept."""

import ast
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from schemas.validation import contract_problems
from tests.tools.models.offline.writer_samples import PRICE_CROSS, SPECS, whole_tree, write
from tools.models.offline.contracts import contract
from tools.models.offline.steps import STEPS

RUN = ["macd_trend", "everything", "patterns", "prices", "slow_trend"]
"""Together they use everything; the others are run in parts elsewhere."""


@pytest.fixture(scope="module")
def trees(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: write(whole_tree(spec), tmp_path_factory.mktemp(name)) for name, spec in SPECS.items()}


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=folder, env=environ, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize("name", RUN)
def test_own_tests_pass_and_cover_the_code(trees: dict[str, Path], name: str) -> None:
    options = [
        "-q",
        "-W",
        "error",
        "-p",
        "no:cacheprovider",
        "-p",
        "pytest_cov",
        "--cov=.",
        "--cov-report=json:cov.json",
    ]
    done = run(trees[name], "pytest", *options, "tests")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert " passed" in done.stdout and "skipped" not in done.stdout
    files = json.loads((trees[name] / "cov.json").read_text())["files"]
    rates = {path: data["summary"]["percent_covered"] for path, data in files.items() if not path.startswith("tests/")}
    assert rates and min(rates.values()) >= 90, rates


def test_ruff_and_bandit_are_content(trees: dict[str, Path]) -> None:
    for name, folder in trees.items():
        for command in (
            ["ruff", "check", "--isolated", "--no-cache", "."],
            ["ruff", "format", "--isolated", "--no-cache", "--check", "."],
            ["bandit", "-q", "-r", "--ignore-nosec", "-x", "./tests", "."],
        ):
            done = run(folder, *command)
            assert done.returncode == 0, f"{name}: {' '.join(command)}\n{done.stdout}"


def test_mypy_is_content(trees: dict[str, Path], tmp_path: Path) -> None:
    for name in ("everything", "patterns", "prices"):
        done = run(trees[name], "mypy", f"--cache-dir={tmp_path}", "--explicit-package-bases", ".")
        assert done.returncode == 0, f"{name}\n{done.stdout}"


def test_functions_are_simple(trees: dict[str, Path]) -> None:
    for name, folder in trees.items():
        limit = "lint.mccabe.max-complexity = 10"
        done = run(folder, "ruff", "check", "--isolated", "--no-cache", "--select", "C901", "--config", limit, ".")
        assert done.returncode == 0, f"{name}\n{done.stdout}"


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_code_keeps_its_contract(trees: dict[str, Path], name: str, step: str) -> None:
    agreed = contract(step, step, SPECS[name], "1.0.0", "")
    assert contract_problems(json.loads(agreed.model_dump_json(exclude_none=True))) == []
    for interface in agreed.interfaces:
        assert interface.module is not None
        tree = ast.parse((trees[name] / interface.module).read_text())
        (found,) = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == interface.name]
        written = ast.unparse(ast.parse(f"{interface.signature}: ...")).split(":\n")[0]
        assert f"def {found.name}({ast.unparse(found.args)}) -> {ast.unparse(found.returns or found)}" == written
        defaults = [None] * (len(found.args.args) - len(found.args.defaults)) + found.args.defaults
        for parameter, argument, default in zip(interface.parameters, found.args.args, defaults, strict=True):
            assert (parameter.name, parameter.type) == (argument.arg, ast.unparse(argument.annotation or argument))
            assert parameter.default == (ast.unparse(default) if default else None)


def test_files_are_the_same_each_time() -> None:
    program = (
        "import json; from tests.tools.models.offline.writer_samples import EVERYTHING, whole_tree;"
        "print(json.dumps(whole_tree(EVERYTHING)))"
    )
    root = Path(__file__).parents[4]
    digests = set()
    for seed in ("1", "2"):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(root)}
        done = subprocess.run([sys.executable, "-c", program], cwd=root, env=environ, capture_output=True, check=True)
        digests.add(hashlib.sha256(done.stdout).hexdigest())
    assert len(digests) == 1


def test_only_what_is_used_is_written() -> None:
    modules = {path for path in whole_tree(PRICE_CROSS) if path.startswith("indicators/")}
    assert modules == {"indicators/__init__.py"}
