"""Programs as bytes, and their facts by kind, for the tests of the pickle machine."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.facts import Call, Conflict, Fact, Import
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource, Malformed
from aibom.scanners.values import Global, Group, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aibom.scanners.format import Part

SYSTEM = Global("posix", "system")
ONE_ID = Group("tuple", ("id",))
EMPTY = Group("tuple")


def read(
    program: bytes, *, is_strict: bool = False, is_torch: bool = False
) -> Iterator[Fact | Part]:
    source = BytesSource(program)
    return Pickle(source, 0, Budget(Limits()), is_strict=is_strict, is_torch=is_torch).read()


def facts(program: bytes, *, is_torch: bool = False) -> list[Fact]:
    """Return the facts up to where the program breaks, if it does."""
    found: list[Fact] = []
    with contextlib.suppress(Malformed):
        found.extend(item for item in read(program, is_torch=is_torch) if isinstance(item, Fact))
    return found


def until_broken(program: bytes) -> list[Fact | Part]:
    """Return what a broken program yields before it breaks; it is an error if it does not break."""
    found: list[Fact | Part] = []
    items = read(program)
    with pytest.raises(Malformed):
        found.extend(items)
    return found


def imports(program: bytes) -> list[str]:
    return [fact.dotted for fact in facts(program) if isinstance(fact, Import)]


def calls(program: bytes, *, is_torch: bool = False) -> list[tuple[Value, Value]]:
    found = facts(program, is_torch=is_torch)
    return [(f.callee, f.arguments) for f in found if isinstance(f, Call)]


def conflicts(program: bytes) -> list[str]:
    return [fact.detail for fact in facts(program) if isinstance(fact, Conflict)]


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


WRAPPER = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("


def wrapper(code: str, *shape: int, aligned: bool = True) -> bytes:
    dtype = b"cnumpy\ndtype\n" + text(code) + b"\x89\x88\x87R"
    axes = b"(" + b"".join(b"K" + bytes([axis]) for axis in shape) + b"t"
    alignment = text("numpy_array_alignment_bytes") + b"K\x10" if aligned else b""
    return WRAPPER + text("dtype") + dtype + text("shape") + axes + alignment + b"ub"


ATTACK = b"cposix\nsystem\n" + text("id") + b"\x85R"
INNER = b"\x80\x04" + ATTACK + b"."


def checkpoint(count: int, protocol: bytes = b"\x80\x02") -> bytes:
    """Return what torch.save writes for `count` tensors."""
    out, slots = bytearray(protocol + b"}q\0("), {"next": 1}

    def put() -> bytes:
        slot = slots["next"]
        slots["next"] += 1
        return b"q" + bytes([slot]) if slot < 256 else b"r" + struct.pack("<I", slot)

    def once(key: str, code: bytes) -> bytes:
        if key in slots:
            slot = slots[key]
            return b"h" + bytes([slot]) if slot < 256 else b"j" + struct.pack("<I", slot)
        slots[key] = slots["next"]
        return code + put()

    def unicode(value: str) -> bytes:
        return b"X" + struct.pack("<I", len(value)) + value.encode()

    for number in range(count):
        out += unicode(f"layer.{number}.weight") + put()
        out += once("rebuild", b"ctorch._utils\n_rebuild_tensor_v2\n") + b"(("
        out += once("storage", unicode("storage")) + once("half", b"ctorch\nHalfStorage\n")
        out += unicode(str(number)) + put() + once("cpu", unicode("cpu")) + b"K\x10t" + put()
        out += b"QK\0K\x04M\x04\x01\x86" + put() + b"K\x04K\x01\x86" + put() + b"\x89"
        out += once("hooks", b"ccollections\nOrderedDict\n") + b")R" + put() + b"t" + put()
        out += b"R" + put()
    return bytes(out + b"u.")
