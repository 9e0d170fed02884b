"""What is filled in is text, colours can be read, and files from elsewhere are what they were."""

import hashlib
import re
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.pages.rendering import HERE, as_it_is, environment

CSS = (HERE / "static/page.css").read_text()
SCHEMES = {"light": CSS, "dark": CSS.partition("prefers-color-scheme: dark")[2]}
GROUNDS = ("ground", "panel", "sunk")
CODE = ("keyword", "string", "number", "comment", "name")
PAIRS = [
    *product(("text", "quiet", "accent"), GROUNDS),
    *product(("good", "bad", "warn", "busy"), ("panel", "ground")),
    *((name, f"{name}-soft") for name in ("good", "bad", "warn", "busy", "accent")),
    ("accent-text", "accent"),
    *product(("text", *(f"code-{part}" for part in CODE)), ("add", "del")),
    *(("text", f"{name}-soft") for name in ("good", "bad", "warn", "busy")),
]


@given(st.text())
def test_nothing_filled_in_becomes_markup_or_moves_the_text(text: str) -> None:
    shown = environment().from_string("<p title='{{ value }}'>{{ value }}</p>").render(value=text)
    inside = shown.removeprefix("<p title='").removesuffix("</p>")
    assert inside.count("'>") == 1
    assert not set(inside.replace("'>", "")) & set("<>'\"\x00\x1b\x7f\u202e\u2066\u061c")


def test_what_is_edited_is_escaped_and_otherwise_left_alone() -> None:
    assert as_it_is("<a>\x1b\u202e") == "&lt;a&gt;\x1b\u202e"
    assert as_it_is(None) == ""
    assert environment().from_string("{{ value|as_it_is }}").render(value="\x1b<") == "\x1b&lt;"


def luminance(colour: str) -> float:
    """Of WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_text_can_be_read_on_its_ground(scheme: str) -> None:
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", SCHEMES[scheme])[::-1])
    for text, ground in PAIRS:
        low, high = sorted((luminance(colours[text]), luminance(colours[ground])))
        assert (high + 0.05) / (low + 0.05) >= 4.5, (text, ground)


def test_files_from_elsewhere_are_as_they_were_published_and_licensed() -> None:
    vendor = HERE / "static/vendor"
    listed = re.findall(r"^\S+ +\S+ +(\S+) +([0-9a-f]{64})$", (vendor / "VERSIONS.txt").read_text(), re.M)
    assert {name for name, _ in listed} == {str(file.relative_to(vendor)) for file in vendor.rglob("*.js")}
    for name, digest in listed:
        assert hashlib.sha256((vendor / name).read_bytes()).hexdigest() == digest
        assert (vendor / name).with_name("LICENSE").exists()


@pytest.mark.parametrize("file", sorted(HERE.glob("templates/**/*.html")), ids=lambda file: file.name)
def test_no_template_needs_what_the_policy_forbids(file: Path) -> None:
    text = file.read_text()
    environment().parse(text)
    assert not re.search(r"\son\w+=|\sstyle=|<style|<script(?![^>]*\ssrc=)|javascript:|https?://|\|\s*safe", text)
