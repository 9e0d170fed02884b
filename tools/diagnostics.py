"""Puts the evidence of one failure together, within limits, and words it for a model and a person."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from schemas.diagnostics import ContainerRun, Counts, Diagnostics, FailedCheck, Kind, Stage
from schemas.report import TestReport, TestResult
from tools.evidence.assertions import inputs, one_line, values
from tools.evidence.limits import LINE, clean, head, product, tail
from tools.evidence.noise import quiet
from tools.evidence.tracebacks import Trace, own_places, read
from tools.triage import HELD_BACK, MUTATION, TRAP

MOST_CHECKS, MOST_ALIKE, MOST_FINDINGS, MOST_CONTAINERS, MOST_RERUNS = 20, 3, 40, 12, 20
DIFF_LINES, LOG_LINES, OUTPUT_LINES, FINDING_LINES = 200, 60, 20, 10
STAGES: dict[str, Stage] = {
    "red": "red",
    "gates": "gates",
    "tester": "tester",
    "prepare": "prepare",
    "integrate": "integrate",
}
"""Node → stage; every other node asks a model."""
PREFIXES: tuple[tuple[str, Kind], ...] = (
    (TRAP, "trap"),
    (HELD_BACK, "held-back"),
    (MUTATION, "mutation"),
    ("metric: ", "metric"),
    ("command: ", "command"),
    ("tests/unit/", "unit test"),
)
KINDS: tuple[Kind, ...] = ("trap", "test", "unit test", "command", "rule", "metric", "held-back", "mutation")
"""The most telling first, after those that show a place in the code."""
_PYTEST = re.compile(r"^\$ pytest\n.*?^\[(?:exit code \d+|killed at its limit), [\d.]+ s\]\n", re.MULTILINE | re.DOTALL)
_CONTAINER = re.compile(r"^container \w+ ended: .*\n", re.MULTILINE)
RED_CASE = "held_back: "
"""Begins what the run on the stub says of a held-back case."""


def diagnostics(
    report: TestReport | None,
    findings: Sequence[Mapping[str, Any] | str],
    runs: Sequence[Mapping[str, Any]],
    diff: str,
    reruns: Mapping[str, Sequence[str]],
    log: str,
    stage: str,
) -> Diagnostics:
    """The evidence of a failure at a node. `runs` is the record of the containers, `log` what all commands printed."""
    failing = failed_checks(report) if report else []
    lines = [finding_line(each) for each in findings]
    found = Diagnostics(
        stage=STAGES.get(stage, "model"),
        counts=counts(report, len(lines)),
        failing=few_alike(failing)[:MOST_CHECKS],
        findings=[head(line, FINDING_LINES) for line in without_cases(lines)[:MOST_FINDINGS]],
        diff=product(diff, DIFF_LINES),
        reruns={name[:LINE]: list(reruns[name]) for name in sorted(reruns)[:MOST_RERUNS]},
        containers=[ContainerRun.model_validate(run) for run in runs[:MOST_CONTAINERS]],
        log="" if report and asked_cases(report) else tail("\n".join(without_cases([of_commands(log)])), LOG_LINES),
    )
    return Diagnostics.model_validate(clean(found.model_dump()))


def counts(report: TestReport | None, findings: int) -> Counts:
    """Of checks, or of findings where nothing has run."""
    if report is None:
        return Counts(total=findings, failed=findings)
    facts = report.summary
    return Counts(total=facts.total, passed=facts.passed, failed=facts.failed + facts.errors + facts.skipped)


def asked_cases(report: TestReport) -> bool:
    """Whether held-back cases were run: then the log may tell them, for code can print what it is asked."""
    return any(test.test_name.startswith(HELD_BACK) for test in report.test_results)


def of_commands(log: str) -> str:
    """The log without what pytest printed: its results are told apart, and traps stand among its tests."""
    return _CONTAINER.sub("", _PYTEST.sub("", log)).strip()


def finding_line(finding: Mapping[str, Any] | str) -> str:
    """A finding on one line."""
    if isinstance(finding, str):
        return finding
    return "{path}:{line}: {rule}: {message}".format_map(finding)


def without_cases(lines: Sequence[str]) -> list[str]:
    """Lines without what they say of held-back cases, which is at their end."""
    kept = [line.partition(RED_CASE)[0].rstrip() for line in lines]
    hidden = sum(RED_CASE in line for line in lines)
    told = [f"{hidden} remarks on held-back cases, for the architect only"] if hidden else []
    return [line for line in kept if line] + told


def failed_checks(report: TestReport) -> list[FailedCheck]:
    """Everything that did not pass, the most telling first."""
    found = [failed_check(test) for test in report.test_results if test.status != "passed"]
    return sorted(found, key=lambda check: (check.kind != "trap", not check.frames, KINDS.index(check.kind)))


def few_alike(checks: Sequence[FailedCheck]) -> list[FailedCheck]:
    """The checks, of those that failed alike and at the same place only the first."""
    seen: Counter[tuple[str, ...]] = Counter()
    kept = []
    for check in checks:
        how = (check.kind, check.error, check.message, *(frame.model_dump_json() for frame in check.frames))
        seen[how] += 1
        kept += [check] if seen[how] <= MOST_ALIKE else []
    return kept


def failed_check(test: TestResult) -> FailedCheck:
    """One check that did not pass."""
    kind = kind_of(test.test_name)
    trace = Trace("", [], [], [], "") if kind == "held-back" else read(test.traceback or test.stderr or "", said(test))
    shown, left, right = values(trace.raised)
    return FailedCheck.model_validate(
        {
            "name": test.test_name[:LINE],
            "kind": kind,
            "status": test.status,
            "error": trace.error,
            "message": message(test, trace),
            "assertion": trace.frames[0].source if trace.frames else "",
            "values": shown,
            "left": left,
            "right": right,
            "inputs": inputs(test.test_name, trace),
            "frames": trace.frames,
            "traceback": trace.text if test.traceback else "",
            **({} if kind == "held-back" else outputs(test)),
        }
    )


def kind_of(name: str) -> Kind:
    """What a result of this name is about."""
    by_prefix = next((kind for prefix, kind in PREFIXES if name.startswith(prefix)), None)
    if by_prefix or name.startswith("pytest"):
        return by_prefix or "command"
    return "test" if "::" in name or name.endswith(".py") else "rule"


def said(test: TestResult) -> str:
    """What the exception said, where the message of a result is that."""
    return test.message or "" if test.traceback else ""


def message(test: TestResult, trace: Trace) -> str:
    """What went wrong, on one line."""
    start = next((place for place, line in enumerate(trace.raised) if trace.error and trace.error in line), 0)
    words = [line for line in trace.raised[start:] if line.strip()]
    own = " ".join(words[: 2 if words and words[0].rstrip().endswith(":") else 1])
    parts = [own] if test.traceback and own else [test.message or test.status, own]
    return one_line("; ".join(part for part in parts if part))


def outputs(test: TestResult) -> dict[str, str]:
    """The ends of what it printed; of the sealed tests' run only what is no report: traps stand among its tests."""
    printed = "" if test.test_name == "pytest" else test.stdout or ""
    return {"stdout": tail(printed, OUTPUT_LINES), "stderr": tail(own_places(test.stderr or ""), OUTPUT_LINES)}


def fingerprint_text(report: TestReport) -> str:
    """The failures as lines that are the same in every run of the same files, and others for other failures."""
    return "\n".join(sorted(quiet(_fingerprint(check)) for check in failed_checks(report)))


def _fingerprint(check: FailedCheck) -> str:
    places = [f"{frame.path} {frame.function} {frame.source}" for frame in check.frames if check.traceback]
    facts = [check.name, check.status, check.error, check.message, check.left, check.right, *check.inputs, *places]
    return " | ".join(" ".join(fact.split()) for fact in facts if fact)
