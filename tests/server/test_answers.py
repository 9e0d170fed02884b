"""What OpenAPI says of answers: a type for each, and examples that fit."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from pydantic import BaseModel

from server import answers, models
from server.app import app

SHOWN = [
    model
    for module in (answers, models)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and "json_schema_extra" in model.model_config
]


def json_answers() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each route that answers JSON, with the schema of its good answer."""
    for path, routes in app.openapi()["paths"].items():
        for method, route in routes.items():
            good = next(answer for status, answer in route["responses"].items() if status.startswith("2"))
            if found := good.get("content", {}).get("application/json"):
                yield f"{method.upper()} {path}", found["schema"]


def test_every_answer_has_a_type() -> None:
    found = dict(json_answers())
    assert len(found) > 15
    for name, schema in found.items():
        assert "$ref" in schema or "$ref" in schema["items"], name


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_an_example_fits(model: type[BaseModel]) -> None:
    extra: Any = model.model_config["json_schema_extra"]
    for example in extra["examples"]:
        model.model_validate(example)
        jsonschema.validate(example, model.model_json_schema(mode="serialization"))
