"""Zip archives of known purpose: PyTorch packages, TorchServe archives, files of TensorFlow Lite.

The zip format yields the members; here stands only what the archive is. A PyTorch package has
``.data/extern_modules`` in its top folder and brings Python modules; a TorchServe archive has
``MAR-INF/MANIFEST.json`` and a handler, often its own. TensorFlow Lite's writer of metadata puts an
archive of label files behind the model. Sources: ``torch/package/package_exporter.py``,
TorchServe's ``model_packaging.py``, and LiteRT's metadata documentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.zip_records import directories, ends_in_directory
from ..format import Format, Match, Parsed, Subject
from . import zip as zip_archive

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..limits import Budget

MOST = 64 << 20  # bytes of a central directory that is looked at


def holding(name: bytes) -> Callable[[Subject], Match]:
    """Return what tells a zip archive that has a member of that name."""

    def recognise(subject: Subject) -> Match:
        """Tell it by a member's name in the central directory of a zip archive."""
        if not zip_archive.recognise(subject):
            return Match.NO
        for directory in directories(subject.source)[0]:
            at, length = directory.at.start, directory.at.length
            if length <= MOST and name in subject.source.read_at(at, length):
                return Match.CERTAIN
        return Match.NO

    return recognise


def recognise_tflite(subject: Subject) -> Match:
    """Tell it by a TensorFlow Lite model before an archive that ends with the file."""
    if not zip_archive.follows_tflite(subject.head):
        return Match.NO
    is_one = ends_in_directory(subject.source, exactly=True)
    return Match.CERTAIN if is_one else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield nothing: the formats that this one refines do."""
    del subject, budget
    yield from ()


FORMATS = (
    Format(
        id="torch-package",
        title="PyTorch package",
        media_type="application/x-pytorch",
        spec="https://docs.pytorch.org/docs/stable/package.html",
        suffixes=(".pt", ".pth"),
        recognise=holding(b".data/extern_modules"),
        parse=parse,
        refines=("zip",),
        model=True,
    ),
    Format(
        id="torchserve",
        title="TorchServe archive",
        media_type="application/zip",
        spec="https://github.com/pytorch/serve/tree/master/model-archiver",
        suffixes=(".mar",),
        recognise=holding(b"MAR-INF/MANIFEST.json"),
        parse=parse,
        refines=("zip",),
    ),
    Format(
        id="tflite-files",
        title="TensorFlow Lite with files behind it",
        media_type="application/octet-stream",
        spec="https://ai.google.dev/edge/litert/models/metadata",
        suffixes=(),
        recognise=recognise_tflite,
        parse=parse,
        refines=("tflite", "zip"),
    ),
)
