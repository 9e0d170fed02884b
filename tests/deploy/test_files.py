"""What a deployment is made of: compose file, images, settings."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from nodes.planner import todo_list
from nodes.suite import seconds_left
from schemas.answers import PlanAnswer
from settings import Settings, settings
from state.database import database_uri
from tests.conftest import Configure
from tools.doctor import bus
from tools.models.load import default_model
from tools.sandbox.limits import container_options

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_closed_and_limited(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["restart"] == "unless-stopped"
    assert "privileged" not in service
    assert "healthcheck" in service or name == "server"


def test_only_the_proxy_reaches_the_engine() -> None:
    mounting = [name for name, service in SERVICES.items() if "docker.sock" in str(service.get("volumes"))]
    assert mounting == ["engine"]
    assert SERVICES["engine"]["networks"] == ["engine"]
    assert [name for name, service in SERVICES.items() if service.get("ports")] == ["server"]
    assert SERVICES["server"]["ports"][0].startswith("${LISTEN:-127.0.0.1}:")
    assert COMPOSE["networks"]["engine"] == COMPOSE["networks"]["inside"] == {"internal": True}


def test_the_server_waits_for_what_it_needs() -> None:
    waited = {name: found["condition"] for name, found in SERVICES["server"]["depends_on"].items()}
    assert waited == dict.fromkeys(set(SERVICES) - {"server"}, "service_healthy")
    assert "HEALTHCHECK" in (ROOT / "deploy/Dockerfile").read_text()


def test_no_password_has_a_default() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(r"\$\{[A-Z_]*PASSWORD.[^s]", text) == ["${POSTGRES_PASSWORD:?"] * 2
    assert SERVICES["postgres"]["environment"]["POSTGRES_PASSWORD"].startswith("${POSTGRES_PASSWORD:?")
    assert SERVICES["server"]["environment"]["AUTH"] == "required"


def test_the_image_holds_what_the_project_is_made_of() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = set(project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"])
    assert packages <= allowed
    assert {"langgraph.json", "requirements-server.txt", "deploy/*.py"} <= allowed
    assert all(next(ROOT.glob(name), None) for name in allowed - {"wheels"})


def test_langgraph_makes_a_dockerfile_of_it(tmp_path: Path) -> None:
    made = tmp_path / "Dockerfile"
    command = [sys.executable, "-m", "langgraph_cli", "dockerfile", "--config", str(ROOT / "langgraph.json"), str(made)]
    subprocess.run(command, check=True, capture_output=True, cwd=tmp_path)
    text = made.read_text()
    for part in ("server.app:app", "server.access.langgraph_auth:auth", "server_checkpointer", "requirements.txt"):
        assert part in text


class Work:
    """A todo that has just begun."""

    class item:
        timeout_seconds = 1000

    state: dict[str, Any] = {}


def planned() -> dict[str, Any]:
    """A todo that the planner's model said little about."""
    answer = PlanAnswer.model_validate({"workflow_name": "w", "kind": "general", "items": [ITEM]})
    state: Any = {"workflow_id": "w" * 36, "created_at": "2026-01-01T00:00:00Z", "request": "r"}
    return todo_list(state, 1, answer).items[0].model_dump()


ITEM = {
    "id": "t1_a",
    "title": "Count words",
    "description": "Counts the words of a text.",
    "agent_role": "coder",
    "acceptance_criteria": {"tests": [{"cmd": "pytest"}]},
}
EFFECTS: list[tuple[dict[str, str], Callable[[], object], object]] = [
    ({"REDIS_HOST": "127.0.0.9"}, lambda: bus()["detail"].split(":")[0], "127.0.0.9"),
    ({"REDIS_HOST": "127.0.0.9", "REDIS_PORT": "9"}, lambda: bus()["detail"].split(":")[1], "9"),
    ({"GOOGLE_API_KEY": "x"}, lambda: default_model()[1], "GOOGLE_API_KEY is set"),
    ({"MODEL_NAME": "offline:faulty"}, lambda: default_model()[0], "offline:faulty"),
    ({"DB_URL": "postgresql://a@b/c"}, database_uri, "postgresql://a@b/c"),
    ({"TASK_TIMEOUT": "77"}, lambda: planned()["timeout_seconds"], 77),
    ({"MAX_RETRIES": "7"}, lambda: planned()["max_retries"], 7),
    ({"DOCKER_NETWORK": "bridge"}, lambda: container_options(settings())["network_mode"], "bridge"),
    ({"SANDBOX_TIMEOUT": "12"}, lambda: seconds_left(Work()), 12.0),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(
    ("variables", "effect", "expected"), EFFECTS, ids=[str(variables) for variables, _, _ in EFFECTS]
)
def test_the_specifications_variables_have_their_effect(
    variables: dict[str, str], effect: Callable[[], object], expected: object, configure: Configure
) -> None:
    assert effect() != expected
    configure(**variables)
    assert effect() == expected


def test_every_variable_of_the_specification_is_a_setting() -> None:
    named = {name for variables, _, _ in EFFECTS for name in variables}
    assert named == {name.upper() for name in Settings.model_fields} & named
    assert len(named) == 9
