"""Formats that are known and not read, and native programs."""

from __future__ import annotations

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Conflict, Fact, Metadata, Reason, Unread
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.source import BytesSource

UNREAD = {
    "rar": b"Rar!\x1a\x07\x01\x00",
    "cab": b"MSCF\0\0\0\0",
    "zstd-old": b"\x27\xb5\x2f\xfd\x04",
    "litert-lm": b"LITERTLM\1\0\0\0",
    "riegeli": bytes.fromhex("83af70d10d884a3f000000000000000040"),
    "ort": b"\x1c\0\0\0ORTM",
    "executorch": b"\x1c\0\0\0ET12",
    "catboost": b"CBM1",
    "tensorrt": b"ptrt",
    "ggml": b"lmgg\x01\0\0\0",
    "parquet": b"PAR1" + bytes(8) + b"PAR1",
}
PROGRAMS = {
    "elf": (b"\x7fELF\x02\x01\x01", "ELF"),
    "pe": (b"MZ".ljust(0x3C, b"\0") + b"\x40\0\0\0PE\0\0", "PE"),
    "mach-o": (b"\xcf\xfa\xed\xfe\x07", "Mach-O"),
    "llamafile": (b"MZqFpD='", "llamafile"),
}


def read(data: bytes, name: str = "file") -> tuple[tuple[str, ...], tuple[Fact, ...]]:
    found = dissect(BytesSource(data.ljust(64, b"\0") if b"PAR1" not in data else data), (name,),
                    Budget(Limits()))  # fmt: skip
    return found.formats, found.facts


@pytest.mark.parametrize("id_", UNREAD)
def test_a_known_format_is_named_and_unread(id_: str) -> None:
    formats, (unread,) = read(UNREAD[id_])
    assert formats == (id_,)
    assert isinstance(unread, Unread)
    assert unread.reason is Reason.UNSUPPORTED
    assert unread.detail.endswith(": known, not read yet")


@pytest.mark.parametrize("id_", PROGRAMS)
def test_a_native_program_is_a_fact(id_: str) -> None:
    data, title = PROGRAMS[id_]
    assert read(data) == ((id_,), (Metadata(key="executable", value=title),))


@pytest.mark.parametrize(
    "data",
    [b"MZ text", b"\x7fELF text", b"PAR1 text", b"\xca\xfe\xba\xbe\0\0\0\x34", b"7z text"],
    ids=["MZ", "ELF", "parquet", "Java class", "7z"],
)
def test_text_and_java_classes_are_none_of_them(data: bytes) -> None:
    assert read(data)[0] == ()


def test_a_name_that_promises_a_checkpoint_on_an_archive_is_a_conflict() -> None:
    conflicts = [f for f in read(UNREAD["rar"], "model.pt")[1] if isinstance(f, Conflict)]
    assert [c.formats for c in conflicts] == [("rar",)]
