"""The API keeps to its own description, whatever is thrown at it: no 500, and no answer that is not described."""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.internal.conjecture.utils import many
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.serving import Server, serving

pytestmark = [pytest.mark.xdist_group("openapi"), pytest.mark.timeout(300), pytest.mark.usefixtures("sandbox_image")]
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
END = object()
FUZZ = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(RATE_LIMIT="none") as started:
        yield started


@pytest.fixture(scope="module")
def described(server: Server) -> Any:
    found = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json")
    return found.exclude(path="/orchestrator/events/{workflow_id}")  # a stream that never ends


def more(elements: Any) -> bool:
    """What hypothesis-jsonschema still calls, and hypothesis has replaced by iteration."""
    if elements._depth is None:
        elements.steps = iter(elements.__enter__())
    if next(elements.steps, END) is not END:
        return True
    elements.__exit__(None)
    return False


@pytest.fixture(autouse=True)
def old_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(many, "more", more, raising=False)


def test_every_answer_is_described(described: Any) -> None:
    tried = 0
    for operation in described.get_all_operations():
        tried += 1

        @FUZZ
        @given(case=operation.ok().as_strategy(generation_mode=GenerationMode.POSITIVE))
        def right(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS)

        right()
    assert tried > 20


def test_every_route_has_words_and_an_example(server: Server) -> None:
    document = server.get("/api/openapi.json")
    assert document["info"]["version"]
    for path, routes in document["paths"].items():
        for method, route in routes.items():
            assert route.get("description"), (method, path)
            assert "401" in route["responses"] or path in ("/health", "/ready"), (method, path)
    for name in ("PlanIn", "ExecuteIn", "AnswerIn", "ResultIn", "AgentTaskIn"):
        assert document["components"]["schemas"][name]["examples"], name
