"""What single programs, written as bytes, are said to do."""

from __future__ import annotations

import contextlib
import pickle
import pickletools
import random
import struct
from collections import OrderedDict
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from aibom.scanners.facts import (
    Call,
    Conflict,
    ExtensionUse,
    Fact,
    Import,
    ItemsSet,
    StateSet,
    Tensor,
)
from aibom.scanners.format import Part
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.pickles import ledger, machine, records, state
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource, Malformed, Span
from aibom.scanners.values import Blob, Global, Group, Made, Opaque, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

EMPTY = Group("tuple")


def read(program: bytes, *, is_strict: bool = False) -> Iterator[Fact | Part]:
    return Pickle(BytesSource(program), 0, Budget(Limits()), is_strict=is_strict).read()


def facts(program: bytes) -> list[Fact]:
    """Return the facts up to where the program breaks, if it does."""
    found: list[Fact] = []
    with contextlib.suppress(Malformed):
        found.extend(item for item in read(program) if isinstance(item, Fact))
    return found


def until_broken(program: bytes) -> list[Fact | Part]:
    found: list[Fact | Part] = []
    with pytest.raises(Malformed):  # noqa: PT012 - what came before the error counts
        for item in read(program):
            found.append(item)  # noqa: PERF402
    return found


def imports(program: bytes) -> list[str]:
    return [fact.dotted for fact in facts(program) if isinstance(fact, Import)]


def calls(program: bytes) -> list[tuple[Value, Value]]:
    return [(f.callee, f.arguments) for f in facts(program) if isinstance(f, Call)]


def conflicts(program: bytes) -> list[str]:
    return [fact.detail for fact in facts(program) if isinstance(fact, Conflict)]


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


# --- Imports and calls ----------------------------------------------------------------------------

SYSTEM = Global("posix", "system")
ONE_ID = Group("tuple", ("id",))


@pytest.mark.parametrize(
    "program",
    [
        b"cposix\nsystem\n(S'id'\ntR.",
        b"\x80\x04" + text("posix") + text("system") + b"\x93" + text("id") + b"\x85R.",
        b"\x80\x02(S'id'\niposix\nsystem\n.",
        b"\x80\x02(cposix\nsystem\nS'id'\no.",
        b"\x80\x02cposix\nsystem\nU\x02id\x85\x81.",
        b"\x80\x04cposix\nsystem\n" + text("id") + b"\x85}\x92.",
        b"\x80\x04V\\u0070osix\n\x94V\\u0073ystem\n\x94\x93X\x02\0\0\0id\x85R.",
        b"\x80\x04S'\\x70osix'\nS'\\163ystem'\n\x93T\x02\0\0\0id\x85R.",
        b"\x80\x04\x8d\x05\0\0\0\0\0\0\0posix" + text("system") + b"\x93" + text("id") + b"\x85R.",
        b"\x80\x04" + text("a") + b"q\x050" + text("posix") + b"\x94" + text("system")
        + b"q\x00h\x01h\x00\x93" + text("id") + b"\x85R.",
    ],
    ids=["GLOBAL", "STACK_GLOBAL", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "UNICODE escapes",
         "STRING escapes", "BINUNICODE8", "memo by PUT and MEMOIZE"],
)  # fmt: skip
def test_states_the_import_and_the_call_whatever_opcodes_make_them(program: bytes) -> None:
    assert imports(program) == ["posix.system"]
    assert calls(program) == [(SYSTEM, ONE_ID)]


def test_states_what_happens_before_the_stream_breaks() -> None:
    found = until_broken(b"cposix\nsystem\n(S'id'\ntR\xff")
    assert [type(item) for item in found] == [Import, Call]


@pytest.mark.parametrize(
    ("program", "dotted"),
    [
        (b"\x80\x02c__builtin__\neval\n.", "builtins.eval"),
        (b"\x80\x02citertools\nimap\n.", "builtins.map"),
        (b"\x80\x04c__builtin__\neval\n.", "__builtin__.eval"),
        (b"\x80\x04" + text("a") + text("b.c.d") + b"\x93.", "a.b.c.d"),
    ],
    ids=["module", "name", "not from protocol 3 on", "dotted"],
)
def test_names_an_import_as_python_3_resolves_it(program: bytes, dotted: str) -> None:
    assert imports(program) == [dotted]


