"""Raw arrays of joblib, payloads, and tensors of checkpoints."""

from __future__ import annotations

import base64
import pickle
import random
import struct
import zlib

import numpy as np
import pytest

from aibom.scanners.facts import Import, Tensor
from aibom.scanners.format import Part
from aibom.scanners.limits import Exceeded
from aibom.scanners.pickles import payloads, records, stream
from aibom.scanners.source import Malformed, Span
from aibom.scanners.telling import READ_APART
from aibom.scanners.values import Group
from tests.scanners.pickles.programs import (
    ATTACK,
    INNER,
    ONE_ID,
    SYSTEM,
    WRAPPER,
    calls,
    checkpoint,
    conflicts,
    facts,
    read,
    text,
    wrapper,
)

NO_SHAPE = WRAPPER + text("dtype") + b"cnumpy\ndtype\n" + text("f4") + b"\x89\x88\x87Rub."

# --- joblib ---------------------------------------------------------------------------------------


def test_reads_on_after_a_raw_array() -> None:
    program = wrapper("f4", 2, 3) + b"\x02\0\0" + b"\xff" * 24 + ATTACK + b"."
    found = facts(program)
    assert (SYSTEM, ONE_ID) in calls(program)
    assert [(f.dtype, f.shape) for f in found if isinstance(f, Tensor)] == []
    assert conflicts(program) == []


def test_names_and_places_a_raw_array() -> None:
    program = b"\x80\x04}" + text("w") + wrapper("f4", 2)[2:] + b"\x01\0" + bytes(8) + b"s."
    tensors = [fact for fact in facts(program) if isinstance(fact, Tensor)]
    assert tensors == [
        Tensor(at=Span(len(program) - 10, 8), name="w", dtype="F32", shape=(2,), is_plain=False),
    ]


def test_reads_a_raw_array_as_opcodes_too() -> None:
    program = wrapper("u1", len(ATTACK) + 1, aligned=False) + ATTACK + b"..".ljust(2)
    assert (SYSTEM, ONE_ID) in calls(program)
    assert ["array" in detail for detail in conflicts(program)] == [True]


def test_reads_the_pickle_of_an_array_of_objects() -> None:
    program = wrapper("O8", 1) + b"\x80\x04" + ATTACK + b"." + b"."
    assert (SYSTEM, ONE_ID) in calls(program)


def test_an_array_of_objects_reads_alike_for_all() -> None:
    inner = b"\x80\x02cmodels\nTree\n)\x81}b0]K\1a."
    assert conflicts(wrapper("O8", 1) + inner + b".") == []


def test_equal_imports_of_two_arrays_of_objects_are_one() -> None:
    inner = b"\x80\x02cmodels\nTree\n)\x81}b0]K\1a."
    one = wrapper("O8", 1) + inner
    program = one + b"0" + wrapper("O8", 1)[2:] + inner + b"."
    assert conflicts(program) == []
    names = [fact.dotted for fact in facts(program) if isinstance(fact, Import)]
    assert names.count("models.Tree") == 1


def large_wrapper(length: int) -> bytes:
    return wrapper("u1", 1, aligned=False).replace(
        b"(K\1t", b"(M" + struct.pack("<H", length) + b"t"
    )


def test_numbers_that_are_opcodes_without_effect_are_no_conflict() -> None:
    for data in (b"h\0h\0b", b"Pq\n)R", b"(cq\n", b"]K\1a", b"N0" * 3000):
        program = large_wrapper(len(data)) + data + b"."
        assert [d for d in conflicts(program) if "array" in d] == []


@pytest.mark.parametrize(
    "data",
    [b"h\0}b.", b"h\0K\1a.", b"\x82\1.", b"h\0)R."],
    ids=["state", "items", "extension", "call"],
)
def test_every_effect_on_an_import_is_a_conflict(data: bytes) -> None:
    outer = b"\x80\x04csys\nmodules\n\x94" + wrapper("u1", len(data), aligned=False)[2:]
    assert ["array" in detail for detail in conflicts(outer + data + b".")] == [True]


def test_too_many_arrays_that_could_be_opcodes_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = ATTACK + b"."
    one = wrapper("u1", len(data), aligned=False)[2:] + data
    assert len(calls(b"\x80\x04" + one + b"0" + one + b".")) > 0
    monkeypatch.setattr(stream, "MAX_FORKS", 1)
    with pytest.raises(Exceeded):
        list(read(b"\x80\x04" + one + b"0" + one + b"."))


