"""Licence texts are known by their names."""

import pytest

from aibom.scanners import kits
from aibom.scanners.facts import Licence
from aibom.scanners.format import Match
from aibom.scanners.formats.licence_text import FORMAT
from aibom.scanners.source import Span
from tests.helpers.reading import damage, read, recognised

kits.load_all()


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
        "MODEL_LICENSE",
        "Tongyi Qianwen LICENSE AGREEMENT",
        "Gemma_Terms_of_Use.txt",
        "acceptable-use-policy.txt",
    ],
)
def test_a_licence_is_known_by_its_name(name: str) -> None:
    assert recognised(FORMAT, b"MIT License\n", name) is Match.CERTAIN


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("licensed.txt", b"text"),
        ("license.py", b"import licence"),
        ("license.pkl", b"I1\n."),
        ("model.bin", b"Apache License"),
        ("LICENSE", b""),
        ("LICENSE", b" \n"),
        ("LICENSE", b"\x80\x04\x00."),
    ],
)
def test_anything_else_is_none(name: str, data: bytes) -> None:
    assert recognised(FORMAT, data, name) is Match.NO


MIT = b"""The MIT License (MIT)

Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or
substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT
OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""


def test_a_whole_text_is_told() -> None:
    (fact,) = read(FORMAT, MIT, "LICENSE")
    assert fact == Licence(
        at=Span(0, 22), key="LICENSE", value="The MIT License (MIT)", ids=("MIT",)
    )


def test_a_text_with_a_term_of_its_own_is_not_told() -> None:
    (fact,) = read(FORMAT, MIT + b"Commercial use needs consent.\n", "LICENSE")
    assert fact == Licence(at=Span(0, 22), key="LICENSE", value="The MIT License (MIT)")


def test_a_text_longer_than_any_licence_is_not_looked_into() -> None:
    (fact,) = read(FORMAT, MIT + b"x " * (128 << 10), "LICENSE")
    assert fact == Licence(at=Span(0, 22), key="LICENSE", value="The MIT License (MIT)")


def test_the_first_line_that_says_something_is_kept() -> None:
    assert read(FORMAT, b"\n  # Apache License \nVersion 2.0\n", "LICENSE") == [
        Licence(at=Span(1, 20), key="LICENSE", value="Apache License")
    ]


def test_lines_of_rules_alone_say_nothing() -> None:
    assert read(FORMAT, b"----\n====\n", "LICENSE") == []


def test_damage_is_nothing() -> None:
    damage(FORMAT, MIT, name="LICENSE")
