"""PyTorch checkpoints from before 1.6."""

from __future__ import annotations

import struct

import pytest

from aibom.scanners.facts import Call, Import, Tensor, Unclaimed
from aibom.scanners.format import Match, Subject
from aibom.scanners.formats.torch_legacy import MAGIC, parse, recognise
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource, Malformed, Span
from aibom.scanners.values import Global, Made

SYSTEM = b"\x80\x02}."
TENSOR = (
    b"\x80\x02}X\x01\0\0\0w"
    b"ctorch._utils\n_rebuild_tensor_v2\n(("
    b"X\x07\0\0\0storagectorch\nFloatStorage\nX\x02\0\0\x00k0X\x03\0\0\0cpuK\x03NtQ"
    b"K\0K\x03\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtRs."
)
KEYS = b"\x80\x02]X\x02\0\0\x00k0a."
STORAGE = struct.pack("<q", 3) + bytes(12)
FILE = MAGIC + b"\x80\x02M\xe9\x03." + SYSTEM + TENSOR + KEYS + STORAGE


def read(data: bytes) -> list[object]:
    return list(parse(Subject.of(BytesSource(data)), Budget(Limits())))


def test_recognises_the_magic_number() -> None:
    assert recognise(Subject.of(BytesSource(FILE))) is Match.CERTAIN
    assert recognise(Subject.of(BytesSource(b"\x80\x02}."))) is Match.NO


def test_names_the_tensors_and_claims_their_storages() -> None:
    found = read(FILE)
    assert Tensor(name="w", dtype="F32", shape=(3,), storage="k0") in found
    assert not [fact for fact in found if isinstance(fact, Unclaimed)]


def test_places_bytes_after_the_storages() -> None:
    (gap,) = [fact for fact in read(FILE + bytes(5)) if isinstance(fact, Unclaimed)]
    assert gap.at == Span(len(FILE), 5)


def test_reads_a_pickle_after_the_storages() -> None:
    found = read(FILE + b"\x80\x02cposix\nsystem\n.")
    assert "posix.system" in [fact.dotted for fact in found if isinstance(fact, Import)]


def test_reads_a_pickle_among_bytes_after_the_storages() -> None:
    found = read(FILE + bytes(40) + b"\x80\x04\x8c\2os\x8c\6system\x93\x8c\4true\x85R.")
    assert Global("os", "system") in [fact.callee for fact in found if isinstance(fact, Call)]


def test_a_class_that_is_kept_with_its_source_is_that_class() -> None:
    module = b"\x80\x02(X\x06\0\0\0modulecmodels\nNet\nX\4\0\0\0a.pyX\1\0\0\0#tQ)\x81}b."
    found = read(MAGIC + b"\x80\x02M\xe9\x03." + SYSTEM + module + b"\x80\x02].")
    assert [fact.callee for fact in found if isinstance(fact, Call)] == [Global("models", "Net")]
    alone = Pickle(BytesSource(module), 0, Budget(Limits()), is_strict=False).read()
    (call,) = [fact for fact in alone if isinstance(fact, Call)]
    assert isinstance(call.callee, Made)  # no other loader is known to do so


@pytest.mark.parametrize(
    "data",
    [
        FILE[:-1],
        FILE[: -len(STORAGE)] + struct.pack("<q", 1 << 60),
        FILE[: -len(STORAGE)] + struct.pack("<q", -1),
        FILE.replace(b"FloatStorage", b"OtherStorage"),
        FILE[:40],
    ],
    ids=["short", "huge count", "negative count", "unknown class", "no keys"],
)
def test_does_not_guess_where_storages_end(data: bytes) -> None:
    with pytest.raises(Malformed):
        read(data)
