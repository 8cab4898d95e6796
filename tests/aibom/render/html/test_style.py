"""The style of the page: all that its policy allows, and legible in both schemes."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256

import pytest

from aibom.render import html
from tests.aibom.render.html.reading import page
from tests.helpers.outcomes import everything


def test_nothing_but_the_style_in_the_page_is_allowed() -> None:
    root = page(everything())
    (policy,) = (
        each.get("content", "")
        for each in root.iter("meta")
        if each.get("http-equiv") == "Content-Security-Policy"
    )
    (style,) = root.iter("style")
    digest = b64encode(sha256((style.text or "").encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_the_style_loads_nothing() -> None:
    assert re.findall(r"url|@import|@font-face|image|expression", html.STYLE.read_text()) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_of_text_can_be_read_on_every_ground(scheme: str) -> None:
    """As the Web Content Accessibility Guidelines count it: 4.5 to 1 at least."""
    light, dark = re.findall(r":root \{(.*?)\}", html.STYLE.read_text(), re.DOTALL)
    found = re.findall(r"--(\w+): #([0-9a-f]{6})", light if scheme == "light" else dark)
    colours = {name: luminance(value) for name, value in found}
    grounds = [colours.pop(name) for name in ("page", "panel")]
    del colours["line"]  # borders say nothing
    assert len(colours) == 9
    for colour in colours.values():
        for ground in grounds:
            lighter, darker = max(colour, ground), min(colour, ground)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def luminance(colour: str) -> float:
    """Return the relative luminance of six hexadecimal digits (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
