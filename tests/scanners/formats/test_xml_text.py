"""XML, and what its readers would fetch or expand."""

from __future__ import annotations

import pytest

from aibom.scanners import kits
from aibom.scanners.artifact import Target
from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Expansion, Metadata, Reference, Refers, Unread
from aibom.scanners.format import Match
from aibom.scanners.formats.xml_text import FORMAT, FORMATS
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource, Malformed
from tests.helpers.reading import damage, facts, read, recognised

kits.load_all()

PMML = FORMATS[1]
PLAIN = b"""<?xml version="1.0"?>
<PMML version="4.4" xmlns="http://www.dmg.org/PMML-4_4"><Header description="&lt;x&#62;"/></PMML>"""
LAUGHS = "".join(
    f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)
)  # each ten times the one before


def with_dtd(subset: str, use: str = "") -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE PMML [{subset}]><PMML>{use}</PMML>'.encode()


def rules(data: bytes, name: str = "m.pmml") -> set[str]:
    artifact = dissect(BytesSource(data), (name,), Budget(Limits()))
    return {finding.rule for finding in judge(Target((artifact,)))}


@pytest.mark.parametrize(
    ("subset", "key", "target"),
    [
        ('<!ENTITY x SYSTEM "file:///etc/passwd">', "entity x", "file:///etc/passwd"),
        ('<!ENTITY x PUBLIC "a" "http://example.com/x">', "entity x", "http://example.com/x"),
        ('<!ENTITY % x SYSTEM "http://example.com/x"> %x;', "parameter entity x",
         "http://example.com/x"),
        ('<!-- x --><!ENTITY a "b"><!ENTITY x SYSTEM "notes.txt">', "entity x", "notes.txt"),
    ],
)  # fmt: skip
def test_an_external_entity_is_told_and_never_fetched(subset: str, key: str, target: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        data = with_dtd(subset, "&x;").decode().encode(encoding)
        (fact,) = facts(PMML, data, Reference, "m.pmml")
        assert (fact.kind, fact.key, fact.target) == (Refers.ENTITY, key, target)
        assert "external-entity" in rules(data)


def test_entities_that_expand_beyond_measure_are_found_and_not_expanded() -> None:
    data = with_dtd(f'<!ENTITY l0 "ha">{LAUGHS}', "&l9;")
    (fact,) = facts(PMML, data, Expansion, "m.pmml")
    assert fact.name == "entity l9"
    assert fact.produced > 2 * 10**9
    assert "archive-bomb" in rules(data)


def test_entities_in_themselves_and_short_ones_are_no_bomb() -> None:
    data = with_dtd('<!ENTITY a "&b;"><!ENTITY b "&a;"><!ENTITY c "http://www.w3.org/2000/svg">')
    assert facts(PMML, data, Expansion, "m.pmml") == []
    assert rules(data) <= {"licence-missing", "unknown-origin"}


def test_an_included_file_is_told() -> None:
    include = '<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>'
    data = f"<PMML>{include}</PMML>".encode()
    (fact,) = facts(PMML, data, Reference, "m.pmml")
    assert (fact.key, fact.target) == ("include", "/etc/passwd")


def test_a_plain_model_has_its_root_and_nothing_else() -> None:
    assert read(PMML, PLAIN, "m.pmml") == [Metadata(key="xml.root", value="PMML")]
    assert rules(PLAIN) <= {"licence-missing", "unknown-origin"}


def test_the_address_of_a_dtd_is_stated_and_not_fetched() -> None:
    data = b'<!DOCTYPE PMML PUBLIC "PMML 2.0" "http://www.dmg.org/v2-0/pmml_v2_0.dtd"><PMML/>'
    (dtd, _) = facts(PMML, data, Metadata, "m.pmml")
    assert (dtd.key, dtd.value) == ("xml.dtd", "PMML http://www.dmg.org/v2-0/pmml_v2_0.dtd")
    assert rules(data) <= {"licence-missing", "unknown-origin"}


def test_a_dtd_that_no_catalogue_has_is_fetched_by_its_readers() -> None:
    data = b'<!DOCTYPE PMML SYSTEM "http://example.com/x.dtd"><PMML/>'
    (fact,) = facts(PMML, data, Reference, "m.pmml")
    assert (fact.key, fact.target) == ("DTD", "http://example.com/x.dtd")


def test_what_breaks_off_is_not_clean() -> None:
    cut = dissect(BytesSource(PLAIN[:-9]), ("m.pmml",), Budget(Limits()))
    assert not cut.is_complete
    bad = with_dtd('<!ENTITY x SYSTEM "file:///etc/passwd"><')
    found = read(FORMAT, bad, "m.xml")
    assert [type(each) for each in found] == [Reference, Unread]
    with pytest.raises(Malformed):
        read(FORMAT, b"<a><b></a>", "a.xml")


def test_an_encoding_that_nobody_has_is_not_clean() -> None:
    with pytest.raises(Malformed):
        read(PMML, b'<?xml version="1.0" encoding="x-none"?><PMML/>', "m.pmml")


@pytest.mark.parametrize(
    ("data", "name", "matches"),
    [
        (PLAIN, "m.pmml", [Match.NO, Match.CERTAIN, Match.NO]),
        (PLAIN.decode().encode("utf-16"), "m", [Match.NO, Match.CERTAIN, Match.NO]),
        (b'<?xml version="1.0"?><net name="a" version="11">', "m.xml",
         [Match.NO, Match.NO, Match.CERTAIN]),
        (b"<!-- x -->\n<opencv_storage>", "m.xml", [Match.POSSIBLE, Match.NO, Match.NO]),
        (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", "", [Match.POSSIBLE, Match.NO, Match.NO]),
        (b"<!DOCTYPE html><html>", "a.html", [Match.NO, Match.NO, Match.NO]),
        (b"<s>[INST]", "a.jinja", [Match.NO, Match.NO, Match.NO]),
        (b"", "a.xml", [Match.NO, Match.NO, Match.NO]),
    ],
)  # fmt: skip
def test_is_told_by_its_root(data: bytes, name: str, matches: list[Match]) -> None:
    assert [recognised(format_, data, name) for format_ in FORMATS] == matches


def test_damage_is_malformed_and_nothing_else() -> None:
    for data in (PLAIN, with_dtd(f'<!ENTITY l0 "x"><!ENTITY x SYSTEM "y">{LAUGHS[:90]}', "&l9;")):
        damage(FORMAT, data, name="m.xml")
