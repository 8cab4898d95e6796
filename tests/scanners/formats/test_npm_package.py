"""`package.json` says what the licence of a package of npm is."""

from __future__ import annotations

import json

import pytest

from aibom.scanners.facts import Licence
from aibom.scanners.format import Match
from aibom.scanners.formats.npm_package import FORMAT
from aibom.scanners.source import Malformed, Span
from tests.helpers.reading import damage, read, recognised

PACKAGE = b'{"name": "a", "version": "1.0.0", "license": "MIT"}'


def test_it_is_known_by_its_name_and_content() -> None:
    assert recognised(FORMAT, PACKAGE, "package.json") is Match.POSSIBLE
    assert recognised(FORMAT, b"\xef\xbb\xbf\n" + PACKAGE, "package.json") is Match.POSSIBLE


@pytest.mark.parametrize(
    ("name", "data"),
    [("package-lock.json", PACKAGE), ("package.json", b"[1]"), ("package.json", b"")],
    ids=["another name", "a list", "empty"],
)
def test_anything_else_is_none(name: str, data: bytes) -> None:
    assert recognised(FORMAT, data, name) is Match.NO


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"license": "MIT OR Apache-2.0"}, [("license", "MIT OR Apache-2.0")]),
        ({"license": {"type": "MIT", "url": "https://a.example"}}, [("license", "MIT")]),
        (
            {"licenses": [{"type": "MIT"}, {"type": "ISC"}, "Zlib"]},
            [("licenses", "MIT"), ("licenses", "ISC"), ("licenses", "Zlib")],
        ),
        ({"license": "UNLICENSED"}, [("license", "UNLICENSED")]),
        ({"license": "SEE LICENSE IN LICENSE.md"}, []),
        ({"license": " "}, []),
        ({"license": {"url": "https://a.example"}}, []),
        ({"license": 5, "licenses": [5]}, []),
        ({"licenses": ["MIT"] * 30}, [("licenses", "MIT")] * 20),
        ({"name": "a"}, []),
    ],
    ids=[
        *("expression", "object", "list", "none granted", "pointer", "blank", "address alone"),
        *("other values", "many", "nothing"),
    ],
)
def test_a_package_names_its_licence(
    fields: dict[str, object], expected: list[tuple[str, str]]
) -> None:
    data = json.dumps(fields).encode()
    assert read(FORMAT, data, "package.json") == [
        Licence(at=Span(0, len(data)), key=key, value=value) for key, value in expected
    ]


@pytest.mark.parametrize("data", [b'{"license": ', b"{" + b'"a":[' * 100_000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        read(FORMAT, data, "package.json")
    assert str(raised.value) == "package.json at byte 0: it is no JSON"


def test_damage_is_refused_or_read() -> None:
    damage(FORMAT, PACKAGE, name="package.json")
