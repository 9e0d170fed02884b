"""The page where things go wrong: hostile text, no script, a server that dies."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.looking import fits, seen
from tests.e2e.scripted import plan
from tests.e2e.serving import Server, script

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
TITLE = "<img src=x onerror=alert(1)> \u202egnp.exe\u202c שלום"
DESCRIPTION = "<script>alert(2)</script> {{ 7 * 7 }} \x1b[2J" + "x" * 2000


@pytest.fixture
def waiting(server: Server, tmp_path: Path) -> Iterator[str]:
    """A workflow whose plan, full of traps, waits."""
    model = script(tmp_path, [plan("counts", title=TITLE, description=DESCRIPTION)])
    workflow_id = server.execute(request='<b onclick="alert(3)">Count</b> words', model=model)
    server.waits(workflow_id, "approve_plan")
    yield workflow_id
    server.post(f"/orchestrator/cancel/{workflow_id}", {})


def test_hostile_text_is_text(page: Page, waiting: str, tmp_path: Path) -> None:
    page.goto(f"/app/workflows/{waiting}")
    expect(page.get_by_role("heading", name='<b onclick="alert(3)">Count</b> words')).to_be_visible()
    shown = page.locator("ol.plan")
    expect(shown).to_contain_text("<img src=x onerror=alert(1)> \ufffdgnp.exe\ufffd שלום")
    expect(shown).to_contain_text("<script>alert(2)</script> {{ 7 * 7 }} \u241b[2J")
    assert page.locator("main img, main script, main b[onclick]").count() == 0
    seen(page, tmp_path, "hostile")
    asked = page.get_by_role("link", name="Edit the plan").get_attribute("href")
    for path in ("/app", "/app/new", f"/app/workflows/{waiting}", str(asked)):
        fits(page, path)


def test_it_is_found_by_its_words_and_by_its_status(page: Page, waiting: str) -> None:
    page.goto("/app")
    found = page.locator(f"#w-{waiting}")
    expect(found).to_be_visible()
    page.get_by_label("Search requests and ids").fill("nobody asked for this")
    expect(page.get_by_text("Nothing matches.")).to_be_visible()
    page.get_by_label("Search requests and ids").fill(waiting[:8])
    expect(found).to_be_visible()
    page.get_by_label("Status").select_option("completed")
    expect(found).to_have_count(0)


def test_it_is_dark_where_the_person_likes_it_dark(page: Page, waiting: str) -> None:
    page.goto(f"/app/workflows/{waiting}")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(ground) != light


def test_reading_and_answering_need_no_script(browser: Browser, server: Server, waiting: str) -> None:
    context = browser.new_context(base_url=server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/app/workflows/{waiting}")
    page.get_by_role("link", name="Edit the plan").click()
    page.get_by_role("button", name="Add a todo").click()
    expect(page.get_by_role("group", name="todo_1")).to_be_visible()
    page.get_by_role("button", name="Edit as JSON").click()
    expect(page.get_by_label("The todo list, JSON")).to_contain_text('"todo_1"')
    page.get_by_role("link", name="Back").click()
    page.get_by_role("button", name="Ask for changes").click()
    expect(page.get_by_role("alert")).to_contain_text("A response needs words.")
    page.get_by_role("link", name="See how it stands now").click()
    expect(page.get_by_role("heading", name="Approve the plan")).to_be_visible()
    context.close()


def test_a_lost_connection_is_told_and_made_up_for(page: Page, server: Server, tmp_path: Path) -> None:
    model = script(tmp_path, [plan("counts")])
    workflow_id = server.execute(request="Count words", model=model)
    server.waits(workflow_id, "approve_plan")
    page.goto(f"/app/workflows/{workflow_id}")
    connection = page.locator("#connection")
    expect(connection).to_have_text("Live")
    page.get_by_label("Remark").fill("half a sentence")
    server.end()
    expect(connection).to_have_text("Connection lost, trying again")
    server.start()
    server.post(f"/orchestrator/budget/{workflow_id}", {"usd": 7})
    expect(connection).to_have_text("Live again", timeout=30_000)
    expect(page.locator("#panel-spent")).to_contain_text("$7.00")
    expect(page.get_by_label("Remark")).to_have_value("half a sentence")
    server.post(f"/orchestrator/cancel/{workflow_id}", {})
    expect(page.locator("#panel-head .badge")).to_contain_text("cancelled")
