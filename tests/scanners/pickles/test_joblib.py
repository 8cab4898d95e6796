"""What joblib reads between opcodes, and the data types of numpy that say how much."""

from __future__ import annotations

import pickle
import struct
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from aibom.scanners.facts import Call, Conflict, Tensor
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.pickles.arrays import MANY, UnclearError, layout, lie
from aibom.scanners.pickles.objects import Dict, Obj, Object, Raw
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Global, Group
from tests.scanners.pickles.programs import (
    ATTACK,
    ONE_ID,
    SYSTEM,
    calls,
    conflicts,
    facts,
    text,
)

# --- Data types -----------------------------------------------------------------------------------

CODES = "? b B <i2 >u4 f2 f4 >f8 c8 S5 U7 V9 O M8[ns] m8[25s] S0 i4,f8 U3,S2,O"
HONEST: list[Any] = [
    *map(np.dtype, CODES.split(" ")),
    np.dtype([("a", "f4", (3, 2)), ("b", [("c", "O"), ("d", "i8")])]),
    np.dtype({"names": ["a"], "formats": ["<f4"], "offsets": [4], "itemsize": 12}),
    np.dtype({"names": ["a", "b"], "formats": ["<i4", "<i2"], "offsets": [0, 2]}),
    np.dtype([(("title", "a"), "f4")], align=True),
    np.dtype("f4", metadata={"a": 1}),
    np.dtype(("f4", (3,))),
    np.dtype((np.int32, {"low": (np.int16, 0), "high": (np.int16, 2)})),
    np.dtype((np.record, [("a", "f4"), ("b", "O")])),
    np.dtype(ml_dtypes.bfloat16),
    np.dtype(ml_dtypes.float8_e4m3fn),
    np.dtypes.StringDType(),
]


def read_dtype(program: bytes) -> Object:
    one = Pickle(BytesSource(program), 0, Budget(Limits()), is_strict=False)
    assert [fact for fact in one.read() if isinstance(fact, Conflict)] == []
    return one.result


@pytest.mark.parametrize("protocol", range(2, 6))
@pytest.mark.parametrize("given", HONEST, ids=str)
def test_reads_a_dtype_as_numpy_does(given: Any, protocol: int) -> None:  # noqa: ANN401
    found = layout(read_dtype(pickle.dumps(given, protocol)))
    assert found.has_objects is given.hasobject
    if given.kind != "T":
        assert found.size == given.itemsize


def dtype(first: Object, state: Object = None, *others: Object) -> Obj:
    made = Obj(Global("numpy", "dtype"), (first, *(others or (False, True))))
    made.state = state
    return made


def state(
    *, size: Object = -1, flags: Object = 0, fields: Object = None, sub: Object = None
) -> Any:  # noqa: ANN401
    return (3, "|", sub, None, fields, size, 1, flags)


F4 = dtype("f4", state())
LIST = Global("builtins", "list")


@pytest.mark.parametrize(
    ("given", "size", "has_objects"),
    [
        (dtype("V8", state(size=400)), 400, False),
        (dtype("S1", state(size=400)), 400, False),
        (dtype("U1", state(size=400)), 400, False),
        (dtype("f8", state(size=400)), 8, False),
        (dtype("V8", state(size=8, flags=1)), 8, True),
        (dtype("f8", state(flags=-1)), 8, True),
        (dtype("O8", state(flags=0)), 8, False),
        (dtype("O8", state(flags=62 + (1 << 70))), 8, False),
        (dtype("O8"), 8, True),
        (dtype("U3"), 12, False),
        (dtype("f4", None, 0, 1), 4, False),
    ],
)
def test_the_state_of_a_dtype_counts_as_it_does_for_numpy(
    given: Obj, size: int, *, has_objects: bool
) -> None:
    found = layout(given)
    assert (found.size, found.has_objects) == (size, has_objects)


