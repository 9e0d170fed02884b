"""The plan as a form: what is posted, what stays, and where a fault is shown."""

import json
from copy import deepcopy
from typing import Any

import pytest

from schemas.errors import BadInput
from server.pages.plan_form import changed, faults, field_of, fit_for_form, names, posted, read
from tests.e2e.conftest import ROOT

PLAN: dict[str, Any] = json.loads((ROOT / "examples/sample_todo_list.json").read_text())


def edited(**fields: str) -> dict[str, Any]:
    """The plan with these fields of its form; `_0_title` is `0-title`."""
    return posted(PLAN, {name.lstrip("_").replace("__", "-"): value for name, value in fields.items()})


def test_nothing_posted_changes_nothing() -> None:
    assert posted(PLAN, {}) == PLAN


def test_a_field_is_put_over_the_plan_and_the_rest_stays() -> None:
    found = edited(_0__title=" Daily bars ", _0__priority="7", _1__dependencies="a, b  c", _0__max_retries="0")
    first, second = found["items"][:2]
    assert (first["title"], first["priority"], first["max_retries"]) == ("Daily bars", 7, 0)
    assert second["dependencies"] == ["a", "b", "c"]
    assert first["acceptance_criteria"] == PLAN["items"][0]["acceptance_criteria"]
    assert found["items"][2:] == PLAN["items"][2:]


def test_commands_are_changed_added_and_left_out() -> None:
    plan = deepcopy(PLAN)
    plan["items"][0]["acceptance_criteria"]["tests"] = [{"cmd": "one", "env": {"A": "1"}}, {"cmd": "two"}]
    form = {"0-cmd-0": "one more", "0-seconds-0": "5", "0-cmd-1": " ", "0-cmd-2": "three", "0-seconds-2": ""}
    tests = posted(plan, form)["items"][0]["acceptance_criteria"]["tests"]
    assert tests == [{"cmd": "one more", "env": {"A": "1"}, "timeout_seconds": 5}, {"cmd": "three"}]


def test_a_todo_is_added_moved_and_removed() -> None:
    added = changed(PLAN, "add")
    assert added["items"][-1]["id"] == "todo_1"
    assert faults(added)
    ids = [item["id"] for item in PLAN["items"]]
    assert [item["id"] for item in changed(PLAN, "up-1")["items"]] == [ids[1], ids[0], *ids[2:]]
    removed = changed(PLAN, "remove-0")["items"]
    assert [item["id"] for item in removed] == ids[1:]
    assert all(ids[0] not in item.get("dependencies", []) for item in removed)
    for nothing in ("up-0", "remove-99", "up-99", "", "remove-x-y"):
        assert len(changed(PLAN, nothing)["items"]) >= len(ids) - 1


@pytest.mark.parametrize(
    ("field", "value", "where"),
    [
        ("0-title", "No", "0-title"),
        ("1-priority", "soon", "1-priority"),
        ("0-max_retries", "", "0-max_retries"),
        ("1-dependencies", "nobody", "1-dependencies"),
        ("2-cmd-0", " ", "2-cmd-0"),
        ("2-seconds-0", "0", "2-seconds-0"),
        ("3-id", "release", "3-id"),
    ],
)
def test_a_fault_is_shown_at_its_field(field: str, value: str, where: str) -> None:
    command = {"2-cmd-0": "true", "2-seconds-0": "60"}
    assert where in faults(posted(PLAN, {**command, field: value}))


def test_a_good_plan_has_no_fault_and_a_cycle_is_told_at_the_top() -> None:
    assert faults(PLAN) == {}
    ring = deepcopy(PLAN)
    ring["items"][0]["dependencies"] = [ring["items"][1]["id"]]
    ring["items"][1]["dependencies"] = [ring["items"][0]["id"]]
    assert "cycle" in faults(ring)[""][0]


def test_places_of_the_document_are_fields_of_the_form() -> None:
    assert field_of("items[3].acceptance_criteria.tests[1].cmd") == "3-cmd-1"
    assert field_of("items[3].acceptance_criteria.tests") == "3-cmd-0"
    assert field_of("items[3].tags[0]") == ""
    assert field_of("todo_list_id") == ""
    assert names({"0-title": "", "12-cmd-0": "", "message": "", "do": ""}) == ["0-title", "12-cmd-0"]


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"x"'])
def test_text_that_is_no_plan_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read(text)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"items": 1},
        {"items": [1]},
        {"items": [{"dependencies": 5}]},
        {"items": [{"output_artifacts": [1]}]},
        {"items": [{"acceptance_criteria": "x"}]},
        {"items": [{"acceptance_criteria": {"tests": [1]}}]},
    ],
)
def test_a_document_of_another_shape_never_comes_into_the_form(document: dict[str, Any]) -> None:
    with pytest.raises(BadInput):
        fit_for_form(document)
    assert faults(document)


def test_a_document_of_the_right_shape_comes_into_the_form_with_its_faults() -> None:
    assert fit_for_form({"items": [{"title": 5}]}) == {"items": [{"title": 5}]}
