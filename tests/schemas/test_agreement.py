"""The JSON Schemas and the models accept and refuse the same documents."""

import copy
import json
import re
import types
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend
from pydantic import AwareDatetime, BaseModel

from schemas.contract import Contract
from schemas.faults import model_faults
from schemas.report import TestReport
from schemas.todo import TodoItem, TodoList

PAIRS = [(TodoList, "todo"), (Contract, "contract"), (TestReport, "test_report")]
LETTERS = st.characters(exclude_categories=["Cs"])
TEXT = st.text(LETTERS, max_size=12)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 300) | st.floats(-2, 101) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=4,
)
DATES = st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28), timezones=st.just(UTC))
CHANGES = ("replace", "wrap", "drop", "add")

WHEN = "2026-01-31T09:30:00"
MOMENTS = [f"{WHEN}Z", f"{WHEN}.1234567+05:30", f"{WHEN.lower()}z", WHEN, f"{WHEN}+24:00", f"{WHEN}Z\n", "1700000000"]
DAYS = ["2026-01-31", "2026-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T09:30:60Z"]
NUMBERS: list[Any] = [True, -1, -0.5, 0, 0.5, 1, 1.5, 5.0, 10, 11, 100, 100.5]
WORDS = ["", "a", "9a", "a b", "t1\n", "1.2.3", "1.2", "\u0661.2.3", "contract_a", "report_a", "contract_"]
LENGTHS = ["x" * length for length in (4, 5, 9, 10, 200, 201)]
BOXES: list[Any] = [[], {}, {"a": 1}, {"a": "b"}]
ODD = [None, *NUMBERS, *WORDS, *LENGTHS, *MOMENTS, *DAYS, WHEN.replace("T", " ") + "Z", *BOXES]


def ecma_pattern(_validator: Any, pattern: str, value: object, _schema: Any) -> Iterator[ValidationError]:
    """`$` ends the string, as JSON Schema means it; Python's own would let a newline follow."""
    if isinstance(value, str) and not re.search(pattern.replace("$", r"\Z"), value):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def load(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def schema_of(name: str) -> dict[str, Any]:
    return load(Path(__file__).parents[2] / "schemas" / f"{name}_schema.json")


def schema_faults(name: str) -> Any:
    """A function from a document to its faults under the schema."""
    kind = extend(Draft202012Validator, {"pattern": ecma_pattern})  # type: ignore[no-untyped-call]
    judge = kind(schema_of(name), format_checker=FormatChecker())
    return lambda document: [error.message for error in judge.iter_errors(document)]


def values(annotation: Any, facts: list[Any]) -> st.SearchStrategy[Any]:
    """JSON values that a field of this type takes."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return values(arguments[0], [*facts, *arguments[1:]])
    if origin in (Union, types.UnionType):
        return st.one_of([values(option, facts) for option in arguments])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin is list:
        return st.lists(values(arguments[0], []), min_size=fact(facts, "min_length", 0), max_size=3)
    if origin is dict:
        return st.dictionaries(TEXT, values(arguments[1], []), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return documents(annotation)
    return texts(facts) if annotation is str else scalars(annotation, facts)


def texts(facts: list[Any]) -> st.SearchStrategy[str]:
    if pattern := fact(facts, "pattern", ""):
        return st.from_regex(pattern.replace("$", r"\Z"), fullmatch=True)
    return st.text(LETTERS, min_size=fact(facts, "min_length", 0), max_size=fact(facts, "max_length", 20))


def scalars(annotation: Any, facts: list[Any]) -> st.SearchStrategy[Any]:
    low, high = fact(facts, "ge", -5), fact(facts, "le", 400)
    known: dict[Any, st.SearchStrategy[Any]] = {
        int: st.integers(low, high),
        float: st.floats(low, high),
        bool: st.booleans(),
        type(None): st.none(),
        Any: JSON,
        AwareDatetime: DATES.map(datetime.isoformat),
    }
    return known[annotation]


def fact(facts: list[Any], name: str, default: Any) -> Any:
    """A limit among a field's annotations."""
    parts = [part for each in facts for part in getattr(each, "metadata", [each])]
    return next((value for part in parts if (value := getattr(part, name, None)) is not None), default)


def documents(model: type[BaseModel]) -> st.SearchStrategy[dict[str, Any]]:
    """Documents that a model takes."""
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        (required if field.is_required() else optional)[name] = values(field.annotation, list(field.metadata))
    made = st.fixed_dictionaries(required, optional=optional)
    return made.map(complete) if model is TodoItem else made


def complete(item: dict[str, Any]) -> dict[str, Any]:
    """An item that is no branch todo must say these itself."""
    criteria = {"tests": [{"cmd": "true"}]}
    needed = {"description": "x" * 10, "acceptance_criteria": criteria, "priority": 1, "max_retries": 0}
    missing = {name: value for name, value in needed.items() if item.get(name) is None}
    return item if item.get("parent_id") else item | missing


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with each of its keys."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from places(value[key])


def changed(document: Any, place: int, change: str, value: Any) -> Any:
    """The document with the value at one place replaced, put in a list, dropped, or given a key more."""
    box = [copy.deepcopy(document)]
    container, key = list(places(box))[place]
    if change == "replace":
        container[key] = copy.deepcopy(value)
    elif change == "wrap":
        container[key] = [container[key]]
    elif change == "drop" and container is not box:
        del container[key]
    elif change == "add" and isinstance(container[key], dict):
        container[key][str(value)] = value
    return box[0]


def names(schema: Any) -> set[str]:
    """Every key that a schema knows."""
    parts = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else []
    known = set(schema.get("properties", {})) if isinstance(schema, dict) else set()
    return known.union(*map(names, parts))


def choices(schema: Any) -> list[Any]:
    """Every word that a schema lists as a choice."""
    return sorted({str(word) for container, key in places(schema) if key == "enum" for word in container[key]})


@pytest.mark.parametrize(("model", "name"), PAIRS)
def test_the_schema_is_one_and_knows_the_same_keys(model: type[BaseModel], name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))
    assert names(schema_of(name)) == names(model.model_json_schema())


