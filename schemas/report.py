"""TestReport: what a run of the tests showed. The same facts as `test_report_schema.json`."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from schemas.base import Document, Timestamp, whole

Count = Annotated[int, Field(ge=0), BeforeValidator(whole)]
Seconds = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(ge=0, le=1)]
ReportStatus = Literal["passed", "failed", "error", "timeout", "skipped"]


class Summary(Document):
    """Counts of the run."""

    total: Count
    passed: Count
    failed: Count
    errors: Count
    duration_seconds: Seconds
    skipped: Count = 0


class TestResult(Document):
    """One test."""

    __test__ = False

    test_name: str
    status: Literal["passed", "failed", "error", "skipped"]
    duration_seconds: Seconds
    message: str | None = None
    traceback: str | None = None
    stdout: str | None = None
    stderr: str | None = None


class Coverage(Document):
    """Coverage of the new code."""

    line_rate: Rate
    branch_rate: Rate
    lines_covered: Count
    lines_total: Count


class Environment(Document):
    """Where the tests ran."""

    python_version: str | None = None
    os: str | None = None
    container_id: str | None = None


class TestReport(Document):
    """The result of one verdict."""

    __test__ = False

    report_id: Annotated[str, StringConstraints(pattern=r"^report_[a-zA-Z0-9_-]+$")]
    task_id: str
    timestamp: Timestamp
    status: ReportStatus
    summary: Summary
    test_results: list[TestResult] = []
    coverage: Coverage | None = None
    environment: Environment | None = None