def test_says_that_a_name_is_computed() -> None:
    program = b"\x80\x04" + text("os") + b"cbuiltins\nstr\n" + text("system") + b"\x85R\x93)R."
    assert imports(program) == ["builtins.str", "os.<computed>"]


def test_says_that_a_callee_was_made() -> None:
    program = b"\x80\x04cbuiltins\ngetattr\n(cos\npath\n" + text("x") + b"tR)R."
    assert calls(program)[-1] == (
        Made(Global("builtins", "getattr"), (Global("os", "path"), "x")),
        EMPTY,
    )


def test_reports_extensions_persistent_objects_and_buffers() -> None:
    assert ExtensionUse(at=Span(2, 2), code=7) in facts(b"\x80\x02\x82\x07)R.")
    assert calls(b"\x80\x02Pabc\n)R.") == [
        (Made(Opaque("persistent object"), ("abc",)), EMPTY),
    ]
    assert calls(b"\x80\x05\x97)R.") == [(Opaque("out-of-band buffer"), EMPTY)]


def test_counts_equal_calls_and_never_drops_a_name() -> None:
    many = b"".join(b"h\x00K" + bytes([n]) + b"\x85R0" for n in range(256)) * 2
    last = b"h\x00cos\nsystem\n\x85R0"
    program = b"\x80\x02cm\nf\nq\x000" + many + b"h\x00M\x10\x27\x85R0" + last + b"N."
    found = [fact for fact in facts(program) if isinstance(fact, Call)]
    assert len(found) == ledger.SHOWN_CALLS + 1
    assert sum(fact.count for fact in found) == 514
    assert found[-1].names == ("os.system",)


@pytest.mark.parametrize(
    ("tail", "op"),
    [(b"K\1a", "APPEND"), (b"(K\1e", "APPENDS"), (b"K\1K\2s", "SETITEM"),
     (b"(K\1K\2u", "SETITEMS"), (b"(K\1\x90", "ADDITEMS")],
)  # fmt: skip
def test_reports_items_put_into_an_import(tail: bytes, op: str) -> None:
    found = [f for f in facts(b"\x80\x04csys\nmodules\n" + tail + b".") if isinstance(f, ItemsSet)]
    assert [(fact.target, fact.op) for fact in found] == [(Global("sys", "modules"), op)]


def test_reports_state_given_to_an_import() -> None:
    found = [f for f in facts(b"\x80\x04cnumpy\nndarray\n}b.") if isinstance(f, StateSet)]
    assert [(fact.target, fact.state) for fact in found] == [
        (Global("numpy", "ndarray"), Group("dict"))
    ]


# --- Readers that differ --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("program", "word"),
    [
        (b"\x80\x02cm\nf\n]R.", "tuple"),
        (b"\x80\x02cm\nf\n(K\1K\2K\3u.", "no value"),
        (b"\x80\x04\x95\x04\0\0\0\0\0\0\0cmod\nname\n)R.", "crosses"),
        (b"\x80\x04\x95\x10\0\0\0\0\0\0\0\x95\1\0\0\0\0\0\0\0cm\nf\n)R.", "begins"),
        (b"\x80\x04\x95\xff\0\0\0\0\0\0\0cm\nf\n)R.", "longer"),
        (b"\x80\x02cm\nf\nr\xff\xff\xff\x7f)R.", "slot"),
        (b"I010\ncm\nf\n)R.", "zero"),
    ],
    ids=["list as arguments", "odd SETITEMS", "frame crossed", "frame in frame", "frame too long",
         "sparse memo", "octal INT"],
)  # fmt: skip
def test_reports_where_unpicklers_would_not_agree(program: bytes, word: str) -> None:
    assert any(word in detail for detail in conflicts(program))


# --- joblib ---------------------------------------------------------------------------------------

