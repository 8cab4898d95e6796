"""Arguments that are lines of text, however long they are."""

from __future__ import annotations

import pytest

from aibom.scanners.dissect import dissect
from aibom.scanners.facts import Import
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.pickles.blocks import LINE
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Group, Opaque
from tests.scanners.pickles.programs import (
    ATTACK,
    ONE_ID,
    SYSTEM,
    calls,
    conflicts,
    imports,
)

PAD = 70_000  # bytes; more than any honest line of numbers or names has


@pytest.mark.parametrize(
    "line",
    [
        b"I" + b"1" * 20_000, b"I0x" + b"f" * 20_000, b"I" + b" " * PAD + b"1", b"I" + b"1" * PAD,
        b"I" + b"0" * 5000 + b"1", b"I" + b"1" * 5000 + b"\r", b"I" + b"1" * 200_000,
        b"L" + b"1" * 20_000 + b"L", b"L0x" + b"f" * PAD + b"L", b"L-" + b"1_2" * 3000,
        b"F" + b"1" * 20_000, b"F" + b"0" * PAD + b"1.5", b"F1e" + b"0" * 200_000 + b"5",
        b"Np" + b"0" * 20_000 + b"1", b"Np" + b" " * PAD + b"1", b"Np" + b"1" * 20_000,
        b"Np1\n0g" + b"0" * 20_000 + b"1", b"Np1\n0g" + b"0_" * 9000 + b"1",
        b"Np1\n0g" + b" " * PAD + b"1", b"Np" + b"7" * 9000 + b"\n0g" + b"7" * 9000,
        b"S'" + b"a" * PAD + b"'", b"V" + b"a" * PAD, b"P" + b"a" * PAD, b"V" + b"a" * (LINE - 1),
    ],
    ids=lambda line: f"{line[:3]!r} {len(line)}",
)  # fmt: skip
def test_reads_on_after_a_line_of_any_length(line: bytes) -> None:
    for start in (b"", b"\x80\x04"):
        assert (SYSTEM, ONE_ID) in calls(start + line + b"\n0" + ATTACK + b".")


@pytest.mark.parametrize(
    ("line", "is_conflict"),
    [
        (b"I" + b"1" * 4300, False), (b"I" + b"1" * 4301, True), (b"L0x" + b"f" * 4301, False),
        (b"F" + b"1" * 20_000, False), (b"F" + b"1" * PAD, True),
        (b"Np" + b"0" * 5000, True), (b"g" + b"0" * PAD, True),
    ],
    ids=lambda value: value if isinstance(value, bool) else f"{value[:3]!r} {len(value)}",
)  # fmt: skip
def test_says_when_only_some_pythons_read_on(line: bytes, *, is_conflict: bool) -> None:
    found = conflicts(b"\x80\x02cm\nf\n" + line + b"\n.")
    assert ["digits" in detail for detail in found] == [True] * is_conflict


def test_a_call_of_what_an_unreadable_slot_holds_is_a_call() -> None:
    program = b"\x80\x02cos\nsystem\np1\n0g" + b" " * PAD + b"1\n" + b")R."
    assert calls(program) == [(Opaque("some memo entry"), Group("tuple"))]


@pytest.mark.parametrize("code", [b"c", b"(i"], ids=["GLOBAL", "INST"])
def test_a_name_of_any_length_is_an_import(code: bytes) -> None:
    path = b"path.os." * 10_000
    for start in (b"\x80\x04", b"N0\x80\x04"):
        (found,) = imports(start + code + b"os\n" + path + b"system\n)R.")
        assert found.startswith("os.path.os.path.")
        assert found.endswith("… (80007 bytes in all)")


def test_a_name_that_ends_with_the_source_is_an_import() -> None:
    assert imports(b"\x80\x04cos\n" + b"path.os." * 10_000)[0].startswith("os.path.os.")


def test_a_pickle_without_a_signature_may_begin_with_a_long_number() -> None:
    for line in (b"I" + b"1" * 20_000, b"I" + b" " * PAD + b"1", b"p"):
        artifact = dissect(BytesSource(line + b"\n0" + ATTACK + b"."), ("x",), Budget(Limits()))
        assert any(isinstance(fact, Import) for fact in artifact.facts) is (line != b"p")
