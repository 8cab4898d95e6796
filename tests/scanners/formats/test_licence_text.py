"""Licence texts are known by their names."""

import pytest

from aibom.scanners.facts import Licence
from aibom.scanners.format import Match
from aibom.scanners.formats.licence_text import FORMAT
from aibom.scanners.source import Span
from tests.helpers.reading import damage, read, recognised


@pytest.mark.parametrize(
    "name",
    [
        "LICENSE",
        "LICENCE.txt",
        "license.md",
        "COPYING",
        "NOTICE",
        "LICENSE-APACHE",
        "LICENSE_MODEL.txt",
        "USE_POLICY.md",
    ],
)
def test_a_licence_is_known_by_its_name(name: str) -> None:
    assert recognised(FORMAT, b"MIT License\n", name) is Match.CERTAIN


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("licensed.txt", b"text"),
        ("model.bin", b"Apache License"),
        ("LICENSE", b""),
        ("LICENSE", b" \n"),
        ("LICENSE", b"\x80\x04\x00."),
    ],
)
def test_anything_else_is_none(name: str, data: bytes) -> None:
    assert recognised(FORMAT, data, name) is Match.NO


def test_the_first_line_that_says_something_is_kept() -> None:
    assert read(FORMAT, b"\n  # Apache License \nVersion 2.0\n", "LICENSE") == [
        Licence(at=Span(1, 20), key="LICENSE", value="Apache License")
    ]


def test_lines_of_rules_alone_say_nothing() -> None:
    assert read(FORMAT, b"----\n====\n", "LICENSE") == []


def test_damage_is_nothing() -> None:
    damage(FORMAT, b"MIT License\n\nCopyright\n", name="LICENSE")
