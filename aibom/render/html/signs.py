"""Severities and verdicts as a shape and a word, so that nothing is said by a colour alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import Exit
from ...scanners.rule import Severity
from .element import h

if TYPE_CHECKING:
    from .element import Element

SHAPES = {  # outlines in a square of 16; the worse, the more of it is filled, and the more corners
    Severity.CRITICAL: "M5 0h6l5 5v6l-5 5H5l-5-5V5zM7 3v6h2V3zM7 11v2h2v-2z",  # a stop sign with !
    Severity.HIGH: "M8 0l8 15H0z",  # a triangle
    Severity.MEDIUM: "M8 0l8 8-8 8-8-8z",  # a diamond
    Severity.LOW: "M8 1a7 7 0 1 0 0 14A7 7 0 1 0 8 1zM8 4a4 4 0 1 0 0 8A4 4 0 1 0 8 4z",  # a ring
    Severity.INFO: "M2 2h12v12H2zM4 4v8h8V4z",  # a frame
}
VERDICTS = {  # class of the heading, outline
    Exit.OK: ("pass", "M1.5 8.5l2-2 3 3 6-7 2 1.8-8 9.2z"),  # a tick
    Exit.FINDINGS: ("fail", "M3 1l5 5 5-5 2 2-5 5 5 5-2 2-5-5-5 5-2-2 5-5-5-5z"),  # a cross
    Exit.INCOMPLETE: ("incomplete", "M7 1h2v9H7zM7 12h2v3H7z"),  # an exclamation mark
}


def severity(level: Severity) -> Element:
    """Return a severity as a sign: shape, word and colour."""
    word = level.name.lower()
    return h("span", _shape(SHAPES[level]), f" {word}", class_=f"sign {word}")


def verdict(code: Exit, label: str) -> Element:
    """Return a verdict as a sign with the word `label`."""
    name, outline = VERDICTS[code]
    return h("span", _shape(outline), f" {label}", class_=f"sign {name}")


def _shape(outline: str) -> Element:
    return h(
        "svg",
        h("path", d=outline, fill_rule="evenodd"),
        class_="shape",
        viewBox="0 0 16 16",
        aria_hidden="true",
    )
