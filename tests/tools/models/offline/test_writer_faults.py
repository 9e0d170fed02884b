"""Each mistake of `offline:faulty` fails, and in its own way."""

import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from tests.tools.models.offline.generated import loaded
from tests.tools.models.offline.writer_samples import (
    CLOSE,
    EVERYTHING,
    MACD_TREND,
    PATTERNS,
    PRICE_CROSS,
    PRICES,
    RSI_DIP,
    SPECS,
    whole_tree,
    write,
)
from tools.market_data import daily_bars
from tools.models.offline import faults
from tools.models.offline.architecture import FIXTURES, reference, sealed_test
from tools.models.offline.catalogue import INDICATORS
from tools.models.offline.code import CODE, Files
from tools.models.offline.contracts import contract
from tools.models.offline.spec import Comparison, Exits, Indicator, IndicatorKind, Line, StrategySpec

T1, T2, T3, T4 = "t1_data_integration", "t2_indicators", "t3_entry_conditions", "t4_exit_conditions"


def pytest_run(folder: Path, *options: str, hash_seed: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "pytest_timeout", *options]
    environ = {**os.environ, "PYTHONHASHSEED": str(hash_seed), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, timeout=60)


def test_flaky_test_fails_first_and_disagrees_later(tmp_path: Path) -> None:
    right = sealed_test(T1, T1, RSI_DIP)
    wrong = faults.order_of_a_set(right)
    write({**CODE[T1](RSI_DIP), **FIXTURES[T1](RSI_DIP), **wrong}, tmp_path)
    ended = [pytest_run(tmp_path, f"tests/test_{T1}.py", hash_seed=seed).returncode for seed in (0, 1)]
    assert ended == [1, 0]
    write(right, tmp_path)
    assert pytest_run(tmp_path, f"tests/test_{T1}.py", hash_seed=0).returncode == 0


def test_wrong_value_fails_an_assertion(tmp_path: Path) -> None:
    wrong = faults.wrong_value(CODE[T2](RSI_DIP), RSI_DIP)
    write({**wrong, **FIXTURES[T2](RSI_DIP), **sealed_test(T2, T2, RSI_DIP)}, tmp_path)
    done = pytest_run(tmp_path, "tests")
    assert done.returncode == 1
    assert "AssertionError" in done.stdout and "test_values_and_warm_up[rsi_14]" in done.stdout
    assert "TypeError" not in done.stdout


def only(kind: IndicatorKind) -> StrategySpec:
    facts = INDICATORS[kind]
    line = Line(Indicator(kind, tuple(map(float, facts.parameters.values()))), facts.lines[0])
    return StrategySpec("long", Comparison(CLOSE, ">", line), Exits(max_bars=3))


@pytest.mark.parametrize(
    "spec",
    [*map(only, get_args(IndicatorKind)), PATTERNS, PRICE_CROSS, PRICES],
    ids=[*get_args(IndicatorKind), "patterns", "previous", "nothing"],
)
def test_every_slip_gives_other_values(spec: StrategySpec, tmp_path: Path) -> None:
    expected = reference(spec)
    for files, same in ((CODE[T2](spec), True), (faults.wrong_value(CODE[T2](spec), spec), False)):
        with loaded(files, tmp_path / str(same)) as package:
            table = package.compute_indicators(daily_bars())
        equal = len(table) == len(expected) and np.allclose(
            table.to_numpy(dtype=float), expected.to_numpy(dtype=float), rtol=0, atol=1e-9, equal_nan=True
        )
        assert equal is same


@pytest.mark.parametrize("name", SPECS)
def test_position_is_missing_from_the_contract_alone(name: str) -> None:
    right = contract(T3, T3, SPECS[name], "1.0.0", "")
    wrong = faults.position_forgotten(right)
    assert [parameter.name for parameter in wrong.interfaces[0].parameters] == ["bar", "indicators"]
    assert "position" not in wrong.interfaces[0].signature
    assert len(right.interfaces[0].parameters) == 3


@pytest.mark.parametrize("spec", [MACD_TREND, EVERYTHING], ids=["long", "short"])
def test_endless_ratchet_runs_into_the_limit(spec: StrategySpec, tmp_path: Path) -> None:
    wrong = faults.endless_ratchet(CODE[T4](spec))
    write({**wrong, **FIXTURES[T4](spec), **sealed_test(T4, T4, spec)}, tmp_path)
    done = pytest_run(tmp_path, "-x", "--timeout=2", f"tests/test_{T4}.py")
    assert done.returncode == 1 and "Timeout" in done.stdout + done.stderr


def test_gates_see_nothing_wrong_in_the_mistakes(tmp_path: Path) -> None:
    for name, spec in SPECS.items():
        tree: Files = {**whole_tree(spec), **faults.wrong_value(CODE[T2](spec), spec)}
        tree |= faults.endless_ratchet(CODE[T4](spec)) | faults.order_of_a_set(sealed_test(T1, T1, spec))
        write(tree, tmp_path / name)
        command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "."]
        done = subprocess.run(command, cwd=tmp_path / name, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_a_mistake_that_cannot_be_made_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        faults.edited({"a.py": "x = 1"}, ("a.py", "y", "z"))