def test_numpy_itself_reads_the_states_like_that() -> None:
    for code, size, flags in (("V8", 400, 0), ("f8", 400, 1), ("O8", -1, 0), ("S1", 5, 64)):
        real: Any = np.dtype(code, False, True)  # noqa: FBT003 - numpy takes them by place only
        real.__setstate__(state(size=size, flags=flags))
        found = layout(dtype(code, state(size=size, flags=flags)))
        assert (found.size, found.has_objects) == (real.itemsize, real.hasobject)


@pytest.mark.parametrize(
    "given",
    [
        "f4", None, dtype("float32"), dtype("l"), dtype("g"), dtype("f4,i4"), dtype("(2,)f4"),
        dtype(LIST, state(size=2)), dtype(Global("ml_dtypes", "finfo"), state(size=2)),
        dtype(Global("ml_dtypes", "bfloat16")), dtype(Raw(0, 9, is_text=True)),
        dtype("V8", state(size=-4)), dtype("V8", state(size=True)), dtype("V8", state(flags=None)),
        dtype("V8", (2, "|", None, None, None, 8, 1)), dtype("V8", (7, *state()[1:])),
        dtype("V8", list(state())), dtype("V8", ()), dtype("f4", state(), 0, 0),
        dtype("f4", None, 0, "x"), Obj(Global("numpy", "dtype"), ()), Obj(LIST, ("f4",)),
        Obj(Global("numpy", "dtype"), ["f4"]),
        Obj(Global("numpy", "dtype"), ("f4",), Dict(["align", 1])),
    ],
)  # fmt: skip
def test_does_not_guess_what_numpy_never_writes(given: Object) -> None:
    with pytest.raises(UnclearError):
        layout(given)


OBJECTS = dtype("O8", state(flags=63))


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (dtype("O8", state(flags=0)), "flags"),
        (dtype("f8", state(flags=1)), "flags"),
        (dtype("V8", state(size=8, flags=1)), "flags"),
        (dtype("V8", state(size=8, fields=Dict(["a", (OBJECTS, 0)]))), "flags"),
        (dtype("V8", state(size=8, fields=Dict(["a", (F4, 8)]))), "beyond"),
        (dtype("V8", state(size=8, sub=(F4, (3,)))), "beyond"),
        (dtype("V8", state(size=8, sub=(F4, 3))), "beyond"),
        (dtype("V8", state(size=8, sub=(F4, -3))), "shape"),
        (dtype("V8", state(size=8, sub=F4)), "subarray"),
        (dtype("V8", state(size=8, fields=["a", (F4, 0)])), "fields"),
        (dtype("V8", state(size=8, fields=Dict(["a", (F4, 0)] * MANY))), "fields"),
        (dtype("V8", state(size=8, fields=Dict(["a", F4]))), "field"),
        (dtype("V8", state(size=8, fields=Dict(["a", (F4, -4)]))), "starts"),
        (dtype("V8", state(size=8, fields=Dict(["a", (LIST, 0)]))), "not known"),
        (dtype(LIST, state(flags=0)), "not known"),
        (dtype("V8", ()), ""),
        (dtype("V8", (2, "|", None, None, Dict(["a", (OBJECTS, 0)]), 8, 1)), ""),
        (dtype("V8", state(size=8, fields=Dict(["a", (F4, 4)]))), ""),
    ],
)
def test_says_what_is_wrong_with_a_forged_dtype(given: Obj, word: str) -> None:
    assert word in lie(given)
    assert bool(word) is bool(lie(given))


