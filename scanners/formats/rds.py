"""Objects of R: one in an ``.rds``, a workspace of them in an ``.rda`` or ``.RData``.

Both are mostly compressed, which the streams see to. What the objects hold is read by `rdata`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .. import kits
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern

if TYPE_CHECKING:
    from ..limits import Budget

WORKSPACE = pattern(rb"RD[XAB][1-3]\r?\n")
# A form, its version, and the version of R that wrote it, whose first byte of four is zero.
OBJECT = pattern(
    rb"X\n\0\0\0[\2\3]\0[\0-\x20]|B\n[\2\3]\0\0\0..[\0-\x20]\0|A\r?\n[23]\s+\d+\s+\d+\s", re.DOTALL
)


def recognise(subject: Subject) -> Match:
    """Tell it by its form and version."""
    if not subject.head.startswith((b"X\n", b"B\n", b"A\n", b"A\r", b"RD")):
        return Match.NO
    is_one = WORKSPACE.match(subject.head) or OBJECT.match(subject.head)
    return Match.CERTAIN if is_one else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what evaluates itself among the objects.

    Raises:
        Malformed: It is no stream of R.
        Exceeded: It nests too deeply, or takes too long.
    """
    found = WORKSPACE.match(subject.head)
    start = found.end() if found else 0
    kit = kits.need("rds")
    yield from kit.facts(subject.source, start, budget, is_workspace=found is not None)


FORMAT = Format(
    id="rds",
    title="R objects",
    media_type="application/octet-stream",
    spec="https://cran.r-project.org/doc/manuals/r-release/R-ints.html#Serialization-Formats",
    suffixes=(".rds", ".rda", ".rdata"),
    recognise=recognise,
    parse=parse,
    model=True,
)