WRAPPER = b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}("


def wrapper(code: str, *shape: int, aligned: bool = True) -> bytes:
    dtype = b"cnumpy\ndtype\n" + text(code) + b"\x89\x88\x87R"
    axes = b"(" + b"".join(b"K" + bytes([axis]) for axis in shape) + b"t"
    alignment = text("numpy_array_alignment_bytes") + b"K\x10" if aligned else b""
    return WRAPPER + text("dtype") + dtype + text("shape") + axes + alignment + b"ub"


ATTACK = b"cposix\nsystem\n" + text("id") + b"\x85R"


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
        Tensor(at=Span(len(program) - 10, 8), name="w", dtype="F32", shape=(2,)),
    ]


def test_reads_a_raw_array_as_opcodes_too() -> None:
    program = wrapper("u1", len(ATTACK) + 1, aligned=False) + ATTACK + b"..".ljust(2)
    assert (SYSTEM, ONE_ID) in calls(program)
    assert ["array" in detail for detail in conflicts(program)] == [True]


def test_reads_the_pickle_of_an_array_of_objects() -> None:
    program = wrapper("O8", 1) + b"\x80\x04" + ATTACK + b"." + b"."
    assert (SYSTEM, ONE_ID) in calls(program)


@pytest.mark.parametrize(
    "program",
    [wrapper("f4", 200), wrapper("zz9", 1), WRAPPER + b"ub.", WRAPPER[:-2] + b"Nb."],
    ids=["too long", "unknown dtype", "empty state", "no state"],
)
def test_does_not_guess_the_length_of_an_array(program: bytes) -> None:
    with pytest.raises(Malformed):
        list(read(program))


# --- Payloads -------------------------------------------------------------------------------------

INNER = b"\x80\x04" + ATTACK + b"."


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
    import base64  # noqa: PLC0415
    import zlib  # noqa: PLC0415

    coded = base64.b64encode(zlib.compress(INNER)).decode()
    program = (
        b"\x80\x04cpickle\nloads\nczlib\ndecompress\ncbase64\nb64decode\n"
        + text(coded) + b"\x85R\x85R\x85R."
    )  # fmt: skip
    parts = [item for item in read(program) if isinstance(item, Part)]
    assert parts[-1].source.read_at(0, parts[-1].source.size) == INNER
    assert parts[-1].formats == ("pickle",)


# --- Tensors --------------------------------------------------------------------------------------


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


def test_names_every_tensor_of_a_checkpoint() -> None:
    found = [fact for fact in facts(checkpoint(100)) if isinstance(fact, Tensor)]
    assert found == [
        Tensor(name=f"layer.{n}.weight", dtype="F16", shape=(4, 260), storage=str(n))
        for n in range(100)
    ]


def take_none(*_: object) -> int:
    return 0


def test_whole_records_change_no_fact(monkeypatch: pytest.MonkeyPatch) -> None:
    program = checkpoint(300)
    fast = facts(program)
    monkeypatch.setattr(records.Records, "take", take_none)
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
    monkeypatch.setattr(records.Records, "take", take_none)
    assert facts(bytes(program)) == fast


@pytest.mark.parametrize("protocol", range(2, 6))
def test_tensors_equal_the_arrays_that_numpy_wrote(protocol: int) -> None:
    arrays = {"a": np.zeros((2, 3), "f4"), "b": {"c": np.zeros(4, "i8")}, "d": [np.zeros(1, "?")]}
    found = [f for f in facts(pickle.dumps(arrays, protocol)) if isinstance(f, Tensor)]
    assert [(tensor.name, tensor.dtype, tensor.shape) for tensor in found] == [
        ("a", "F32", (2, 3)), ("b.c", "I64", (4,)), ("d", "BOOL", (1,)),
    ]  # fmt: skip


# --- Honest pickles -------------------------------------------------------------------------------

HONEST: dict[str, Any] = {
    "scalars": [1, -1, 70_000, 2**40, 2**600, 1.5, None, True, False, "é", b"x", bytearray(b"y")],
    "containers": {"a": (1, 2), "b": [1, [2]], "c": {3}, "d": frozenset({4}), "e": ()},
    "objects": [OrderedDict(a=1), datetime(2026, 1, 1, tzinfo=timezone.utc), 1j, range(3)],  # noqa: UP017
    "long": ["x" * 300, "y" * 70_000, b"z" * 300_000, list(range(3000))],
}


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("name", HONEST)
def test_imports_equal_the_reading_of_pickletools(name: str, protocol: int) -> None:
    program = pickle.dumps(HONEST[name], protocol)
    one = Pickle(BytesSource(program), 0, Budget(Limits()), is_strict=False)
    found = list(one.read())
    assert one.end == len(program)
    assert {(f.module, f.name) for f in found if isinstance(f, Import)} == _named(program)
    assert [f for f in found if isinstance(f, Conflict)] == []


