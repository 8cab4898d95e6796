"""First bytes that leave no doubt."""

from __future__ import annotations

import pytest

from aibom.scanners.format import Match, Subject
from aibom.scanners.formats import FORMATS
from aibom.scanners.magic import LENGTH, SIGNATURES, promised
from aibom.scanners.source import BytesSource

IDS = {format_.id: format_ for format_ in FORMATS}


@pytest.mark.parametrize(("prefix", "id_"), SIGNATURES, ids=[id_ for _, id_ in SIGNATURES])
def test_a_signature_belongs_to_a_format(prefix: bytes, id_: str) -> None:
    assert id_ in IDS
    assert promised(prefix + b"rest") == id_
    assert len(prefix) <= LENGTH


def test_other_bytes_promise_nothing() -> None:
    assert promised(b"") is None
    assert promised(b"PK\x03") is None
    assert promised(b"some text") is None


@pytest.mark.parametrize("id_", IDS)
def test_no_format_claims_an_empty_file_for_certain(id_: str) -> None:
    assert IDS[id_].recognise(Subject.of(BytesSource(b""))) is not Match.CERTAIN
