"""What is wrong is named, without the values that were sent."""

from typing import Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from server.methods import refuse_other_methods
from server.names import only_known
from server.problems import MEDIA_TYPE, handle_problems


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = ""


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    parts: list[Part] | None = None


def client() -> TestClient:
    """Of a small app that has other routes after its own, as LangGraph's server has."""
    app, router = FastAPI(), APIRouter()
    handle_problems(app)

    @router.post("/")
    def take(given: Given) -> int:
        return given.number

    @router.get("/")
    def show(size: int = 1) -> int:
        return size

    app.include_router(router, dependencies=[Depends(only_known)])
    refuse_other_methods(app, [router])
    other = Route("/else", lambda _: Response(status_code=204), methods=["PATCH", "HEAD", "OPTIONS", "GET"])
    app.router.routes.append(Mount("", routes=[other]))
    return TestClient(app, raise_server_exceptions=False)


def test_what_is_no_json_is_said_to_be_none() -> None:
    answer = client().post("/", content='{"number": }', headers={"content-type": "application/json"})
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["problems"] == ["body: this is no JSON, at character 11"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_sent_as_json_is_refused_with_the_way_out(kind: str) -> None:
    answer = client().post("/", content='{"number": 1}', headers={"content-type": kind} if kind else {})
    assert (answer.status_code, answer.headers["content-type"]) == (415, MEDIA_TYPE)
    assert "application/json" in answer.json()["hint"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (["number"], "body: A JSON object is needed"),
        ({"nmber": 1, "number": 1}, "nmber: Extra inputs are not permitted; did you mean number?"),
        ({"number": 1, "zzz": 1}, "zzz: Extra inputs are not permitted"),
        ({"number": 1, "parts": [{"nam": ""}]}, "parts.0.nam: Extra inputs are not permitted; did you mean name?"),
    ],
)
def test_what_does_not_fit_is_said_with_the_name_that_was_meant(body: Any, said: str) -> None:
    answer = client().post("/", json=body)
    assert (answer.status_code, answer.json()["problems"]) == (422, [said])
    assert answer.json()["hint"]


def test_another_key_of_the_query_is_refused_with_the_name_that_was_meant() -> None:
    assert client().get("/?size=2").json() == 2
    answer = client().get("/?sise=2&zzz=1")
    assert (answer.status_code, answer.json()["problems"]) == (
        422,
        ["sise: Extra inputs are not permitted; did you mean size?", "zzz: Extra inputs are not permitted"],
    )


@pytest.mark.parametrize("method", ["PATCH", "HEAD", "OPTIONS"])
def test_another_method_is_refused_though_other_routes_come_after_ours(method: str) -> None:
    answer = client().request(method, "/")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert client().request(method, "/else").status_code == 204


def test_an_unknown_path_is_led_to_the_description() -> None:
    assert "/api/openapi.json" in client().get("/nothing").json()["hint"]


def test_a_fault_names_its_place_and_not_the_value() -> None:
    answer = client().post("/", json={"number": "hush"})
    assert (answer.status_code, answer.json()["title"]) == (422, "Unprocessable Entity")
    (problem,) = answer.json()["problems"]
    assert problem.startswith("number: ")
    assert "hush" not in answer.text
