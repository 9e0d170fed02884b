"""The page's routes: who sees what, who may do what, and what a person is told when it cannot be done."""

import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from graph.answering import answer
from schemas.decision import Decision
from state import questions
from tests.server.pages.conftest import Visit
from tools.events import emit


def secret_of(client: TestClient, path: str) -> str:
    """What the forms of a page carry."""
    found = re.search(r'name="csrf_token" value="(\w+)"', client.get(path).text)
    assert found, path
    return found[1]


def post(client: TestClient, path: str, form: dict[str, Any], page: str = "/app/new") -> Any:
    """As a form of this page sends it."""
    token = secret_of(client, page)
    return client.post(path, data={**form, "csrf_token": token}, follow_redirects=False)


def test_a_stranger_is_led_to_the_door_and_back(visit: Visit, waiting: str) -> None:
    door = visit("").get(f"/app/workflows/{waiting}")
    assert door.url.path == "/app/login"
    assert f'value="/app/workflows/{waiting}"' in door.text


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/app/\\evil", "/threads"])
def test_the_door_leads_nowhere_else(visit: Visit, elsewhere: str) -> None:
    assert 'name="next" value="/app"' in visit("").get("/app/login", params={"next": elsewhere}).text


def test_browsers_are_led_from_the_front_to_the_page(visit: Visit) -> None:
    assert visit("reader").get("/").url.path == "/app"
    assert visit("reader").get("/", headers={"accept": "*/*"}).json() == {"ok": True}


@pytest.mark.parametrize(("role", "starts", "answers"), [("reader", 0, 0), ("operator", 1, 0), ("approver", 1, 1)])
def test_a_person_sees_the_forms_of_their_role(
    visit: Visit, waiting: str, role: str, starts: int, answers: int
) -> None:
    client = visit(role)
    assert ("New workflow" in client.get("/app").text) == bool(starts)
    shown = client.get(f"/app/workflows/{waiting}").text
    assert ('value="approve"' in shown) == bool(answers)
    assert ("needs the role approver" in shown) != bool(answers)
    assert client.get(f"/app/workflows/{waiting}/plan/i1").status_code == (200 if answers else 403)


@pytest.mark.parametrize("what", ["answer", "budget", "cancel", "resume"])
def test_a_reader_changes_nothing(visit: Visit, waiting: str, what: str) -> None:
    refused = post(visit("reader"), f"/app/workflows/{waiting}/{what}", {"decision": "approve"}, "/app/login")
    assert refused.status_code == 403
    assert questions.of_workflow(waiting)[0].answer is None


def test_a_form_without_its_secret_is_refused(visit: Visit, waiting: str) -> None:
    client = visit("approver")
    refused = client.post(f"/app/workflows/{waiting}/answer", data={"decision": "approve"})
    assert refused.status_code == 403
    assert questions.of_workflow(waiting)[0].answer is None


