"""Records of downloads from the Hub."""

from __future__ import annotations

import pytest

from aibom.scanners.facts import Metadata
from aibom.scanners.format import Match
from aibom.scanners.formats.hub_metadata import FORMAT, MAX_RECORD
from aibom.scanners.source import Malformed, Span
from tests.helpers.reading import damage, read, recognised

NAME = "model.safetensors.metadata"
COMMIT = "c0" * 20
ETAG = "1b" * 32
RECORD = f"{COMMIT}\n{ETAG}\n1764100000.25\n".encode()


def test_states_commit_etag_and_time_with_their_places() -> None:
    assert read(FORMAT, RECORD, NAME) == [
        Metadata(at=Span(0, 40), key="hub.commit", value=COMMIT),
        Metadata(at=Span(41, 64), key="hub.etag", value=ETAG),
        Metadata(at=Span(106, 13), key="hub.downloaded", value="1764100000.25"),
    ]


def test_reads_lines_of_any_system_and_a_last_one_without_end() -> None:
    found = read(FORMAT, RECORD.replace(b"\n", b"\r\n").rstrip(), NAME)
    assert [fact.value for fact in found if isinstance(fact, Metadata)] == [
        COMMIT,
        ETAG,
        "1764100000.25",
    ]


@pytest.mark.parametrize(
    ("data", "name", "expected"),
    [
        (RECORD, NAME, Match.CERTAIN),
        (RECORD, "notes.txt", Match.NO),
        (RECORD[1:], NAME, Match.NO),
        (b"", NAME, Match.NO),
    ],
    ids=["a record", "another name", "no commit", "empty"],
)
def test_tells_a_record_by_its_name_and_first_line(data: bytes, name: str, expected: Match) -> None:
    assert recognised(FORMAT, data, name) is expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (COMMIT.encode() + b"\n", "not a commit, an etag and a time"),
        (RECORD + b"more\n", "not a commit, an etag and a time"),
        (RECORD.replace(b"1764", b"soon"), "not a commit, an etag and a time"),
        (RECORD + bytes(MAX_RECORD), "a record has at most 1024"),
    ],
    ids=["cut short", "a fourth line", "no time", "too long"],
)
def test_refuses_what_breaks_off_or_goes_on(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        read(FORMAT, data, NAME)


def test_survives_damage() -> None:
    damage(FORMAT, RECORD, name=NAME)
