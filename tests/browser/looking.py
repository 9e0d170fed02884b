"""What a person would notice at a glance."""

from pathlib import Path

from playwright.sync_api import Page

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def seen(page: Page, folder: Path, name: str) -> None:
    """Pictures for whoever looks: light, dark, and on a phone."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.emulate_media(color_scheme="dark")
    page.screenshot(path=folder / f"{name}-dark.png", full_page=True)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.screenshot(path=folder / f"{name}-phone.png", full_page=True)
    page.set_viewport_size(DESK)  # type: ignore[arg-type]


def fits(page: Page, path: str) -> None:
    """On a phone, nothing has to be scrolled sideways."""
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    answer = page.goto(path)
    assert answer is not None and answer.ok, path
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    page.set_viewport_size(DESK)  # type: ignore[arg-type]