def _named(program: bytes) -> set[tuple[str, str]]:
    from aibom.scanners.pickles.opcodes import python3_name  # noqa: PLC0415

    names: set[tuple[str, str]] = set()
    texts: list[str] = []
    memo: dict[int, str] = {}
    protocol = 0
    for op, argument, _ in pickletools.genops(program):
        if op.name == "PROTO":
            protocol = int(argument or 0)
        elif op.name == "GLOBAL":
            module, _, name = str(argument).partition(" ")
            names.add(python3_name(module, name) if protocol < 3 else (module, name))
        elif op.name == "STACK_GLOBAL":
            names.add((texts[-2], texts[-1]))
        elif op.name == "MEMOIZE":
            memo[len(memo)] = texts[-1] if texts else ""
        elif op.name in {"BINGET", "LONG_BINGET"}:
            texts.append(memo.get(int(argument or 0), ""))
        elif "UNICODE" in op.name:
            texts.append(str(argument))
    return names


# --- Damage and limits ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_damage_raises_nothing_but_malformed(seed: int) -> None:
    roll = random.Random(seed)
    originals = [pickle.dumps(value, seed % 6) for value in HONEST.values()]
    originals += [checkpoint(20), wrapper("f4", 2, 3) + b"\x02\0\0" + bytes(24) + b".", INNER]
    for original in originals:
        program = bytearray(original[:5000])
        for _ in range(roll.randrange(1, 5)):
            program[roll.randrange(len(program))] = roll.randrange(256)
        facts(bytes(program[: roll.randrange(1, len(program) + 1)]))


@pytest.mark.parametrize(
    ("module", "bound", "program"),
    [
        (machine, "MAX_STACK", b"\x80\x02Pa\n" + b"N" * 300_000 + b"."),
        (machine, "MAX_STACK", b"\x80\x02Pa\n" + b"(" * 300_000 + b"."),
        (machine, "MAX_MEMO", b"\x80\x04Pa\n" + b"\x94" * 300_000 + b"."),
        (machine, "MAX_WEIGHT", b"\x80\x04Pa\n" + b"]0" * 200_000 + b"."),
        (ledger, "MAX_ENTRIES", b"".join(b"cm%d\nf\n" % n for n in range(2000)) + b"."),
        (ledger, "MAX_STEPS", b"\x80\x02cm\nf\n(" + b"K\1" * 2000 + b"tR."),
    ],
    ids=["stack", "marks", "memo", "containers", "effects", "names"],
)
def test_a_bound_ends_the_run(
    module: Any,  # noqa: ANN401
    bound: str,
    program: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, bound, 1000)
    with pytest.raises(Exceeded):
        list(read(program))


def test_deep_nesting_costs_no_recursion() -> None:
    deep = b"\x80\x02cm\nf\n" + b"]" * 100_000 + b"a" * 99_999 + b"\x85R."
    assert calls(deep)[0][0] == Global("m", "f")


def test_a_list_that_holds_itself_ends() -> None:
    assert imports(b"\x80\x02cm\nf\n]q\0h\0a\x85R.") == ["m.f"]


def test_a_large_container_keeps_its_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "KEPT", 100)
    items = b"K\1" * 5000
    program = b"\x80\x02cm\nf\n](" + items + b"cos\nsystem\n" + items + b"e\x85R."
    (call,) = [fact for fact in facts(program) if isinstance(fact, Call)]
    assert call.names == ("os.system",)