def test_who_comes_second_is_told_who_was_first(visit: Visit, waiting: str) -> None:
    answer(waiting, Decision(type="reject"), "ada")
    late = post(visit("approver"), f"/app/workflows/{waiting}/answer", {"decision": "approve", "interrupt_id": "i1"})
    assert late.status_code == 409
    assert "Somebody else was first" in late.text
    assert "ada" in late.text
    assert f'href="/app/workflows/{waiting}"' in late.text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"decision": "approve", "artifact_hash": "old"}, "something else than what is waiting"),
        ({"decision": "respond", "message": " "}, "A response needs words."),
        ({"decision": "dance"}, "This is no decision."),
        ({}, "This is no decision."),
        ({"decision": "approve", "interrupt_id": "i2"}, "Nothing waits"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_in_words(
    visit: Visit, waiting: str, form: dict[str, str], said: str
) -> None:
    refused = post(visit("approver"), f"/app/workflows/{waiting}/answer", {"interrupt_id": "i1", **form})
    assert refused.status_code in (409, 422)
    assert said in refused.text
    assert questions.of_workflow(waiting)[0].answer is None


def test_a_faulty_plan_comes_back_with_its_faults(visit: Visit, waiting: str) -> None:
    client, path = visit("approver"), f"/app/workflows/{waiting}/plan/i1"
    plan = re.search(r'<textarea name="plan" hidden>(.*?)</textarea>', client.get(path).text, re.S)
    assert plan
    form = {"plan": plan[1].replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">"), "0-title": "No"}
    again = post(client, path, {**form, "do": "approve"})
    assert again.status_code == 422
    assert '<p class="fault" id="fault-0-title">must have at least 5 characters</p>' in again.text
    assert questions.of_workflow(waiting)[0].answer is None
    checked = post(client, f"{path}/check", form)
    assert '<p id="fault-0-title" hx-swap-oob="innerHTML">must have at least 5 characters</p>' in checked.text
    assert post(client, path, {"plan": '{"items": 1}', "do": "form", "mode": "json"}).status_code == 422


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "exactly one of request"),
        ({"request": "x", "model": "nobody:knows"}, "nobody"),
        ({"request": "Count words", "usd": "lots"}, "US dollars is no number: lots."),
        ({"todo_list": "{"}, "The todo list is no JSON"),
        ({"request": "<b>", "repo": "/nowhere"}, "/nowhere"),
    ],
)
def test_a_start_that_cannot_be_keeps_what_was_typed(visit: Visit, form: dict[str, str], said: str) -> None:
    again = post(visit("operator"), "/app/new", form)
    assert again.status_code == 422
    assert said in again.text
    assert all(value.replace("<b>", "&lt;b&gt;") in again.text for value in form.values())


@pytest.mark.parametrize(
    "path",
    ["", "/events", "/todos/nobody", "/todos/release", "/diff/nobody", "/files/counts/..%2f..%2fetc/passwd", "/live"],
)
@pytest.mark.parametrize("workflow", ["waiting", "nonsense", "00000000-0000-4000-8000-000000000000"])
def test_what_is_not_there_is_told_on_a_page(visit: Visit, waiting: str, path: str, workflow: str) -> None:
    workflow_id = waiting if workflow == "waiting" else workflow
    answer = visit("reader").get(f"/app/workflows/{workflow_id}{path}")
    assert answer.status_code in ((200, 404, 422) if workflow == "waiting" else (404,))
    assert answer.headers["content-type"].startswith("text/html")


def test_the_list_is_searched_and_gives_rows_alone_to_the_script(visit: Visit, waiting: str) -> None:
    client = visit("reader")
    rows = client.get("/app", params={"search": waiting[:8]}, headers={"hx-request": "true"}).text
    assert f'id="w-{waiting}"' in rows
    assert "<html" not in rows
    assert f'id="w-{waiting}"' not in client.get("/app", params={"status": "completed"}).text
    assert client.get("/app", params={"cursor": "nonsense"}).status_code == 422


def test_a_page_stays_light_whatever_has_happened(visit: Visit, waiting: str) -> None:
    for number in range(500):
        emit("task.progress", waiting, "test", task_id=f"t{number % 20}", step=str(number), stage="coder")
    client = visit("reader")
    live = client.get(f"/app/workflows/{waiting}/live").text
    assert len(live) < 60_000
    assert "All 501 events" in live
    first = client.get(f"/app/workflows/{waiting}/events").text
    assert "1 to 200 of 501" in first
    assert "401 to 501 of 501" in client.get(f"/app/workflows/{waiting}/events?skip=400").text


@pytest.mark.parametrize("path", ["page.css", "live.js", "vendor/htmx/htmx.min.js", "vendor/htmx/LICENSE"])
def test_static_files_are_for_everybody(visit: Visit, path: str) -> None:
    assert visit("").get(f"/app/static/{path}").status_code == 200


@pytest.mark.parametrize("path", ["..%2frendering.py", "nothing.css", "vendor"])
def test_no_other_file_is_static(visit: Visit, path: str) -> None:
    assert visit("").get(f"/app/static/{path}").status_code in (401, 404)