DTYPE = b"cnumpy\ndtype\n" + text("O8") + b"\x89\x88\x87R"
NUMBERS = b"(K\3" + text("|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xff"


def test_a_forged_dtype_is_a_conflict() -> None:
    for forged in (NUMBERS + b"K\0tb", NUMBERS + b"K\x3ftb" + NUMBERS + b"K\x3ftb"):
        found = facts(b"\x80\x04" + DTYPE + forged + b".")
        assert [fact.kind for fact in found if isinstance(fact, Conflict)] == ["dtype"]


# --- Raw arrays -----------------------------------------------------------------------------------

CLASS = b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n"


def sized(size: int, flags: int = 0, code: str = "V8") -> bytes:
    made = b"cnumpy\ndtype\n" + text(code) + b"\x89\x88\x87R(K\3" + text("|") + b"NNN"
    return made + b"J" + struct.pack("<i", size) + b"K\1J" + struct.pack("<i", flags) + b"tb"


def attributes(**values: bytes) -> bytes:
    return b"}(" + b"".join(text(name) + value for name, value in values.items()) + b"u"


ONE = b"K\1\x85"
HIDDEN = b"\x80\x04" + CLASS


@pytest.mark.parametrize(
    ("made", "data"),
    [
        (b")\x81" + attributes(dtype=sized(400), shape=ONE) + b"b", b"." * 400),
        (b")\x81" + attributes(dtype=sized(400, code="S1"), shape=ONE) + b"b", b"." * 400),
        (b")\x81" + attributes(dtype=sized(9), shape=b"]K\2a") + b"b", b"." * 18),
        (b")\x81" + attributes(dtype=sized(9), shape=b")") + b"b", b"." * 9),
        (b")\x81" + attributes(dtype=sized(9, 1), shape=ONE) + b"b", b"N."),
        (b")\x81" + attributes(dtype=sized(9), shape=ONE) + b"N\x86b", b"." * 9),
        (b")\x81N" + attributes(dtype=sized(9), shape=ONE) + b"\x86b", b"." * 9),
        (b")\x81" + attributes(dtype=sized(9), shape=b"K\5\x85")
         + b"}" + text("shape") + ONE + b"s\x86b", b"." * 9),
        (b")\x81" + attributes(dtype=sized(9), shape=ONE, numpy_array_alignment_bytes=b"\x89")
         + b"b", b"\3..." + b"." * 9),
        (b")\x81\x94" + attributes(dtype=sized(9), shape=ONE) + b"b" + b"." * 9
         + b"0h\0" + attributes(shape=b"K\2\x85") + b"b", b"." * 18),
    ],
    ids=["V", "S", "list as shape", "no axes", "objects by flag", "no slots", "slots",
         "slots over attributes", "alignment False", "a second state"],
)  # fmt: skip
def test_finds_what_follows_an_array_however_its_size_is_said(made: bytes, data: bytes) -> None:
    program = HIDDEN + made + data + b"0" + ATTACK + b"."
    assert (SYSTEM, ONE_ID) in calls(program)
    assert [fact for fact in facts(program) if isinstance(fact, Tensor)] == []


@pytest.mark.parametrize(
    "made",
    [
        b")\x81N" + b"b",
        b")\x81" + attributes(dtype=sized(9), shape=b"J\xff\xff\xff\xff\x85") + b"b",
        b")\x81" + attributes(dtype=sized(9), shape=b"\x88\x85") + b"b",
        b")\x81" + attributes(dtype=sized(9), shape=b"K\1") + b"b",
        b")\x81" + attributes(shape=ONE) + b"b",
        b")\x81" + attributes(dtype=sized(9, code="v"), shape=ONE) + b"b",
        b")\x81ccollections\nOrderedDict\n)Rb",
        b")\x81}K\1K\2sb",
        b")\x81" + attributes(dtype=sized(9)) + b"K\1\x86b",
    ],
    ids=["no state", "negative axis", "truth value as axis", "shape is no tuple", "no dtype",
         "unknown code", "state is no dict", "attribute without a name", "slots are no dict"],
)  # fmt: skip
def test_says_that_the_length_of_an_array_is_not_clear(made: bytes) -> None:
    assert any("not clear" in detail for detail in conflicts(HIDDEN + made + b"." * 9 + ATTACK))


@pytest.mark.parametrize(
    "made",
    [
        b"(NK\1Nt" + b"R", b"K\1\x85\x81", b")}" + text("a") + b"K\1s\x92",
        b"0ccopy\ncopy\n" + CLASS + b"\x85R", b"0ccopy\ncopy\n" + CLASS + b")\x81\x85R",
        b"0cmodels\nf\n]" + CLASS + b")\x81a\x85R", b"0cmodels\nNumpyArrayWrapper\n)\x81",
        b"0cjoblib\nmemory.numpy_pickle.NumpyArrayWrapper\n)\x81",
        b"0ccopyreg\n_reconstructor\n" + CLASS + b"cbuiltins\ndict\nN\x87R",
    ],
    ids=["called", "arguments", "keywords", "given to a call", "copied", "in a list", "elsewhere",
         "through another module", "another base"],
)  # fmt: skip
def test_a_wrapper_made_in_another_way_is_a_conflict(made: bytes) -> None:
    assert any("not made" in detail for detail in conflicts(HIDDEN + made + b"}b."))


def test_a_wrapper_made_by_an_old_protocol_is_one() -> None:
    made = b"ccopy_reg\n_reconstructor\n(" + CLASS + b"c__builtin__\nobject\nNtR"
    program = b"\x80\x02" + made + attributes(dtype=sized(9), shape=ONE) + b"b" + b"." * 9
    assert (SYSTEM, ONE_ID) in calls(program + b"0" + ATTACK + b".")
    assert conflicts(program + b"0" + ATTACK + b".") == []


def test_what_an_array_becomes_part_of_is_no_wrapper() -> None:
    array = CLASS + b")\x81" + attributes(dtype=sized(9), shape=ONE) + b"b" + b"." * 9
    tree = b"\x80\x04csklearn.tree._tree\nTree\nK\1" + array + b"\x86R}b."
    assert conflicts(tree) == []
    assert conflicts(b"\x80\x04" + array + b"}b.") == []


def test_deep_arguments_are_not_searched_for_a_wrapper_without_end() -> None:
    deep = b"\x80\x04" + CLASS + b"0cm\nf\n" + b"(" * 50 + b"t" * 50 + b"\x85R}b."
    assert conflicts(deep) == []


# --- Arrays in files of their own -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "reader"),
    [
        ("model.pkl_01.npy", "joblib.numpy_pickle_compat.NDArrayWrapper.read"),
        ("model_123.npy.z", "joblib.numpy_pickle_compat.NDArrayWrapper.read"),
        ("other.npy", "numpy.load"),
        ("/etc/x_01.npy", "numpy.load"),
        ("..\\x_01.npy", "numpy.load"),
        ("C:x_01.npy", "numpy.load"),
        ("x_01.npy\n", "numpy.load"),
    ],
)
@pytest.mark.parametrize("kind", ["NDArrayWrapper", "ZNDArrayWrapper"])
def test_an_array_in_another_file_is_a_call_that_reads_it(
    name: str, reader: str, kind: str
) -> None:
    made = f"\x80\x04cjoblib.numpy_pickle_compat\n{kind}\n".encode("latin-1") + b")\x81"
    program = made + attributes(filename=text(name)) + b"b."
    (call,) = [fact for fact in facts(program) if isinstance(fact, Call) and fact.op == "BUILD"]
    assert isinstance(call.callee, Global)
    assert (call.callee.dotted, call.arguments) == (reader, Group("tuple", (name,)))


def test_each_state_of_a_wrapper_reads_a_file() -> None:
    made = b"\x80\x04csklearn.externals.joblib.numpy_pickle\nNDArrayWrapper\n)\x81\x94"
    first = attributes(filename=text("m_01.npy")) + b"b0"
    program = made + first + b"h\0" + attributes(filename=text("/x")) + b"b0h\0Nb0h\0K\1b."
    found = [fact for fact in facts(program) if isinstance(fact, Call) and fact.op == "BUILD"]
    assert [fact.arguments for fact in found] == [
        Group("tuple", ("m_01.npy",)), Group("tuple", ("/x",)), Group("tuple", (None,)),
    ]  # fmt: skip
    assert found[1].count == 2
