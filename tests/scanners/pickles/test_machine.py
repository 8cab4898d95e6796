"""What single programs, written as bytes, are said to do."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from aibom.scanners.facts import (
    Call,
    ExtensionUse,
    Import,
    ItemsSet,
    StateSet,
)
from aibom.scanners.pickles import ledger
from aibom.scanners.pickles.objects import Obj, Object, Persistent, Raw
from aibom.scanners.pickles.shapes import shape
from aibom.scanners.source import Malformed, Span
from aibom.scanners.telling import MANY
from aibom.scanners.values import Blob, Global, Group, Made, Opaque, Value
from tests.scanners.pickles.programs import (
    EMPTY,
    ONE_ID,
    SYSTEM,
    calls,
    conflicts,
    facts,
    imports,
    read,
    text,
    until_broken,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

# --- Imports and calls ----------------------------------------------------------------------------


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


@pytest.mark.parametrize("module", ["torch.nn.modules.linear", "os"])
def test_a_class_with_its_source_is_that_class_in_an_old_checkpoint_alone(module: str) -> None:
    class_, id_ = f"c{module}\nLinear\n".encode(), b"X\1\0\0\0fX\1\0\0\0s"
    made = [(Global(module, "Linear"), EMPTY)]
    assert calls(b"\x80\x02(" + class_ + id_ + b"tQ)\x81.", is_torch=True) == made
    assert calls(b"\x80\x02(" + class_ + id_[:6] + b"tQ)\x81.", is_torch=True) != made
    kept = Group("tuple", (Global(module, "Linear"), "f", "s"))
    assert calls(b"\x80\x02(" + class_ + id_ + b"tQ)R.") == [
        (Made(Opaque("persistent object"), (kept,)), EMPTY)
    ]


def test_an_extension_or_change_that_is_made_twice_is_one_fact() -> None:
    assert facts(b"\x80\x02\x82\x07\x82\x07.") == [ExtensionUse(at=Span(2, 2), code=7)]
    found = facts(b"\x80\x02csys\nmodules\nK\1K\2sK\1K\2s.")
    assert [fact.count for fact in found if isinstance(fact, ItemsSet)] == [2]


def test_a_negative_length_ends_a_walk() -> None:
    assert until_broken(b"\x80\x02T\xff\xff\xff\xff.") == []


def test_counts_equal_calls_and_never_drops_a_name() -> None:
    many = b"".join(b"h\x00K" + bytes([n]) + b"\x85R0" for n in range(256)) * 2
    last = b"h\x00cos\nsystem\n\x85R0"
    program = b"\x80\x02cm\nf\nq\x000" + many + b"h\x00M\x10\x27\x85R0" + last + b"N."
    found = [fact for fact in facts(program) if isinstance(fact, Call)]
    assert [fact.count for fact in found[-3:]] == [1, 257, 1]
    assert len(found) == ledger.SHOWN_CALLS + 2
    assert found[-1].arguments == Group("tuple", (Global("os", "system"),))
    assert found[-1].names == ("os.system",)


def call_each(callee: str, arguments: Iterable[bytes]) -> bytes:
    start = f"\x80\x04c{callee}\n\x940".encode("latin-1")
    return start + b"".join(b"h\0" + each + b"R0" for each in arguments) + b"N."


def test_tells_very_many_calls_by_one_of_each_shape() -> None:
    words = [text(f"a{n}") + b"\x85" for n in range(300)]
    odd = [text(f"/x{n}") + b"\x85" for n in range(100, 120)]
    found = [f for f in facts(call_each("m\nf", words + odd)) if isinstance(f, Call)]
    assert [(f.arguments, f.keywords, f.count) for f in found[ledger.SHOWN_CALLS :]] == [
        (Group("tuple", ("a256",)), MANY, 44),
        (Group("tuple", ("/x100",)), MANY, 20),
    ]


def test_tells_the_calls_of_very_many_shapes_as_one() -> None:
    programs = [b"cc\nK%d\n\x85" % n for n in range(600)]
    found = [f for f in facts(call_each("m\nf", programs)) if isinstance(f, Call)]
    assert len(found) == ledger.SHOWN_CALLS + ledger.SHOWN_SHAPES + 1
    assert (found[-1].arguments, found[-1].count) == (MANY, 600 - 512)
    assert found[-1].names[-1] == "c.K599"


@pytest.mark.parametrize(
    ("first", "second", "are_alike"),
    [
        (1, 2, True),
        (1, True, False),
        ("RED", "GREEN", True),
        ("RED", "__globals__", False),
        ("a b", "a/b c", False),
        ("a-b", "", False),
        ("cell_contents", "contents", False),
        (Raw(0, 1), Raw(5, 9), True),
        (Raw(0, 1), Raw(5, 9, is_text=True), False),
        (Global("a", "B"), Global("a", "C"), False),
        ((1, "x"), ("x", 1), False),
        ([1] * 20, [2] * 30, True),
        ([1] * 20, [1] * 20 + ["a/b c"], False),
        (Obj(Global("a", "B"), (1,)), Obj(Global("a", "B"), (2,)), True),
        (Obj(Global("a", "B"), (1,)), Obj(Global("a", "B"), ("a/b c",)), False),
        (Persistent("a"), Persistent("b"), True),
        (Persistent("a"), "a", False),
        (Opaque("x"), Opaque("y"), False),
        ([1] * 200, [1] * 300, True),
        ([[[[[[[1]]]]]]], [[[[[[["a/b c"]]]]]]], True),
    ],
)  # fmt: skip
def test_calls_are_alike_when_rules_could_not_tell_them_apart(
    first: Object, second: Object, *, are_alike: bool
) -> None:
    assert (shape(first) == shape(second)) is are_alike


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
        (b"I1\0x\ncm\nf\n)R.", "NUL"),
        (b"I\0\ncm\nf\n)R.", "NUL"),
        (b"F1\0x\ncm\nf\n)R.", "NUL"),
        (b"L1\0x\ncm\nf\n)R.", "NUL"),
        (b"Np1\0x\ncm\nf\n)R.", "NUL"),
        (b"Np1\0x\ng1\0x\ncm\nf\n)R.", "NUL"),
    ],
    ids=["list as arguments", "odd SETITEMS", "frame crossed", "frame in frame", "frame too long",
         "sparse memo", "octal INT", "NUL in INT", "NUL for INT", "NUL in FLOAT", "NUL in LONG",
         "NUL in PUT", "NUL in GET"],
)  # fmt: skip
def test_reports_where_unpicklers_would_not_agree(program: bytes, word: str) -> None:
    assert any(word in detail for detail in conflicts(program))


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
     b"T\xff\xff\xff\xff.", b"\x8b\0\0\0\x80.", b"B\xff\0\0\0.", b"(K\1d.", b"K\1)R.",
     b"K\1K\1a.", b"K\1K\1\x93.", b"\x86.", b"t.", b"Vx", b"I" + b"x" * 5000 + b"\n.",
     b"p" + b"x" * 5000 + b"\n.", b"\xff", b"X\1\0\0\0\xff."],
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


def test_what_deep_calls_return_is_cut() -> None:
    program = b"\x80\x02" + b"cm\nf\n" * 9 + b")R" + b"\x85R" * 8 + b"."
    assert "Opaque(why='…')" in repr(calls(program)[-1])


def test_deep_arguments_are_cut() -> None:
    ((_, arguments),) = calls(b"\x80\x02cm\nf\n" + b"]" * 20 + b"a" * 19 + b"\x85R.")
    assert "left_out=1" in repr(arguments)
