"""The JSON Schema of events and their models accept and refuse the same documents."""

import copy
import json
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.event_data import DATA, DOCUMENTS, event_problems
from schemas.events import Event, EventType
from tests.schemas.test_agreement import (
    CHANGES,
    JSON,
    ODD,
    changed,
    choices,
    documents,
    places,
    schema_faults,
    schema_of,
)
from tests.schemas.test_validate_contract import judge, written

TYPES = get_args(EventType)
BY_SCHEMA = schema_faults("event")


def document_of(kind: str) -> st.SearchStrategy[dict[str, Any]]:
    """Whole events of a type, with more in their data than they need."""
    data = st.builds(lambda more, needed: {**more, **needed}, st.dictionaries(st.text(), JSON), documents(DATA[kind]))  # type: ignore[index]
    envelope = documents(DOCUMENTS[kind])
    return st.builds(lambda event, facts: {**event, "event_type": kind, "data": facts}, envelope, data)


def test_the_schema_is_one_and_knows_every_type() -> None:
    Draft202012Validator.check_schema(schema_of("event"))
    assert choices(schema_of("event")) == sorted(TYPES)
    assert set(schema_of("event")["properties"]) == set(Event.model_fields)


@pytest.mark.parametrize("kind", TYPES)
def test_both_agree_on_events_and_changes_of_them(kind: str) -> None:
    @settings(max_examples=40, deadline=None)
    @given(document_of(kind), st.data())
    def check(document: dict[str, Any], data: st.DataObject) -> None:
        assert event_problems(document) == BY_SCHEMA(document) == []
        place = data.draw(st.integers(0, len(list(places(document)))))
        change = data.draw(st.tuples(st.sampled_from(CHANGES), st.sampled_from(ODD) | JSON))
        mutant = changed(document, place, *change)
        faults, errors = event_problems(mutant), BY_SCHEMA(mutant)
        assert bool(faults) == bool(errors), f"model: {faults}\nschema: {errors}"

    check()


@pytest.mark.parametrize("kind", TYPES)
def test_what_a_type_needs_cannot_be_left_out(kind: str) -> None:
    @settings(max_examples=1, deadline=None)
    @given(document_of(kind))
    def check(document: dict[str, Any]) -> None:
        for name in DATA[kind].model_fields:  # type: ignore[index]
            short = copy.deepcopy(document)
            del short["data"][name]
            assert event_problems(short) == [f"data.{name}: is missing"]
            assert len(BY_SCHEMA(short)) == 1

    check()


@pytest.mark.parametrize("kind", TYPES)
def test_an_event_survives_json(kind: str) -> None:
    @settings(max_examples=20, deadline=None)
    @given(document_of(kind))
    def check(document: dict[str, Any]) -> None:
        event = Event.model_validate(document)
        assert Event.model_validate_json(event.model_dump_json()) == event
        assert event_problems(json.loads(event.model_dump_json())) == []

    check()


def test_the_program_judges_events(tmp_path: Any) -> None:
    event = Event(
        event_id="e",
        event_type="task.created",
        correlation_id="w",
        workflow_id="w",
        source="schedule",
        data={"title": "T"},
    )
    good = event.model_dump(mode="json")
    assert judge(written(tmp_path, good), "--type", "event").stdout == "valid event\n"
    bad = judge(written(tmp_path, good | {"data": {}, "event_type": "task.created"}), "--type", "event")
    assert (bad.returncode, bad.stdout) == (1, "data.title: is missing\n")
    unknown = judge(written(tmp_path, good | {"event_type": "task.exploded"}), "--type", "event")
    assert unknown.stdout.startswith("event_type: must be ")
