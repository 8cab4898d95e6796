"""Keys and certificates are told by the line that they begin with."""

import pytest

from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats.pem import FORMAT
from aibom.scanners.source import Span
from tests.helpers.reading import damage, read, recognised

KEY = b"-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"


def test_the_label_is_stated() -> None:
    assert read(FORMAT, b"\n" + KEY) == [Metadata(at=Span(1, 27), key="pem", value="PRIVATE KEY")]


@pytest.mark.parametrize(
    ("data", "match"),
    [
        (KEY, Match.CERTAIN),
        (b"\n" + KEY, Match.CERTAIN),
        (b"See " + KEY, Match.NO),
        (b"", Match.NO),
    ],
)
def test_a_document_that_quotes_a_key_is_none(data: bytes, match: Match) -> None:
    assert recognised(FORMAT, data) is match


def test_damage_is_nothing() -> None:
    damage(FORMAT, KEY)