@pytest.mark.parametrize(("model", "name"), PAIRS)
def test_both_agree_on_every_single_change_of_a_full_document(model: type[BaseModel], name: str) -> None:
    full = load(Path(__file__).parent / "documents" / f"{name}.json")
    by_schema = schema_faults(name)
    assert {key for box, key in places(full) if isinstance(key, str)} >= names(schema_of(name))
    assert by_schema(full) == model_faults(model, full) == []
    for place in range(len(list(places([full])))):
        for change, value in [
            ("wrap", 0),
            ("drop", 0),
            *(("replace", odd) for odd in ODD),
            ("add", "x"),
            ("add", "id"),
        ]:
            document = changed(full, place, change, value)
            assert bool(by_schema(document)) == bool(model_faults(model, document)), document


@pytest.mark.parametrize(("model", "name"), PAIRS)
def test_both_agree_on_random_documents_and_changes(model: type[BaseModel], name: str) -> None:
    by_schema = schema_faults(name)
    changes = st.tuples(st.sampled_from(CHANGES), st.sampled_from([*ODD, *sorted(names(schema_of(name)))]) | JSON)

    @settings(max_examples=100, deadline=None)
    @given(documents(model), st.data())
    def check(document: dict[str, Any], data: st.DataObject) -> None:
        assert by_schema(document) == model_faults(model, document) == []
        place = data.draw(st.integers(0, len(list(places(document)))))
        mutant = changed(document, place, *data.draw(changes))
        faults, errors = model_faults(model, mutant), by_schema(mutant)
        assert bool(faults) == bool(errors), f"model: {faults}\nschema: {errors}"

    check()


@pytest.mark.parametrize(("model", "name"), PAIRS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_written_is_valid_and_read_back(model: type[BaseModel], name: str, data: st.DataObject) -> None:
    first = model.model_validate(data.draw(documents(model)))
    for without_nulls in (True, False):
        written = json.loads(first.model_dump_json(exclude_none=without_nulls))
        assert schema_faults(name)(written) == []
        assert model.model_validate(written) == first
