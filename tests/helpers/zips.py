"""Zip archives made by zipfile and then changed, and what dissecting them tells."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Fact, Import
from aibom.scanners.format import Part
from aibom.scanners.formats.zip import FORMAT
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from tests.helpers.reading import LIMITS, facts, read

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from aibom.scanners.artifact import Artifact


class Unseekable(io.RawIOBase):
    """A pipe, to which zipfile writes data descriptors."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Buffer, /) -> int:
        self.data += bytes(data)
        return memoryview(data).nbytes


def archive(
    members: dict[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b""
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as opened:
        opened.comment = comment
        for name, content in members.items():
            opened.writestr(zipfile.ZipInfo(name), content, method)
    return out.getvalue()


def swapped(data: bytes, old: bytes, new: bytes, *, nth: int = 0) -> bytes:
    """Replace the occurrence number `nth` of `old` with as many other bytes."""
    assert len(old) == len(new)
    at = -1
    for _ in range(nth + 1):
        at = data.index(old, at + 1)
    return data[:at] + new + data[at + len(old) :]


def parts(data: bytes) -> dict[str, bytes]:
    found = [item for item in read(FORMAT, data) if isinstance(item, Part)]
    return {part.name: part.source.read_at(0, part.source.size) for part in found}


def doubts(data: bytes) -> list[str]:
    return [fact.detail for fact in facts(FORMAT, data, Conflict)]


def dissected(data: bytes, name: str = "file.zip", limits: Limits = LIMITS) -> Artifact:
    return dissect(BytesSource(data), (name,), Budget(limits))


def every_fact(artifact: Artifact) -> list[Fact]:
    return [fact for each in artifact.walk() for fact in each.facts]


def imports(artifact: Artifact) -> set[str]:
    return {fact.dotted for fact in every_fact(artifact) if isinstance(fact, Import)}
