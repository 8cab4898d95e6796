"""A pickle is found in every container, and in every container of a container."""

from __future__ import annotations

import bz2
import gzip
import io
import itertools
import lzma
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Unread
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource
from fixtures.seven_zip import Folder
from fixtures.seven_zip import archive as seven_zip
from tests.helpers.packing import lz4_frame, zstd
from tests.helpers.reading import LIMITS
from tests.helpers.zips import archive, every_fact, imports

if TYPE_CHECKING:
    from collections.abc import Callable

    from aibom.scanners.artifact import Artifact

ATTACK = b"\x80\x04cposix\nsystem\n\x8c\2id\x85R."  # never unpickled


def tar(data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as opened:
        for name, content in (("readme", b"text"), ("inner", data)):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            opened.addfile(member, io.BytesIO(content))
    return out.getvalue()


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    "zip": lambda data: archive({"readme": b"text", "inner": data}, zipfile.ZIP_DEFLATED),
    "stored zip": lambda data: archive({"inner": data}),
    "7z": lambda data: seven_zip(Folder({"readme": b"text", "inner": data})),
    "tar": tar,
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "LZMA": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zlib": zlib.compress,
    "LZ4": lz4_frame,
    "Zstandard": zstd,
}
PAIRS = [*itertools.product(CONTAINERS, CONTAINERS)]


def dissected(data: bytes, limits: Limits = LIMITS) -> Artifact:
    return dissect(BytesSource(data), ("file",), Budget(limits))


@pytest.mark.parametrize(("outer", "inner"), PAIRS, ids=[" of ".join(pair) for pair in PAIRS])
def test_a_pickle_in_two_containers_is_found(outer: str, inner: str) -> None:
    found = dissected(CONTAINERS[outer](CONTAINERS[inner](ATTACK)))
    assert imports(found) == {"posix.system"}
    assert not [fact for fact in every_fact(found) if isinstance(fact, Conflict | Unread)]


def test_a_pickle_in_all_containers_is_found_as_deep_as_the_limit_allows() -> None:
    data = ATTACK
    for container in CONTAINERS.values():
        data = container(data)
    assert imports(dissected(data, Limits(depth=len(CONTAINERS)))) == {"posix.system"}
    too_deep = dissected(data)
    assert not too_deep.is_complete
    assert imports(too_deep) == set()
