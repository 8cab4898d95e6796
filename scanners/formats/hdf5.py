"""HDF5: groups of datasets with attributes, in which Keras and others keep models and weights.

A superblock stands at byte 0, or behind a user block at 512 or a doubling of that; from the root
group on, object headers of version 1 or 2 lead to one another. Attributes, links, shapes and types
are read, values are stepped over; files that links, external storage or virtual datasets lead to
are not opened. The configuration of a Keras model is read by what it names. What reads all this is
brought only where there is such a file (`hdf5`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import kits
from ..format import Format, Match, Parsed, Subject

if TYPE_CHECKING:
    from ..limits import Budget

SIGNATURE = b"\x89HDF\r\n\x1a\n"
PLACES = (0, 512, 1024, 2048)  # in the head; further ones are looked at only under such a name
FURTHER = 4096
SUFFIXES = (".h5", ".hdf5", ".keras")  # before Keras 3, `.keras` was HDF5 as well


def recognise(subject: Subject) -> Match:
    """Tell it by its signature."""
    if any(subject.head.startswith(SIGNATURE, place) for place in PLACES):
        return Match.CERTAIN
    if not subject.name.lower().endswith(SUFFIXES):
        return Match.NO
    source, at = subject.source, FURTHER
    while at + len(SIGNATURE) <= source.size:
        if source.read_at(at, len(SIGNATURE)) == SIGNATURE:
            return Match.CERTAIN
        at *= 2
    return Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what its objects say; see `hdf5.parse`."""
    yield from kits.need("hdf5").parse(subject, budget)


FORMAT = Format(
    id="hdf5",
    title="HDF5",
    media_type="application/x-hdf5",
    spec="https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html",
    suffixes=SUFFIXES,
    recognise=recognise,
    parse=parse,
    model=True,
)
