"""Verdicts about methods of values, and about what dill writes for values."""

from __future__ import annotations

import functools
import pickle

import pytest

from aibom.scanners.artifact import Artifact, Target
from aibom.scanners.dissect import dissect
from aibom.scanners.judge import judge
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.rule import Severity
from aibom.scanners.source import BytesSource
from tests.scanners.pickles.programs import text

DICT = dict[str, int]
GETATTR = b"\x80\x04cbuiltins\ngetattr\n"
ADD = b"cnumpy\nadd\n"
LOAD_TYPE = b"\x80\x04cdill._dill\n_load_type\n"
RUN = b"cmodels\nrun\n"
RECONSTRUCT = b"cnumpy.core.multiarray\n_reconstruct\n"
PLAIN = b"(cnumpy\nndarray\nK\0\x85C\1bt"
FLOATS = b"cnumpy\ndtype\n" + text("f8") + b"\x89\x88\x87R"
STATE = b"(K\1K\1\x85" + FLOATS + b"\x89C\x08\0\0\0\0\0\0\0\0t"


def worst(program: bytes) -> Severity:
    artifact: Artifact = dissect(BytesSource(program), ("model.pkl",), Budget(Limits()))
    return max((each.severity for each in judge(Target((artifact,)))), default=Severity.INFO)


def array(
    function: bytes, arguments: bytes, state: bytes = STATE, attributes: bytes = b"N"
) -> bytes:
    return (
        b"\x80\x04cdill._dill\n_create_array\n("
        + function
        + arguments
        + state
        + attributes
        + b"tR."
    )


# --- Methods of values ----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        DICT.get, str.split, "abc".upper, list[int]().append, DICT().get, {1}.union, b"x".join,
        (1).bit_length,
    ],
    ids=[
        "of dict", "of str", "of a text", "of a list", "of a dict", "of a set", "of bytes",
        "of a number",
    ],
)  # fmt: skip
def test_methods_of_data_types_pass(value: object, protocol: int) -> None:
    assert worst(pickle.dumps([value], protocol)) is Severity.INFO


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize(
    "value",
    [
        functools.partial(str.split, sep=","),
        functools.partial(DICT().get),
        functools.partial("abc".upper),
    ],
    ids=["type", "value", "text"],
)
def test_methods_of_data_types_may_be_handed_on(value: object, protocol: int) -> None:
    assert worst(pickle.dumps(value, protocol)) <= Severity.MEDIUM


def test_methods_of_bytes_may_be_handed_on() -> None:
    assert worst(pickle.dumps(functools.partial(b",".join), 4)) <= Severity.MEDIUM


def test_methods_of_functions_of_numpy_pass() -> None:
    assert worst(GETATTR + ADD + text("reduce") + b"\x86R.") is Severity.INFO


@pytest.mark.parametrize(
    "arguments",
    [
        text("abc") + text("format") + b"\x86",
        text("abc") + text("format_map") + b"\x86",
        text("abc") + text("__class__") + b"\x86",
        b"]" + text("__class__") + b"\x86",
        b"cbuiltins\ndict\n" + text("__subclasses__") + b"\x86",
        b"cbuiltins\ndict\n" + text("none") + b"cmodels\nrun\n\x87",
        ADD + text("__reduce__") + b"\x86",
        ADD + text("at") + b"\x86",
        b"cnumpy\nload\n" + text("reduce") + b"\x86",
        b"cnumpy\ncore\n" + text("reduce") + b"\x86",
        b"cmodels\nadd\n" + text("reduce") + b"\x86",
        b"N" + text("upper") + b"\x86",
    ],
    ids=["format", "format_map", "a value's class", "a list's class", "a type's subclasses",
         "a default", "special of a ufunc", "ufunc that changes", "no ufunc", "a module",
         "another module's", "of None"],
)  # fmt: skip
def test_other_looked_up_names_stay_critical(arguments: bytes) -> None:
    assert worst(GETATTR + arguments + b"R.") is Severity.CRITICAL


def test_calling_a_method_of_a_value_stays_critical() -> None:
    assert worst(GETATTR + text("a") + text("upper") + b"\x86R)R.") is Severity.CRITICAL


@pytest.mark.parametrize("name", ["append", "update", "format", "__class__"])
def test_handing_on_what_changes_a_value_stays_critical(name: str) -> None:
    kind = b"}" if name == "update" else b"]"
    start = b"\x80\x04ccollections\ndefaultdict\n" + GETATTR[2:]
    assert worst(start + kind + text(name) + b"\x86R\x85R.") is Severity.CRITICAL


def test_one_format_among_very_many_methods_is_found() -> None:
    start = GETATTR + b"\x940"
    many = b"".join(b"h\0" + text(f"v{n}") + text("upper") + b"\x86R0" for n in range(600))
    assert worst(start + many + b"N.") is Severity.INFO
    one = b"h\0" + text("{}") + text("format") + b"\x86R0"
    assert worst(start + many + one + b"N.") is Severity.CRITICAL


# --- Types and arrays of dill ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        text("slice") + b"\x85RK\0K\4K\1\x87R.",
        text("bytearray") + b"\x85RC\1x\x85R.",
        text("NoneType") + b"\x85R.",
    ],
    ids=["slice", "bytearray", "type of None"],
)
def test_data_types_by_dills_name_pass(call: bytes) -> None:
    assert worst(LOAD_TYPE + call) is Severity.INFO


@pytest.mark.parametrize("name", ["CodeType", "FunctionType", "Unknown", "type"])
def test_calls_of_other_types_by_dills_name_stay_high(name: str) -> None:
    assert worst(LOAD_TYPE + text(name) + b"\x85RC\1x\x85R.") >= Severity.HIGH


def test_arrays_of_dill_pass() -> None:
    assert worst(array(RECONSTRUCT, PLAIN)) <= Severity.MEDIUM  # no licence
    attributes = b"}" + text("unit") + text("m") + b"s"
    assert worst(array(RECONSTRUCT, PLAIN, STATE, attributes)) <= Severity.MEDIUM  # no licence


@pytest.mark.parametrize(
    "program",
    [
        array(RUN, PLAIN),
        array(b"cmodels\n_reconstruct\n", PLAIN),
        array(b"cposix\nsystem\n", text("id") + b"\x85"),
        array(RECONSTRUCT, b"](" + RUN + b"K\0\x85C\1be"),
        array(RECONSTRUCT, PLAIN, b"cposix\nsystem\n" + text("id") + b"\x85R"),
        array(RECONSTRUCT, PLAIN, STATE, b"}" + text("__setstate__") + RUN + b"s"),
        array(RECONSTRUCT, b"(csocket\nsocket\nK\0\x85C\1bt"),
    ],
    ids=["another function", "another module's", "a command", "no tuple", "a call in the state",
         "a special attribute", "another class"],
)  # fmt: skip
def test_arrays_of_dill_that_call_something_else_stay_high(program: bytes) -> None:
    assert worst(program) >= Severity.HIGH
