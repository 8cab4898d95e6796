"""Keras model: a zip archive of ``config.json``, ``metadata.json`` and the weights.

The zip format yields the members, and these are read by what they are: the configuration as JSON
(see `keras_config`), the weights as HDF5 or as arrays of NumPy. Source:
``keras/src/saving/saving_lib.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.zip_records import directories
from ..format import Format, Match, Parsed, Subject
from ..patterns import pattern
from . import zip as zip_archive

if TYPE_CHECKING:
    from ..limits import Budget

CONFIGURATION = pattern(rb"(?:^|[^\w./-])config\.json")  # not the end of a longer name
BESIDE = (b"metadata.json", b"model.weights.")  # one of these is there, too
MOST = 16 << 20  # bytes of a central directory that is looked at


def recognise(subject: Subject) -> Match:
    """Tell it by the names of members in the central directory of a zip archive."""
    if not zip_archive.recognise(subject):
        return Match.NO
    for directory in directories(subject.source)[0]:
        if directory.at.length > MOST:
            continue
        names = subject.source.read_at(directory.at.start, directory.at.length)
        if CONFIGURATION.search(names) and any(each in names for each in BESIDE):
            return Match.CERTAIN
    return Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield nothing: the zip format does."""
    del subject, budget
    yield from ()


FORMAT = Format(
    id="keras",
    title="Keras model",
    media_type="application/zip",
    spec="https://keras.io/api/models/model_saving_apis/model_saving_and_loading/",
    suffixes=(".keras",),
    recognise=recognise,
    parse=parse,
    refines=("zip",),
    model=True,
)
