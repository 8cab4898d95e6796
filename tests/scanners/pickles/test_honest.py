"""Honest pickles of all protocols, damaged ones, and the bounds."""

from __future__ import annotations

import pickle
import pickletools
import random
import struct
from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

import pytest

from aibom.scanners.facts import (
    Call,
    Conflict,
    Import,
)
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.pickles import ledger, machine, state
from aibom.scanners.pickles.opcodes import python3_name
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource, Span
from aibom.scanners.values import Blob, Global, Group
from tests.scanners.pickles.programs import (
    INNER,
    calls,
    checkpoint,
    conflicts,
    facts,
    imports,
    read,
    wrapper,
)

# --- Honest pickles -------------------------------------------------------------------------------

HONEST: dict[str, Any] = {
    "scalars": [1, -1, 70_000, 2**40, 2**600, 1.5, None, True, False, "é", b"x", bytearray(b"y")],
    "containers": {"a": (1, 2), "b": [1, [2]], "c": {3}, "d": frozenset({4}), "e": ()},
    "objects": [OrderedDict(a=1), datetime(2026, 1, 1, tzinfo=UTC), 1j, range(3)],
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


def test_ids_of_persistent_objects_nest_without_recursion() -> None:
    attack = b"\x80\x02cos\nsystem\n)R0cm\nf\nN" + b"Q" * 100_000 + b"\x85"
    assert [name for name, _ in calls(attack + b"R0N.")] == [
        Global("os", "system"), Global("m", "f"),
    ]  # fmt: skip


def test_a_list_that_holds_itself_ends() -> None:
    assert imports(b"\x80\x02cm\nf\n]q\0h\0a\x85R.") == ["m.f"]


def test_a_large_container_keeps_its_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "KEPT", 100)
    items = b"K\1" * 5000
    program = b"\x80\x02cm\nf\n](" + items + b"cos\nsystem\n" + items + b"e\x85R."
    (call,) = [fact for fact in facts(program) if isinstance(fact, Call)]
    assert call.names == ("os.system",)


def test_a_large_dict_keeps_its_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "KEPT", 100)
    items = b"K\1K\2" * 3000
    program = b"\x80\x02cm\nf\n}(" + items + b"K\3cos\nsystem\n" + items + b"u\x85R."
    (call,) = [fact for fact in facts(program) if isinstance(fact, Call)]
    assert call.names == ("os.system",)


def test_a_memo_that_grows_evenly_is_no_conflict() -> None:
    puts = b"".join(b"r" + struct.pack("<I", slot) for slot in range(300_000))
    start = b"\x80\x02cm\nf\nN" + puts
    assert conflicts(start + b"r" + struct.pack("<I", (1 << 20) + 1) + b"0)R.") == []


def test_a_break_after_a_frame_is_none_of_the_frame() -> None:
    frame = b"\x95" + struct.pack("<Q", 5) + b"cm\nf\n"
    assert conflicts(b"\x80\x04" + frame + b"\xff" + b" " * 20) == []
    assert conflicts(b"\x80\x04cm\nf\n\x95" + struct.pack("<Q", 1) + b"Vno newline") == []


def test_long_bytes_are_not_read() -> None:
    class Counting(BytesSource):
        def read_at(self, start: int, length: int) -> bytes:
            assert length < 1 << 20
            return super().read_at(start, length)

    program = b"\x80\x04cm\nf\nB" + struct.pack("<I", 8 << 20) + bytes(8 << 20) + b"\x85R."
    found = list(Pickle(Counting(program), 0, Budget(Limits()), is_strict=False).read())
    (call,) = [fact for fact in found if isinstance(fact, Call)]
    assert call.arguments == Group("tuple", (Blob(Span(12, 8 << 20), "00" * 32),))
