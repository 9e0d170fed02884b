"""A trap springs on each sign of tampering, and on nothing that honest tests do."""

from dataclasses import replace
from typing import Any

import pytest

from tests.tools.verdict.samples import PATH, SEALED, by_name, entry, honest, report, result, signed
from tools.verdict.pytest_run import PytestRun, Reading
from tools.verdict.sprung import sprung
from tools.verdict.traps import Woven, weave

RUN = PytestRun([PATH], 60)
WOVEN = weave(SEALED)
NONE = {"trap: none sprang": "passed"}


def reading(entries: list[dict[str, Any]], **more: Any) -> Reading:
    """What such a run reports."""
    return RUN.read(signed(RUN, report(*entries, **more)))


def traps(found: Reading, code: int = 1, anyway: tuple[str, ...] = (), woven: Woven = WOVEN) -> dict[str, str]:
    """Names of the traps that sprang."""
    return by_name(sprung(woven, found, result(code), anyway))


def ended(names: frozenset[str], state: str) -> list[dict[str, Any]]:
    """The same run, with these canaries ended otherwise."""
    return [{**each, "outcome": state} if each["id"].rsplit("::", 1)[-1] in names else each for each in honest(WOVEN)]


def test_an_honest_run_springs_none() -> None:
    assert traps(reading(honest(WOVEN))) == NONE
    assert traps(reading(honest(WOVEN, test_one="failed", test_two="failed"))) == NONE


@pytest.mark.parametrize(
    ("names", "state", "trap"),
    [
        (WOVEN.must_fail, "passed", "must-fail"),
        (frozenset(list(WOVEN.must_fail)[:1]), "passed", "must-fail"),
        (WOVEN.must_pass, "failed", "must-pass"),
        (WOVEN.must_fail, "skipped", "vanished"),
        (WOVEN.must_pass, "xfail", "vanished"),
    ],
)
def test_a_canary_that_ended_otherwise(names: frozenset[str], state: str, trap: str) -> None:
    assert traps(reading(ended(names, state))) == {f"trap: {trap}": "failed"}


def test_a_fixture_that_fails_for_canaries_too_is_no_tampering() -> None:
    entries = [{**each, "when": "setup", "outcome": "failed"} for each in honest(WOVEN)]
    assert traps(reading(entries)) == NONE


def test_canaries_that_are_gone() -> None:
    entries = [each for each in honest(WOVEN) if not WOVEN.canary(each["id"])]
    assert traps(reading(entries)) == {"trap: vanished": "failed"}


def test_a_run_that_could_not_import_springs_none() -> None:
    assert traps(reading([entry(PATH, "collect", "failed")])) == NONE


def test_replaced_functions_unless_they_were_so_on_the_stub() -> None:
    found = reading(honest(WOVEN), replaced=["time.sleep", "math.isclose"])
    (trap,) = sprung(WOVEN, found, result(1), ["time.sleep"])
    assert trap.test_name == "trap: replaced" and "math.isclose" in str(trap.message)
    assert "time.sleep" not in str(trap.message)
    assert traps(found, anyway=("time.sleep", "math.isclose")) == NONE


def test_a_process_that_ends_with_0_although_tests_failed() -> None:
    assert traps(reading(honest(WOVEN)), code=0) == {"trap: exit-code": "failed"}


def test_a_forged_report_is_a_trap_and_a_missing_one_is_none() -> None:
    assert traps(Reading("forged")) == {"trap: forged-report": "failed"}
    assert traps(Reading("missing")) == {}


def test_several_at_once() -> None:
    everything = frozenset({*WOVEN.must_fail, *WOVEN.must_pass})
    found = replace(reading(ended(everything, "passed")), replaced=["os.path"])
    assert traps(found, code=0) == dict.fromkeys(["trap: must-fail", "trap: replaced", "trap: exit-code"], "failed")