def test_a_class_is_no_module_that_other_unpicklers_would_import() -> None:
    inner = (
        b"\x80\4" + text("numpy") + b"\x940h\0" + text("dtype") + b"\x93" + text("f4") + b"\x85R."
    )
    outer = b"\x80\4" + text("models") + text("Net") + b"\x94\x930"  # fills what `h\0` gets
    assert conflicts(outer + wrapper("O8", 1)[2:] + inner + b".") == []


def test_an_array_of_objects_that_takes_what_stands_outside_differs() -> None:
    outer = b"\x80\x04cposix\nsystem\n\x94" + wrapper("O8", 1)[2:]
    program = outer + b"\x80\x02h\0" + text("id") + b"\x85R." + b"."
    assert (SYSTEM, ONE_ID) in calls(program)
    assert ["array" in detail for detail in conflicts(program)] == [True]


@pytest.mark.parametrize(
    "program",
    [wrapper("f4", 200), NO_SHAPE, wrapper("zz9", 1), WRAPPER + b"ub.", WRAPPER[:-2] + b"Nb."],
    ids=["too long", "no shape", "unknown dtype", "empty state", "no state"],
)
def test_does_not_guess_the_length_of_an_array(program: bytes) -> None:
    with pytest.raises(Malformed):
        list(read(program))


# --- Payloads -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x04cpickle\nloads\nC" + bytes([len(INNER)]) + INNER + b"\x85R.",
        b"\x80\x04cany\nthing\nC" + bytes([len(INNER)]) + INNER + b"\x85R.",
        b"\x80\x04cany\nthing\n(C" + bytes([len(INNER)]) + INNER + b"l\x85R.",
    ],
    ids=["loader", "unknown function", "in a list"],
)
def test_hands_on_a_pickle_among_arguments(program: bytes) -> None:
    (part,) = [item for item in read(program) if isinstance(item, Part)]
    assert part.source.read_at(0, part.source.size) == INNER


def test_hands_on_a_pickle_behind_decoders() -> None:
    coded = base64.b64encode(zlib.compress(INNER)).decode()
    program = (
        b"\x80\x04cpickle\nloads\nczlib\ndecompress\ncbase64\nb64decode\n"
        + text(coded) + b"\x85R\x85R\x85R."
    )  # fmt: skip
    parts = [item for item in read(program) if isinstance(item, Part)]
    assert parts[-1].source.read_at(0, parts[-1].source.size) == INNER
    assert parts[-1].formats == ()  # it says itself what it is


def old_bytes(code: bytes) -> bytes:
    """Return how protocols before 3 hand bytes to torch's loader, the text written by `code`."""
    load = b"\x80\x02ctorch.storage\n_load_from_bytes\nc_codecs\nencode\n"
    return load + code + b"X\6\0\0\0latin1\x86R\x85R."


BYTES = INNER + bytes(range(256)) * 20  # with more characters than one line of text may hold
UTF8 = BYTES.decode("latin-1").encode()
SHORT = INNER.decode("latin-1").encode()
LINE_OF = b"".join(b"\\u%04x" % each if each in b"\n\\" else bytes([each]) for each in BYTES)


@pytest.mark.parametrize(
    "code",
    [
        b"V" + LINE_OF + b"\n", b"V" + LINE_OF + b"\\u0041" * 20_000 + b"\n",
        b"X" + struct.pack("<I", len(UTF8)) + UTF8, b"\x8d" + struct.pack("<Q", len(UTF8)) + UTF8,
        b"T" + struct.pack("<I", len(BYTES)) + BYTES,
        b"S'" + b"".join(b"\\x%02x" % each for each in BYTES * 4) + b"'\n",
        b"X" + struct.pack("<I", len(SHORT)) + SHORT,
    ],
    ids=["V", "long V", "X", "X of 8 bytes", "T", "long S", "short X"],
)  # fmt: skip
def test_hands_on_bytes_as_old_protocols_write_them(code: bytes) -> None:
    (part,) = [item for item in read(old_bytes(code)) if isinstance(item, Part)]
    assert part.source.read_at(0, len(INNER)) == INNER
    assert calls(old_bytes(code))[-1][1] == Group("tuple", (READ_APART,))


