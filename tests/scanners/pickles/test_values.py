"""Payloads behind decoders, dtypes, and tensors of unusual making."""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import lzma
import zlib
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.facts import Fact, Tensor
from aibom.scanners.format import Part
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.pickles import payloads
from aibom.scanners.pickles.arrays import code, item_size
from aibom.scanners.pickles.objects import Obj, Object, Raw
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Global

if TYPE_CHECKING:
    from collections.abc import Callable

INNER = b"\x80\x04cposix\nsystem\n\x8c\2id\x85R."


def read(program: bytes) -> list[Fact | Part]:
    return list(Pickle(BytesSource(program), 0, Budget(Limits()), is_strict=False).read())


def parts(program: bytes) -> list[bytes]:
    found = [item.source for item in read(program) if isinstance(item, Part)]
    return [source.read_at(0, source.size) for source in found]


def raw(data: bytes) -> bytes:
    return b"B" + len(data).to_bytes(4, "little") + data


def word(text: str) -> bytes:
    raw_text = text.encode()
    return b"X" + len(raw_text).to_bytes(4, "little") + raw_text


def loads(name: str, argument: bytes) -> bytes:
    module, _, function = name.rpartition(".")
    inner = f"c{module}\n{function}\n".encode() + argument
    return b"\x80\x04cpickle\nloads\n" + inner + b"R\x85R."


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("zlib.decompress", zlib.compress), ("gzip.decompress", gzip.compress),
        ("bz2.decompress", bz2.compress), ("lzma.decompress", lzma.compress),
        ("base64.b64decode", base64.b64encode), ("base64.b32decode", base64.b32encode),
        ("base64.b85decode", base64.b85encode), ("base64.a85decode", base64.a85encode),
        ("binascii.unhexlify", binascii.hexlify), ("io.BytesIO", bytes),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_undoes_pure_decoders(name: str, pack: Callable[[bytes], bytes]) -> None:
    assert INNER in parts(loads(name, raw(pack(INNER)) + b"\x85"))


@pytest.mark.parametrize(
    ("name", "argument"),
    [
        ("_codecs.encode", word(INNER.decode("latin-1")) + word("latin1") + b"\x86"),
        ("_codecs.encode", word(INNER.decode("latin-1")) + word("latin-1") + b"\x86"),
        ("codecs.decode", word(INNER.hex()) + word("hex") + b"\x86"),
        ("codecs.decode", raw(zlib.compress(INNER)) + word("zlib_codec") + b"\x86"),
    ],
)
def test_undoes_codecs(name: str, argument: bytes) -> None:
    assert INNER in parts(loads(name, argument))


@pytest.mark.parametrize(
    "program",
    [
        loads("zlib.decompress", raw(b"no zlib") + b"\x85"),
        loads("lzma.decompress", raw(b"no xz") + b"\x85"),
        loads("_codecs.encode", word("abcdef") + word("rot13") + b"\x86"),
        loads("_codecs.encode", word("abcdef") + word("nowhere") + b"\x86"),
        loads("some.thing", raw(b"abcdefgh") + b"\x85"),
        loads("zlib.decompress", b")"),
        loads("zlib.decompress", b"K\1\x85"),
        b"\x80\x04cpickle\nloads\ncm\nf\n)R)R\x85R.",
        b"\x80\x04cpickle\nloads\nC\2ab\x85R.",
        b"\x80\x04cpickle\nloads\ncm\nf\n)RR.",
        loads("zlib.decompress", b"cm\nf\n)R"),
    ],
)
def test_makes_no_payload_of_what_it_cannot_decode(program: bytes) -> None:
    assert parts(program) == []


def test_equal_payloads_are_one_and_too_many_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    call = b"h\0h\1\x85R0"
    start = b"\x80\x02cpickle\nloads\nq\0" + raw(INNER) + b"q\x0100"
    assert parts(start + call * 3 + b"N.") == [INNER]
    monkeypatch.setattr(payloads, "MAX_PARTS", 0)
    with pytest.raises(Exceeded):
        read(start + call + b"N.")


