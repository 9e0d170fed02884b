"""Counters of both versions of cgroups, and what stands in for them where there is none."""

import subprocess
import sys
from pathlib import Path

import pytest
import runner

EVENTS = "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 0\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n"
CPU = "usage_usec 2500000\nuser_usec 1\nsystem_usec 2\n"


@pytest.mark.parametrize(
    ("written", "unit", "name", "found"),
    [
        (EVENTS, 1.0, "oom_kill", 2.0),
        (CONTROL, 1.0, "oom_kill", 2.0),
        ("oom_kill_disable 0\nunder_oom 0\n", 1.0, "oom_kill", 0.0),
        ("104857600\n", 1.0, "", 104857600.0),
        (CPU, 1e-6, "usage_usec", 2.5),
        ("2500000000\n", 1e-9, "usage_usec", 2.5),
    ],
    ids=["events-2", "control-1", "control-of-old", "peak", "cpu-2", "cpu-1"],
)
def test_counters_of_both_versions(tmp_path: Path, written: str, unit: float, name: str, found: float) -> None:
    (tmp_path / "counter").write_text(written)
    below_root = f"../../../{tmp_path}/counter"
    assert runner.counted({"no/such/file": 1.0, below_root: unit}, name) == pytest.approx(found)


def test_no_counter_is_no_number() -> None:
    assert runner.counted({"no/such/file": 1.0}, "oom_kill") is None


@pytest.mark.parametrize("gone", ["MEMORY_PEAK", "CPU_SECONDS"])
def test_without_a_counter_the_kernel_is_asked_about_ended_processes(
    monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    monkeypatch.setattr(runner, gone, {})
    _, used_before, _ = runner.counters()
    program = f"held = b'x' * {64 << 20}\nimport os\nwhile os.times().user < 0.2: pass"
    subprocess.run([sys.executable, "-c", program], check=True)
    peak, used, _ = runner.counters()
    assert peak > 64 << 20
    assert used - used_before >= 0.2
