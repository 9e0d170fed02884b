"""Answers from forms, evidence in groups, and how a workflow stands in words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from graph.board import Row
from schemas.errors import BadInput
from schemas.events import Event
from server.pages import feed
from server.pages.decisions import caps, decision, lines
from server.pages.evidence import branch_todos, grouped, pictures
from server.pages.listing import body
from server.pages.viewing import figures, row_sign, sentence, spending, stage, track


@pytest.mark.parametrize(
    ("form", "args"),
    [
        ({"new_cap": " 2.5 "}, {"new_cap": 2.5}),
        ({"test_is_wrong": " it is\n"}, {"test_is_wrong": "it is"}),
        ({"patch": "--- a\r\n+++ b\r\n"}, {"patch": "--- a\n+++ b\n"}),
        (
            {"path-1": "a.py", "content-1": "x = 1", "path-2": " ", "path-5": "b.py"},
            {"files": [{"path": "a.py", "content": "x = 1\n"}, {"path": "b.py", "content": ""}]},
        ),
    ],
)
def test_an_edit_is_read_from_its_form(form: dict[str, str], args: dict[str, Any]) -> None:
    assert decision({**form, "decision": "edit"}) == {"decision": "edit", "message": "", "args": args}


def test_a_remark_goes_with_every_answer() -> None:
    assert decision({"decision": "approve", "message": " fine "}) == {"decision": "approve", "message": "fine"}


def test_text_of_a_form_ends_as_a_file_does() -> None:
    assert [lines(text) for text in ("", "a", "a\n", "a\r\nb")] == ["", "a\n", "a\n", "a\nb\n"]


def test_limits_are_numbers_or_left_out() -> None:
    assert caps({"usd": "2", "tokens": " ", "seconds": "1.5"}) == {"usd": 2.0, "seconds": 1.5}
    for nonsense in ("x", "1,5", "two"):
        with pytest.raises(BadInput):
            caps({"calls": nonsense})


def test_a_start_says_what_the_api_would_be_told() -> None:
    form = {"request": " Count ", "model": "offline", "repo": "", "usd": "2", "auto_approve": "yes", "todo_list": ""}
    assert body(form) == {"request": "Count", "model": "offline", "budget": {"usd": 2.0}, "auto_approve": True}


def test_results_are_grouped_and_what_failed_comes_first() -> None:
    names = {"tests/a.py::b": "passed", "held-back: f": "passed", "metric: m": "failed", "tests/a.py::a": "failed"}
    results = [{"test_name": name, "status": status, "duration_seconds": 0} for name, status in names.items()]
    found = grouped({"test_results": results})
    assert {kind: [one.name for one in shown] for kind, shown in found.items()} == {
        "Tests": ["tests/a.py::a", "tests/a.py::b"],
        "Held-back cases": ["f"],
        "Measured": ["m"],
    }


def test_each_branch_todo_has_its_own_records() -> None:
    entries = [{"id": "a_branch_01"}, {"id": "a_branch_02"}]
    records = {"diagnoses": [{"n": 2}], "diagnostics": [None], "failure_reports": [None]}
    found = branch_todos({"branch_todos": entries}, {"branch_todos": ["a_branch_02"], **records})
    assert [one["diagnosis"] for one in found] == [None, {"n": 2}]
    assert branch_todos({"branch_todos": entries}, {})[0]["report"] is None


def test_only_pictures_are_shown_as_such() -> None:
    files = [{"path": path} for path in ("a.png", "b.svg", "c.PNG", "d.html", "png")]
    assert pictures(files) == ["a.png", "c.PNG"]


def test_the_feed_is_newest_first_and_goes_page_by_page() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        Event(
            event_id=str(number),
            event_type="task.progress",
            correlation_id="w",
            workflow_id="w",
            timestamp=start + timedelta(seconds=number),
            source="test",
            data={"stage": f"s{number}"},
        )
        for number in range(5)
    ]
    assert [one.text for one in feed.newest(events, 2)] == ["workflow: s4", "workflow: s3"]
    assert [one.text for one in feed.newest(events, 2, 4)] == ["workflow: s0"]
    assert feed.newest(events, 2, 9) == []


STANDING: dict[str, Any] = {
    "status": "waiting",
    "stop_reason": None,
    "todos": [{"status": "done"}, {"status": "running"}],
    "questions": [{"name": "escalation"}],
    "budget": {"usd": 2.0, "tokens": None, "calls": 4, "seconds": None},
    "cost_usd": 0.5,
    "tokens": 12345,
    "model_calls": 9,
    "seconds": 61,
}


def test_how_it_stands_in_words() -> None:
    assert sentence(STANDING) == "1 of 2 todos done · waits for you: Not mended"
    assert sentence({**STANDING, "todos": [], "questions": [], "status": "running"}) == "planning"
    assert spending(STANDING) == [
        ("Cost", "$0.5000", "$2.00", 0.25),
        ("Tokens", "12,345", "", None),
        ("Model calls", "9", "4", 1.0),
        ("Time worked", "1:01", "", None),
    ]


def test_a_todo_has_a_sign_beside_its_colour() -> None:
    rows = [
        Row("a"),
        Row("a", state="running", stage="coder"),
        Row("a", state="asking"),
        Row("a", state="done", status="done"),
    ]
    rows += [Row("a", state="failed", status="blocked")]
    assert [row_sign(row) for row in rows] == ["·", "▸", "?", "✔", "!"]
    assert [stage(row) for row in rows] == ["waiting", "coder", "your answer", "done", "blocked"]
    assert track(rows[1]) == ["passed", "passed", "now", "later", "later"]
    assert figures(Row("a", attempt=2, tests="3/4", cost_usd=0.25)) == "try 2 · 3/4 · $0.2500"
