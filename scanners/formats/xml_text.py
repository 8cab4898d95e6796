"""XML: models of PMML, graphs of OpenVINO, storages of OpenCV, and any other document.

https://www.w3.org/TR/xml/. Told is the root, and what a reader that does as the DTD says would
fetch or expand (`xml_prolog`). The content is parsed to its end, so that a cut is noticed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import kits
from ..facts import Metadata, Reason, Unread, shorten
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from ..limits import Budget

# An XML declaration, a DTD that is not of HTML, or, by the name, any element or remark.
BEGINNING = pattern(r"<\?xml\s|<!DOCTYPE\s+(?!html\b)", re.IGNORECASE)
NAME = pattern(r".*\.(?:xml|pmml|xsd|xmi|svg)", re.IGNORECASE)
WIDE = frozenset({b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<"})  # of UTF-16, with and without a mark
PMML = pattern(r"<(?:\w+:)?PMML[\s>/]")
OPENVINO = pattern(r"<net\s[^>]*\bversion\s*=")
BLANKS = b" \t\r\n\0\xef\xbb\xbf\xff\xfe"  # and marks of byte order
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def _text(subject: Subject) -> str:
    """Return the beginning as text; of UTF-16 only its characters of ASCII, which markup is.

    "" if it does not begin with markup.
    """
    if not subject.head.lstrip(BLANKS).startswith(b"<"):
        return ""
    raw = subject.head.removeprefix(BYTE_ORDER_MARK)
    if raw[:2] in WIDE:
        raw = raw.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    return raw.decode("latin-1").lstrip()


def _is_xml(subject: Subject) -> bool:
    text = _text(subject)
    is_named = text[:1] == "<" and NAME.fullmatch(subject.name) is not None
    return is_named or (text[:1] == "<" and BEGINNING.match(text) is not None)


def recognise(subject: Subject) -> Match:
    """Tell it by its declaration or DTD, or by its name if it begins as XML does."""
    is_other = not _is_xml(subject) or _is_pmml(subject) or _is_openvino(subject)
    return Match.NO if is_other else Match.POSSIBLE


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the root, and what a reader would fetch or expand.

    Raises:
        Malformed: It is no XML, and declares nothing before it breaks off.
        Exceeded: It takes too long.
    """
    found = False
    try:
        for fact in kits.need("xml").facts(subject.source, budget):
            found = found or not isinstance(fact, Metadata)
            yield fact
    except Malformed as error:
        if not found:
            raise
        at = Span(error.offset, 0)
        yield Unread(at=at, reason=Reason.MALFORMED, detail=shorten(f"XML: {error}"))


def _is_pmml(subject: Subject) -> Match:
    """Tell it by its root, or by its name if a long DTD or remark stands before that."""
    text = _text(subject)
    is_named = subject.name.lower().endswith(".pmml")
    is_one = text[:1] == "<" and (is_named or PMML.search(text) is not None)
    return Match.CERTAIN if is_one else Match.NO


def _is_openvino(subject: Subject) -> Match:
    """Tell it by its root, which has the version of the format."""
    text = _text(subject)
    return Match.CERTAIN if text[:1] == "<" and OPENVINO.search(text) else Match.NO


FORMAT = Format(
    id="xml",
    title="XML",
    media_type="application/xml",
    spec="https://www.w3.org/TR/xml/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
FORMATS = (
    FORMAT,
    Format(
        id="pmml",
        title="PMML",
        media_type="application/xml",
        spec="https://dmg.org/pmml/v4-4-1/GeneralStructure.html",
        suffixes=(".pmml",),
        recognise=_is_pmml,
        parse=parse,
        model=True,
    ),
    Format(
        id="openvino",
        title="OpenVINO graph",
        media_type="application/xml",
        spec="https://docs.openvino.ai/2024/documentation/openvino-ir-format.html",
        suffixes=(),
        recognise=_is_openvino,
        parse=parse,
        model=True,
    ),
)
