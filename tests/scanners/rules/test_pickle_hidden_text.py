"""A text makes a call dangerous however deep, however late and however roundabout it is given."""

from __future__ import annotations

import struct

import pytest

from aibom.scanners.rule import Severity
from tests.scanners.rules.test_pickle_members import worst

COMMAND = "rm -rf / --no-preserve-root"


def global_(module: str, name: str) -> bytes:
    return f"c{module}\n{name}\n".encode()


def program(callee: bytes, *arguments: bytes, op: bytes = b"R") -> bytes:
    return b"\x80\x02" + callee + b"(" + b"".join(arguments) + b"t" + op + b"."


def text(value: str) -> bytes:
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def deep(inner: bytes, levels: int) -> bytes:
    return b"(" * levels + inner + b"t" * levels


def made(maker: tuple[str, str], *arguments: bytes) -> bytes:
    return global_(*maker) + b"(" + b"".join(arguments) + b"tR"


HIDDEN = {
    "deep": deep(text(COMMAND), 12),
    "late": b"(" + b"K\x01" * 200 + text(COMMAND) + b"t",
    "late in a list": b"(" + b"K\x01" * 200 + text(COMMAND) + b"l",
    "str": made(("builtins", "str"), b"C\x02ab", text("utf8")),
    "chr": made(("builtins", "chr"), b"K\x41"),
    "repr": made(("builtins", "repr"), made(("builtins", "KeyError"), text(COMMAND))),
    "deep str": deep(made(("builtins", "str"), b"C\x02ab", text("utf8")), 12),
    "decode": made(("_codecs", "decode"), b"C\x02ab"),
    "deep bytes": deep(b"C" + bytes([len(COMMAND)]) + COMMAND.encode(), 12),
}
SYMPY = global_("sympy.core.containers", "Tuple")


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("op", ["REDUCE", "NEWOBJ"])
def test_sympy_evaluates_it(hidden: str, op: str) -> None:
    found = worst(program(SYMPY, HIDDEN[hidden], op={"REDUCE": b"R", "NEWOBJ": b"\x81"}[op]))
    assert found is not None
    assert found >= Severity.HIGH


@pytest.mark.parametrize("hidden", HIDDEN)
def test_an_unknown_function_gets_it(hidden: str) -> None:
    found = worst(program(global_("somewhere", "run"), HIDDEN[hidden]))
    assert found is not None
    assert found >= Severity.HIGH


@pytest.mark.parametrize(
    "argument",
    [deep(b"K\x01", 12), b"(" + b"K\x01" * 200 + b"t"],
    ids=["deep", "late"],
)
def test_numbers_are_none_however_deep(argument: bytes) -> None:
    found = worst(program(SYMPY, argument))
    assert found is None or found < Severity.HIGH
