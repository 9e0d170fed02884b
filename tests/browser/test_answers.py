"""Every kind of answer, given by its form."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import seen
from tests.e2e.scripted import COUNTS, coder, given, plan, respecified
from tests.e2e.serving import Server, script
from tests.e2e.test_escalation import PATCH, WRONG

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
SLOWLY = 120_000
"""Milliseconds."""


def asked(page: Page, heading: str) -> None:
    """The page asks this by itself."""
    expect(page.get_by_role("heading", name=heading)).to_be_visible(timeout=SLOWLY)


def test_more_money_other_tests_and_a_patch(page: Page, server: Server, tmp_path: Path) -> None:
    better = respecified("1.0.1", contains="A person says: too strict")
    model = script(tmp_path, [plan("counts", max_retries=0), given("architect"), coder(WRONG), better, coder(WRONG)])
    workflow_id = server.execute(request="Count words", model=model, budget={"calls": 2})
    server.approve(workflow_id, "approve_plan")
    page.goto(f"/app/workflows/{workflow_id}")
    raise_the_budget(page, tmp_path)
    asked(page, "Not mended: counts")
    page.get_by_text("The test is wrong", exact=True).click()
    page.get_by_label("Why; the architect writes the tests anew").fill("too strict")
    page.get_by_role("button", name="Have the tests written anew").click()
    expect(page.locator("#panel-decisions")).to_contain_text("too strict")
    asked(page, "Not mended: counts")
    patch(page, tmp_path)
    asked(page, "Approve the release")
    server.approve(workflow_id, "approve_release")
    assert server.ended(workflow_id)["status"] == "completed"


def raise_the_budget(page: Page, folder: Path) -> None:
    """What is no number is told; nothing is lost by it."""
    asked(page, "The budget is used up")
    seen(page, folder, "budget")
    page.get_by_label("New limit, calls").fill("lots")
    page.get_by_role("button", name="Raise to this limit").click()
    expect(page.get_by_role("alert")).to_contain_text("The new cap is no number: lots")
    page.get_by_role("link", name="See how it stands now").click()
    page.get_by_label("New limit, calls").fill("50")
    page.get_by_role("button", name="Raise to this limit").click()
    expect(page.locator("#panel-decisions")).to_contain_text("new cap: 50")


def patch(page: Page, folder: Path) -> None:
    """One that does not apply is refused; the next is taken."""
    for text in ("no diff", PATCH):
        page.get_by_text("Give a patch", exact=True).click()
        page.get_by_label("Unified diff against the best attempt").fill(text)
        seen(page, folder, "patch")
        page.get_by_role("button", name="Take this patch").click()
        if text != PATCH:
            expect(page.get_by_role("alert")).to_contain_text("does not apply")
            expect(page.get_by_label("What you sent: patch")).to_have_value(text)
            page.get_by_role("link", name="See how it stands now").click()


def test_work_done_outside_is_handed_in(page: Page, server: Server, tmp_path: Path) -> None:
    model = script(tmp_path, [plan("counts"), given("architect")])
    workflow_id = server.execute(request="Count words", model=model, external=["counts"], auto_approve=True)
    page.goto(f"/app/workflows/{workflow_id}")
    asked(page, "Work from outside: counts")
    page.get_by_text("The contract", exact=True).click()
    expect(page.get_by_role("region", name="Contract")).to_contain_text("count_words")
    seen(page, tmp_path, "outside")
    page.get_by_label("Path 1").fill("../out.py")
    page.get_by_label("Content").first.fill("mine = 1")
    page.get_by_role("button", name="Hand in these files").click()
    expect(page.get_by_role("alert")).to_contain_text("../out.py")
    expect(page.get_by_label("What you sent: content 1")).to_have_value("mine = 1")
    page.get_by_role("link", name="See how it stands now").click()
    for at, file in enumerate(given("coder")["respond"]["files"], 1):
        page.get_by_label(f"Path {at}").fill(file["path"])
        page.get_by_label("Content").nth(at - 1).fill(file["content"])
    page.get_by_role("button", name="Hand in these files").click()
    expect(page.locator("#panel-head .badge")).to_contain_text("completed", timeout=SLOWLY)
    page.get_by_role("link", name="Release diff").click()
    expect(page.get_by_text(COUNTS).first).to_be_visible()
