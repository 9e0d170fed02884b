"""Which traps sprang in a run of the sealed tests: each a sign that the run was tampered with."""

from collections.abc import Collection, Iterator, Mapping

from schemas.ports import CommandResult
from schemas.report import TestResult
from tools.triage import TRAP
from tools.verdict.pytest_run import Reading
from tools.verdict.traps import Woven, function_of


def sprung(
    woven: Woven, reading: Reading, ran: CommandResult | None, replaced_anyway: Collection[str] = ()
) -> list[TestResult]:
    """One failed result per kind of trap, with the evidence."""
    found = [_trap(name, evidence) for name, evidence in _signs(woven, reading, ran, replaced_anyway)]
    if reading.state != "authentic" or found:
        return found
    kept = f"{len(woven.must_fail)} tests that must fail did, {len(woven.must_pass)} that must pass did"
    return [TestResult(test_name=f"{TRAP}none sprang", status="passed", duration_seconds=0, message=kept)]


def _trap(name: str, evidence: str) -> TestResult:
    return TestResult(test_name=f"{TRAP}{name}", status="failed", duration_seconds=0, message=evidence)


def _signs(
    woven: Woven, reading: Reading, ran: CommandResult | None, replaced_anyway: Collection[str]
) -> Iterator[tuple[str, str]]:
    if reading.state == "forged":
        yield "forged-report", "the report was not written under this run's secret"
    if reading.state != "authentic":
        return
    status = {test.test_name: test.status for test in reading.tests}
    canaries = {function_of(name): state for name, state in status.items() if woven.canary(name)}
    lied = [name for name in woven.must_fail if canaries.get(name) == "passed"]
    if lied:
        yield "must-fail", f"{len(lied)} of {len(woven.must_fail)} tests that must fail were reported as passed"
    broken = [name for name in woven.must_pass if canaries.get(name) == "failed"]
    if broken:
        yield "must-pass", f"{len(broken)} of {len(woven.must_pass)} tests that must pass were reported as failed"
    if replaced := [name for name in reading.replaced if name not in replaced_anyway]:
        yield "replaced", f"replaced while the tests ran: {', '.join(replaced[:10])}"
    if lost := vanished(woven, reading, canaries):
        yield "vanished", f"{lost} tests came to no result although others of the same file passed"
    if ran and ran.exit_code == 0:
        yield "exit-code", "the process ended with 0 although tests failed"


def vanished(woven: Woven, reading: Reading, canaries: Mapping[str, str]) -> int:
    """Canaries without a result in files of which a real test passed."""
    real = [test.test_name for test in reading.tests if test.status == "passed" and not woven.canary(test.test_name)]
    texts = [woven.files[path] for path in {name.split("::", 1)[0] for name in real} if path in woven.files]
    wanted = [name for name in woven.must_fail | woven.must_pass if any(name in text for text in texts)]
    return sum(canaries.get(name) not in ("passed", "failed", "error") for name in wanted)
