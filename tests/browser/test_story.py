"""A workflow from the request to the release, as a person sees it."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.looking import fits, seen
from tests.e2e.scripted import COUNTS, coder, given, plan
from tests.e2e.serving import Server, script

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
HOSTILE = "</td><script>alert(1)</script>"
WRONG = f'''"""Word counts {HOSTILE}."""


def count_words(text: str) -> dict[str, int]:
    """Counts."""
    raise RuntimeError("{HOSTILE}" + text)
'''
SLOWLY = 120_000
"""Milliseconds."""


def test_from_the_request_to_the_release(window: BrowserContext, server: Server, tmp_path: Path) -> None:
    right = given("coder", contains="A person says: use a counter")
    model = script(tmp_path, [plan("counts"), given("architect"), coder(WRONG), coder(WRONG), right])
    page = window.new_page()
    start_by_keyboard(page, model)
    expect(page.get_by_role("heading", name="Approve the plan")).to_be_visible(timeout=SLOWLY)
    other = window.new_page()
    other.goto(page.url)
    edit_the_plan(page, tmp_path)
    be_late(other)
    give_a_hint(page, tmp_path)
    read_a_diff(page, tmp_path)
    approve_the_release(page, tmp_path)
    workflow_id = page.url.rpartition("/")[2]
    assert server.status(workflow_id)["status"] == "completed"
    for path in ("", "/todos/counts", "/diff/counts", "/todos/release", "/events"):
        fits(page, f"/app/workflows/{workflow_id}{path}")


def start_by_keyboard(page: Page, model: str) -> None:
    """From the list to the form and off, without a mouse."""
    page.goto("/app")
    page.keyboard.press("g")
    page.keyboard.press("n")
    expect(page.get_by_label("What to build, in plain English")).to_be_focused()
    page.keyboard.type("Count the words of a text")
    page.keyboard.press("Tab")
    page.keyboard.type(model)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Count the words of a text")).to_be_visible()
    expect(page.locator("#connection")).to_have_text("Live")


def edit_the_plan(page: Page, folder: Path) -> None:
    """A fault is shown while it is typed, at its field, and again when the plan is sent; then it is mended."""
    seen(page, folder, "plan")
    page.get_by_role("link", name="Edit the plan").click()
    page.get_by_label("Title").fill("No")
    expect(page.locator("#fault-0-title")).to_have_text("must have at least 5 characters")
    expect(page.get_by_label("Title")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="Approve as edited").click()
    expect(page.locator("#fault-0-title")).to_have_text("must have at least 5 characters")
    seen(page, folder, "plan-fault")
    page.get_by_label("Title").fill("Words, counted")
    expect(page.locator("#fault-0-title")).to_be_empty()
    page.get_by_label("Remark").fill("a better title")
    page.get_by_role("button", name="Approve as edited").click()
    expect(page.locator("#panel-decisions")).to_contain_text("a better title")
    expect(page.locator("table.todos")).to_contain_text("Words, counted", timeout=SLOWLY)


def be_late(page: Page) -> None:
    """Who still looks at the old page is told who was first, and led to how it stands."""
    body: dict[str, Any] = page.evaluate(
        """async () => {
            const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRF-Token"];
            const form = new URLSearchParams({csrf_token: token, decision: "approve"});
            const answer = await fetch(location.pathname + "/answer", {method: "POST", body: form});
            return {status: answer.status, text: await answer.text()};
        }"""
    )
    assert body["status"] == 409
    assert "Somebody else was first" in body["text"]
    assert "See how it stands now" in body["text"]


def give_a_hint(page: Page, folder: Path) -> None:
    """The page asks by itself when the todo is given up; what came out of the code is text."""
    expect(page.get_by_role("heading", name="Not mended: counts")).to_be_visible(timeout=SLOWLY)
    expect(page.locator("#panel-waiting")).to_contain_text(HOSTILE)
    expect(page).to_have_title(re.compile("^waiting"))
    seen(page, folder, "escalation")
    page.keyboard.press("a")
    page.get_by_label("What to do; it is tried again with this").fill("use a counter")
    page.get_by_role("button", name="Try again with this hint").click()
    expect(page.locator("#panel-decisions")).to_contain_text("use a counter")
    expect(page.locator("[data-question]")).to_have_count(0)


def read_a_diff(page: Page, folder: Path) -> None:
    """Of the release, when it waits."""
    expect(page.get_by_role("heading", name="Approve the release")).to_be_visible(timeout=SLOWLY)
    seen(page, folder, "release")
    page.get_by_role("link", name="Read the diff").click()
    expect(page.get_by_role("link", name=COUNTS)).to_be_visible()
    expect(page.locator(".src.add", has_text="return dict(Counter(")).to_be_visible()
    seen(page, folder, "diff")
    page.go_back()


def approve_the_release(page: Page, folder: Path) -> None:
    """The end, with the evidence of how it came about."""
    page.get_by_role("button", name="Approve the release").click()
    expect(page.locator("#panel-head .badge")).to_contain_text("completed", timeout=SLOWLY)
    seen(page, folder, "completed")
    page.get_by_role("link", name="counts", exact=True).first.click()
    expect(page.get_by_role("heading", name="Failures and how they were mended")).to_be_visible()
    expect(page.get_by_role("heading", name="Held-back cases")).to_be_visible()
    seen(page, folder, "todo")
    page.go_back()
