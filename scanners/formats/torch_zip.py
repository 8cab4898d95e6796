"""PyTorch checkpoint since 1.6: a zip archive with ``<name>/data.pkl`` and one member a storage.

Beside these: ``version``, ``byteorder``, ``.data/serialization_id``; TorchScript adds ``code/`` and
``constants.pkl``. The zip format yields the members; here stand the facts about the whole.
Source: ``torch/serialization.py`` and ``caffe2/serialize/inline_container.cc``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..archives.members import STORED
from ..archives.zip_records import Header, directories, headers, local
from ..facts import Metadata, shorten
from ..format import Format, Match, Parsed, Subject
from . import zip as zip_archive
from .pickle import WEIGHTS

if TYPE_CHECKING:
    from ..limits import Budget
    from ..source import Source

PICKLE = b"data.pkl"
SHORT = 64  # bytes of a member that holds a version or a byte order
TOLD = {
    b"version": "version",
    b"byteorder": "byteorder",
    b".data/serialization_id": "serialization_id",
}
ENDS = tuple(TOLD)
MOST = 64 << 20  # bytes of a central directory that is looked at
SCRIPT = (b"constants.pkl", b"bytecode.pkl", b"code/")


def recognise(subject: Subject) -> Match:
    """Tell it by a member called ``data.pkl`` in the central directory of a zip archive."""
    if not zip_archive.recognise(subject):
        return Match.NO
    for directory in directories(subject.source)[0]:
        at, length = directory.at.start, directory.at.length
        if length <= MOST and PICKLE in subject.source.read_at(at, length):
            return Match.CERTAIN
    return Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield the version, byte order and id, and whether the archive is TorchScript."""
    source = subject.source
    for directory in directories(source)[0][:1]:
        entries = list(headers(source, directory, budget, _matters))
        roots = {_root(e.name) for e in entries if e.name.rpartition(b"/")[2] == PICKLE}
        for entry in entries:
            root = next((r for r in roots if entry.name.startswith(r)), None)
            rest = entry.name[len(root) :] if root is not None else b""
            if rest in TOLD:
                yield Metadata(key=TOLD[rest], value=_content(source, entry))
        scripts = {r + each for r in roots for each in SCRIPT}
        if any(entry.name.startswith(tuple(scripts)) for entry in entries):
            yield Metadata(key="torchscript", value="yes")


def _matters(name: bytes) -> bool:
    """Whether the facts below may be about a member of this name: most are storages."""
    return b".pkl" in name or b"code/" in name or name.endswith(ENDS)


def _root(name: bytes) -> bytes:
    return name[: len(name) - len(PICKLE)]


def _content(source: Source, entry: Header) -> str:
    if entry.method != STORED:
        return ""
    start = local(source, entry.start, len(entry.name)).end
    data = source.read_at(start, min(entry.size, SHORT))
    return shorten(data.decode("utf-8", "backslashreplace").strip())


FORMAT = Format(
    id="torch-zip",
    title="PyTorch checkpoint",
    media_type="application/x-pytorch",
    spec="https://github.com/pytorch/pytorch/blob/main/torch/serialization.py",
    suffixes=(".pt", ".pth", ".ckpt", ".ptl", *WEIGHTS),
    recognise=recognise,
    parse=parse,
    refines=("zip",),
    model=True,
)