def test_long_bytes_are_not_read() -> None:
    class Counting(BytesSource):
        def read_at(self, start: int, length: int) -> bytes:
            assert length < 1 << 20
            return super().read_at(start, length)

    program = b"\x80\x04cm\nf\nB" + struct.pack("<I", 8 << 20) + bytes(8 << 20) + b"\x85R."
    found = list(Pickle(Counting(program), 0, Budget(Limits()), is_strict=False).read())
    (call,) = [fact for fact in found if isinstance(fact, Call)]
    assert call.arguments == Group("tuple", (Blob(Span(12, 8 << 20), "00" * 32),))


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        (b"S'a\\n\\\\b\\101\\q'\n", ("a\n\\bA\\q",)),
        (b"\x8b\x02\0\0\0\x01\x01", (257,)),
        (b"\x8a\x00", (0,)),
        (b"\x8b\x50\0\0\0" + b"\1" * 80, (Opaque("an integer of 80 bytes"),)),
        (b"\x8a\x1e" + b"\1" * 30, (Opaque("an integer of 233 bits"),)),
        (b"Fnan\n", (Opaque("nan"),)),
        (b"F1e3\n", (1000.0,)),
        (b"L12L\n", (12,)),
        (b"L12\n", (12,)),
        (b"I0x10\n", (16,)),
        (b"I00\n", (False,)),
        (b"J\xff\xff\xff\xff", (-1,)),
        (b"\x8f(K\1\x90", (Group("set", (1,)),)),
        (b"(K\1\x91", (Group("frozenset", (1,)),)),
        (b"(K\1K\2d", (Group("dict", (1, 2)),)),
        (b"}K\1K\2s", (Group("dict", (1, 2)),)),
        (b"(K\1l", (Group("list", (1,)),)),
        (b"\x96\1\0\0\0\0\0\0\0a\x98", (Blob(Span(16, 1), "61"),)),
        (b"Ka2K\1\x860", (97,)),
        (b"Ka(K\1K\x021", (97,)),
        (b"Kap7\n0g7\n", (97,)),
        (b"\x80\x01Ka", (97,)),
    ],
)
def test_reads_constants_as_unpicklers_do(program: bytes, arguments: tuple[Value, ...]) -> None:
    assert calls(b"\x80\x02cm\nf\n" + program + b"\x85R.")[:1] == [
        (Global("m", "f"), Group("tuple", arguments))
    ]


@pytest.mark.parametrize(
    "tail",
    [b"0000.", b"h\x07.", b"g7\n.", b"p-1\n.", b"\x80\x09.", b"Ix\n.", b"Sx\n.", b"S'\\x1'\n.",
     b"T\xff\xff\xff\xff.", b"B\xff\0\0\0.", b"(K\1d.", b"K\1)R.", b"K\1K\1a.", b"K\1K\1\x93.",
     b"\x86.", b"t.", b"Vx", b"I" + b"1" * 70_000 + b"\n.", b"\xff", b"X\1\0\0\0\xff."],
)  # fmt: skip
def test_stops_where_every_unpickler_fails(tail: bytes) -> None:
    found = until_broken(b"\x80\x02cos\nsystem\n)R0" + tail)
    assert [type(item) for item in found[:2]] == [Import, Call]


def test_long_texts_keep_their_beginning() -> None:
    long = "a" * 5000
    for code in (b"X" + struct.pack("<I", 5000) + long.encode(), b"V" + b"a" * 70_000 + b"\n"):
        ((_, arguments),) = calls(b"\x80\x02cm\nf\n" + code + b"\x85R.")
        assert isinstance(arguments, Group)
        (shown,) = arguments.items
        assert isinstance(shown, str)
        assert shown.startswith("a" * 1000)
        assert "bytes in all" in shown


def test_a_name_too_long_is_cut_and_says_so() -> None:
    program = b"\x80\x04" + text("os") + b"X" + struct.pack("<I", 9000) + b"s" * 9000 + b"\x93."
    assert imports(program) == ["os." + "s" * 4096 + "… (9000 bytes in all)"]


def test_refuses_odd_names_where_the_bytes_may_be_no_pickle() -> None:
    with pytest.raises(Malformed):
        list(read(b"cnot a module\nname\n.", is_strict=True))


def test_deep_arguments_are_cut() -> None:
    ((_, arguments),) = calls(b"\x80\x02cm\nf\n" + b"]" * 20 + b"a" * 19 + b"\x85R.")
    assert "left_out=1" in repr(arguments)