def test_equal_decoded_payloads_are_one() -> None:
    packed = raw(zlib.compress(INNER))
    call = b"h\0h\1h\2\x85R\x85R0"
    start = b"\x80\x02cpickle\nloads\nq\0czlib\ndecompress\nq\1" + packed + b"q\x02000"
    assert parts(start + call * 3 + b"N.").count(INNER) == 1


def dtype(text: Object, state: Object = None) -> Obj:
    made = Obj(Global("numpy", "dtype"), (text, False, True))
    made.state = state
    return made


def test_knows_the_size_of_a_dtype() -> None:
    sizes = {"f4": 4, "U3": 12, "S5": 5, "M8": 8, "?": 1, "c16": 16, "V7": 7, "d": 8, "no 4": 0}
    assert {name: item_size(name) for name in sizes} == sizes


def test_takes_only_a_dtype_for_one() -> None:
    others: list[Object] = [None, Obj(Global("m", "f"), ("f4",)), dtype(1), dtype("f 4")]
    others += [Obj(Global("numpy", "dtype"), ()), dtype(Raw(0, 1)), Obj(None, ())]
    assert [code(each) for each in others] == [None] * len(others)
    assert code(dtype("f4")) == "f4"


def rebuilt(name: str, arguments: bytes) -> list[tuple[str, tuple[int, ...], str]]:
    module, _, function = name.rpartition(".")
    start = f"\x80\x02c{module}\n{function}\n".encode("latin-1")
    found = read(start + arguments + b"R.")
    return [(t.dtype, t.shape, t.storage) for t in found if isinstance(t, Tensor)]


STORAGE = b"(" + word("storage") + b"ctorch\nBFloat16Storage\n" + word("0") + word("cpu") + b"K\2tQ"


def test_reads_tensors_of_every_rebuilder() -> None:
    plain = b"(" + STORAGE + b"K\0K\2\x85K\1\x85t"
    v3 = b"(" + STORAGE + b"K\0K\2\x85K\1\x85\x89Nctorch\nint8\nt"
    assert rebuilt("torch._utils._rebuild_tensor", plain) == [("BF16", (2,), "0")]
    assert rebuilt("torch._utils._rebuild_tensor_v3", v3) == [("I8", (2,), "0")]


@pytest.mark.parametrize(
    "arguments", [b")", b"(NK\0Nt", b"(NK\0J\xff\xff\xff\xff\x85t", b"]"],
    ids=["none", "no shape", "negative axis", "no tuple"],
)  # fmt: skip
def test_makes_no_tensor_of_arguments_that_say_no_shape(arguments: bytes) -> None:
    assert rebuilt("torch._utils._rebuild_tensor_v2", arguments) == []
    assert rebuilt("numpy.core.multiarray._reconstruct", arguments) == []
    assert rebuilt("numpy._core.numeric._frombuffer", arguments) == []


def test_a_tensor_without_a_storage_has_no_dtype() -> None:
    assert rebuilt("torch._utils._rebuild_tensor_v2", b"(NK\0K\2\x85t") == [("", (2,), "")]


def named(program: bytes) -> list[tuple[str, str, tuple[int, ...]]]:
    return [(t.name, t.dtype, t.shape) for t in read(program) if isinstance(t, Tensor)]


REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"


def test_names_a_tensor_once_and_passes_over_what_is_none() -> None:
    tensor = REBUILD + b"(" + STORAGE + b"K\0K\2\x85K\1\x85tRq\7"
    entries = [
        word("a") + tensor, word("again") + b"h\7", word("n") + b"K\1",
        word("broken") + REBUILD + b")R", word("other") + b"cm\nf\n)R)R", word("more") + b"]h\7a",
    ]  # fmt: skip
    assert named(b"\x80\x02}(" + b"".join(entries) + b"u.") == [("a", "BF16", (2,))]


def test_a_storage_may_have_a_number_for_a_key() -> None:
    storage = STORAGE.replace(word("0"), b"K\0")
    program = b"\x80\x02" + REBUILD + b"(" + storage + b"K\0K\2\x85K\1\x85tR."
    assert named(program) == [("", "BF16", (2,))]


def test_an_array_of_numpy_without_a_whole_state_is_none() -> None:
    start = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R"
    assert named(start + b"K\1K\2\x86b.") == []
