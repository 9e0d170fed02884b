"""A real Chromium before a real server: whatever it complains about fails the test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.conftest import SCRIPTS
from tests.e2e.serving import Server, serving

CHROMIUM = "chromium"
REFUSED = "Failed to load resource"
"""Begins what the browser says of an answer that is no 200, or of a server that is down; pages tell that themselves."""


@pytest.fixture(scope="package")
def server(home: Path, sandbox_image: str) -> Iterator[Server]:
    """One for all tests of this folder."""
    with serving() as started:
        yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; got when it is missing."""
    if shutil.which(CHROMIUM) is None:
        subprocess.run([SCRIPTS / "need.sh", CHROMIUM, "brew install chromium"], check=True, env=dict(os.environ))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=shutil.which(CHROMIUM), args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def window(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A person's browser: no dialog opens in it, no script fails, nothing breaks the content policy."""
    context = browser.new_context(base_url=server.url)
    complaints: list[str] = []
    context.on("dialog", lambda dialog: dialog.dismiss())
    context.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    context.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    yield context
    context.close()
    assert [each for each in complaints if REFUSED not in each] == []


@pytest.fixture
def page(window: BrowserContext) -> Page:
    """A tab of it."""
    return window.new_page()
