"""What is wrong is named, without the values that were sent."""

from fastapi import FastAPI
from pydantic import BaseModel
from starlette.testclient import TestClient

from server.problems import MEDIA_TYPE, handle_problems


class Given(BaseModel):
    number: int


def client() -> TestClient:
    app = FastAPI()
    handle_problems(app)

    @app.post("/")
    def take(given: Given) -> int:
        return given.number

    return TestClient(app, raise_server_exceptions=False)


def test_what_is_no_json_is_said_to_be_none() -> None:
    answer = client().post("/", content='{"number": }', headers={"content-type": "application/json"})
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["problems"] == ["body: this is no JSON, at character 11"]


def test_a_fault_names_its_place_and_not_the_value() -> None:
    answer = client().post("/", json={"number": "hush"})
    assert (answer.status_code, answer.json()["title"]) == (422, "Unprocessable Entity")
    (problem,) = answer.json()["problems"]
    assert problem.startswith("number: ")
    assert "hush" not in answer.text
