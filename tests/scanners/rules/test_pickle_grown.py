"""What is only imported, and called in the end by way of an object that grew or was filled."""

from __future__ import annotations

import pytest

from aibom.scanners.rule import Severity
from tests.scanners.rules.test_pickle_members import worst

START = b"\x80\x04"
REMOVE, RUN = b"cshutil\nrmtree\n", b"csomewhere\nrun\n"
PRINT, LIST, MAP = b"cbuiltins\nprint\n", b"cbuiltins\nlist\n", b"cbuiltins\nmap\n"
ENCODER = b"cjson.encoder\nJSONEncoder\n"
PATH = b"\x8c\x04/tmp"


def partial(function: bytes) -> bytes:
    """Return a partial that is made of `print` and filled with another function."""
    return b"cfunctools\npartial\n" + PRINT + b"\x85R(" + function + b")}Ntb"


GROWN = {
    "a list that grows": b"]q\x000" + MAP + b"coperator\ncall\nh\x00\x86R0h\x00" + REMOVE + b"a.",
    "a partial": LIST + MAP + partial(REMOVE) + b"](" + PATH + b"e\x86R\x85R.",
    "a partial of something unknown": partial(RUN) + b".",
    "an object's method": (
        b"cjson.encoder\nJSONEncoder.encode\n" + ENCODER + b")\x81}\x8c\x07default" + REMOVE
        + b"sb" + PATH + b"\x86R."
    ),
    "slots of a class": (
        b"cbuiltins\ntype\n(\x8c\x01X)}tRq\x00N}\x8c\x08__call__" + REMOVE + b"s\x86b0"
        + MAP + b"h\x00](" + PATH + b"e\x86R."
    ),
    "an object that is called": (
        MAP + b"cargparse\nFileType\n\x8c\x01w\x85R](" + PATH + b"e\x86R."
    ),
    "made without a call": (
        b"]q\x000" + MAP + b"coperator\ncall\nh\x00\x86\x810h\x00" + REMOVE + b"a."
    ),
    "an unknown function": b"csomewhere\napply\n" + REMOVE + b"\x85R.",
}  # fmt: skip


@pytest.mark.parametrize("program", GROWN.values(), ids=GROWN)
def test_what_can_be_called_in_the_end_counts(program: bytes) -> None:
    assert worst(START + program) >= Severity.HIGH


KEPT = {
    "only kept": b"}\x8c\x01f" + REMOVE + b"s.",
    "kept beside weights": b"}\x8c\x01f" + REMOVE + b"s\x8c\x01wccollections\nOrderedDict\n)Rs.",
    "a partial of the same": b"cfunctools\npartial\n" + RUN + b"\x85R(" + RUN + b")}Ntb.",
}


@pytest.mark.parametrize("program", KEPT.values(), ids=KEPT)
def test_what_is_only_kept_does_not(program: bytes) -> None:
    assert worst(START + program) < Severity.HIGH
