"""A finding is known again when only bytes around it have moved."""

from __future__ import annotations

from hashlib import sha256

from aibom.fingerprint import fingerprints
from aibom.scanners.record import replace
from aibom.scanners.rule import Finding, Severity
from aibom.scanners.source import Span

FOUND = Finding("some-rule", Severity.HIGH, "calls os.system", ("m.pt", "data.pkl"), Span(5, 1))


def test_the_place_in_the_file_does_not_matter() -> None:
    moved = replace(FOUND, at=Span(500, 2))
    assert fingerprints([FOUND]) == fingerprints([moved])


def test_everything_else_does() -> None:
    others = [
        replace(FOUND, rule="other-rule"),
        replace(FOUND, message="calls os.popen"),
        replace(FOUND, path=("m.pt",)),
        replace(FOUND, path=("m.pt", "data.pkl", "x")),
    ]
    assert len({*fingerprints([FOUND, *others])}) == 5


def test_equal_findings_are_told_apart_by_their_order() -> None:
    twice = fingerprints([FOUND, replace(FOUND, at=Span(9, 1))])
    assert len(set(twice)) == 2
    assert fingerprints([FOUND]) == twice[:1]


def test_the_recipe_is_written_down() -> None:
    told = b'[1, "some-rule", ["m.pt", "data.pkl"], "calls os.system", 0]'
    assert fingerprints([FOUND]) == [sha256(told).hexdigest()]
