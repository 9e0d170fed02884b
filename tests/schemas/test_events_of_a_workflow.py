"""What a real workflow tells is what the schema and docs/events.md say."""

from pathlib import Path

import pytest

from schemas.event_data import DATA, event_problems
from tests.conftest import Configure
from tests.e2e.scripted import coder, counting, given, plan, start
from tests.schemas.test_agreement import schema_faults
from tools.events import recorded

DOCUMENTED = (Path(__file__).parents[2] / "docs/events.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("sandbox_image")
def test_the_events_of_a_workflow_are_valid(tmp_path: Path, configure: Configure) -> None:
    configure(MUTATION_SAMPLE=0, BACKOFF=0)
    wrong = coder(counting("return {}"), attempt=1)
    flow = start(tmp_path, [plan("counts"), given("architect"), wrong, given("coder")]).go()
    told = [event.model_dump(mode="json") for event in recorded(flow.workflow_id)]
    assert flow.result["status"] == "completed", flow.result
    assert [event_problems(event) for event in told] == [[]] * len(told)
    assert [fault for event in told for fault in schema_faults("event")(event)] == []
    kinds = [event["event_type"] for event in told]
    stages = [
        kind for kind in kinds if kind.startswith(("task", "test")) and kind not in ("task.progress", "test.started")
    ]
    begins = ["task.created", "task.dispatched", "task.started"]
    assert stages == [*begins, "test.failed", "test.passed", "task.completed", "test.passed"]
    assert {"artifact.created", "artifact.committed", "artifact.validated", "workflow.branch.created"} < set(kinds)


@pytest.mark.parametrize("kind", DATA)
def test_every_type_and_its_keys_are_documented(kind: str) -> None:
    (line,) = [line for line in DOCUMENTED.splitlines() if line.startswith(f"| `{kind}` ")]
    assert [key for key in DATA[kind].model_fields if f"`{key}`" not in line] == []  # type: ignore[index]