def test_decodes_only_so_many_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    one = old_bytes(b"X" + struct.pack("<I", len(SHORT)) + SHORT)
    again = b"\x80\x02" + (one[2:-1] + b"0") * 9 + b"N."
    assert len([item for item in read(again) if isinstance(item, Part)]) == 1
    monkeypatch.setattr(payloads, "MAX_WORK", 3 * len(INNER))
    assert len(calls(one)) == 2
    with pytest.raises(Exceeded):
        list(read(again))


@pytest.mark.parametrize(
    "program",
    [
        old_bytes(b"V" + b"\\u9999" * 20_000 + b"\n"),
        old_bytes(b"V" + b"\\u00zz" * 20_000 + b"\n"),
        old_bytes(b"N"),
        old_bytes(b"X\1\0\0\0a").replace(b"latin1", b"utf-16"),
        b"\x80\x02ctorch.storage\n_load_from_bytes\ncm\nf\n)R\x85R.",
        b"\x80\x02ctorch.storage\n_load_from_bytes\nc_codecs\nencode\n]R\x85R.",
        b"\x80\x02ctorch.storage\n_load_from_bytes\n)R.",
    ],
    ids=["no bytes", "no text", "nothing", "another codec", "another call", "no tuple", "none"],
)
def test_other_texts_are_not_read_apart(program: bytes) -> None:
    assert READ_APART not in getattr(calls(program)[-1][1], "items", ())


# --- Tensors --------------------------------------------------------------------------------------


def test_names_every_tensor_of_a_checkpoint() -> None:
    found = [fact for fact in facts(checkpoint(100)) if isinstance(fact, Tensor)]
    assert found == [
        Tensor(
            name=f"layer.{n}.weight", dtype="F16", shape=(4, 260), storage=str(n), is_plain=False
        )
        for n in range(100)
    ]


def take_none(*_: object) -> int:
    return 0


def test_whole_records_change_no_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    program = checkpoint(300)
    fast = facts(program)
    monkeypatch.setattr(records.Records, "take_all", take_none)
    assert facts(program) == fast


def test_a_record_with_a_wrong_count_of_sizes_is_left_to_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = checkpoint(30)
    last = program.rindex(b"K\x04M\x04\x01\x86")
    program = program[:last] + b"K\x04M\x04\x01\x85" + program[last + 6 :]
    fast = facts(program)
    monkeypatch.setattr(records.Records, "take_all", take_none)
    assert facts(program) == fast


def test_remembers_only_so_many_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    program = checkpoint(30)
    fast = facts(program)
    monkeypatch.setattr(records, "MAX_SIZES", 0)
    assert facts(program) == fast


@pytest.mark.parametrize("seed", range(20))
def test_whole_records_change_no_fact_of_a_damaged_checkpoint(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll = random.Random(seed)
    program = bytearray(checkpoint(60))
    for _ in range(3):
        program[roll.randrange(1500, len(program))] = roll.randrange(256)
    fast = facts(bytes(program))
    monkeypatch.setattr(records.Records, "take_all", take_none)
    assert facts(bytes(program)) == fast


@pytest.mark.parametrize("protocol", range(2, 6))
def test_tensors_equal_the_arrays_that_numpy_wrote(protocol: int) -> None:
    arrays = {"a": np.zeros((2, 3), "f4"), "b": {"c": np.zeros(4, "i8")}, "d": [np.zeros(1, "?")]}
    found = [f for f in facts(pickle.dumps(arrays, protocol)) if isinstance(f, Tensor)]
    assert [(tensor.name, tensor.dtype, tensor.shape) for tensor in found] == [
        ("a", "F32", (2, 3)), ("b.c", "I64", (4,)), ("d", "BOOL", (1,)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "given",
    [
        b"C\x08\x80\x04N\xb8\0\0\0\0",
        b"c_codecs\nencode\nX\x06\0\0\0\xc2\x80\x04N\xc2\xb8\x8c\x06latin1\x86R",
    ],
    ids=["bytes", "bytes of old protocols"],
)
def test_numbers_that_begin_like_a_pickle_are_no_payload(given: bytes) -> None:
    program = b"\x80\4cmymodel\nkeep\n" + given + b"\x85R."
    assert [item for item in read(program) if isinstance(item, Part)] == []


def test_what_acts_before_it_breaks_is_a_payload() -> None:
    inner = b"\x80\4cos\nsystem\n\x8c\2id\x85R\xb8"
    program = b"\x80\4cmymodel\nkeep\nC" + bytes([len(inner)]) + inner + b"\x85R."
    (part,) = [item for item in read(program) if isinstance(item, Part)]
    assert part.source.read_at(0, part.source.size) == inner
