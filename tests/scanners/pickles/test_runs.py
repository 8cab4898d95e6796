"""Runs of tensors, taken at once: that changes no fact, whatever stands around or in them."""

from __future__ import annotations

import random
import struct

import pytest

from aibom.scanners.facts import Tensor
from aibom.scanners.limits import Budget, Limits
from aibom.scanners.pickles import records, runs
from aibom.scanners.pickles.memo import Memo
from aibom.scanners.pickles.objects import Alike, Obj
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource
from aibom.scanners.values import Global
from tests.scanners.pickles.programs import SYSTEM, calls, checkpoint, facts, text

COUNT = 300  # tensors: the first thirty have short memo slots, and are not taken at once
OPEN = checkpoint(COUNT)[:-2]  # up to the SETITEMS that ends the checkpoint
LAST = 8 * COUNT + 5  # its highest memo slot
TENSOR_SLOT = 1005  # of one that is taken at once


def leave_to_machine(*_: object) -> int:
    return 0


def leave_to_records(_self: object, _data: bytes, pos: int, *_: object) -> int:
    return pos


def without(monkeypatch: pytest.MonkeyPatch, name: str, program: bytes) -> list[object]:
    """Return the facts when `name` of the fast ways is not taken."""
    stand_in = {"take_all": leave_to_machine, "take_run": leave_to_records}[name]
    with monkeypatch.context() as patch:
        patch.setattr(records.Records, name, stand_in)
        return list(facts(program))


def get(slot: int) -> bytes:
    return b"j" + struct.pack("<I", slot)


def call(argument: bytes) -> bytes:
    return b"cposix\nsystem\n" + argument + b"\x85R0"


def taken(monkeypatch: pytest.MonkeyPatch, program: bytes) -> int:
    """Return how many tensors are taken at once."""
    counts: list[int] = []
    delay = Memo.delay

    def counting(memo: Memo, first: int, tensors: list[Obj], names: list[str]) -> bool:
        done = delay(memo, first, tensors, names)
        counts.append(len(tensors) * done)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(Memo, "delay", counting)
        facts(program)
    return sum(counts)


def test_most_tensors_of_a_checkpoint_are_taken_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert taken(monkeypatch, checkpoint(COUNT)) == COUNT - 33


SLOTS = (1, 9, 255, *range(290, 320), LAST - 9, LAST, LAST + 1)
PROGRAMS = {
    "a checkpoint": checkpoint(COUNT),
    "entries that are asked for": OPEN + b"u0" + b"".join(call(get(n)) for n in SLOTS) + b"N.",
    "an entry after the last": OPEN + b"u" + call(b"N\x94" + get(LAST + 1)) + b".",
    "an entry that was put again": OPEN
    + b"u"
    + call(text("id") + b"r" + struct.pack("<I", 1000) + b"0" + get(1000) + get(1001) + b"\x86")
    + b".",
    "a state that a tensor gets": OPEN + b"u" + get(TENSOR_SLOT) + b"}" + text("f") + b"K\1sb0.",
    "items that a tensor gets": OPEN + b"u" + get(TENSOR_SLOT) + b"]K\1a" + b"a0.",
    "the same checkpoint again": OPEN + b"u0" + checkpoint(COUNT)[2:],
    "two checkpoints in one": OPEN + OPEN[2:].replace(b"layer", b"other") + b"uu.",
    "a short slot among them": checkpoint(COUNT).replace(b"r" + struct.pack("<I", 1005), b"q\xfe"),
    "a negative size": checkpoint(COUNT).replace(b"K\x04M\x04\x01", b"K\x04J\xff\xff\xff\xff"),
    "a size too few": checkpoint(COUNT).replace(b"M\x04\x01\x86", b"M\x04\x01\x85"),
    "no hooks": checkpoint(COUNT).replace(b"OrderedDict", b"Counter"),
    "another storage class": checkpoint(COUNT).replace(b"HalfStorage", b"HelfStorage", 1),
    "no storages": checkpoint(COUNT).replace(b"storage", b"storagf"),
    "a name with a newline": checkpoint(COUNT).replace(b".weight", b"\nweight"),
    "a name of another length": checkpoint(COUNT).replace(b"200.weight", b"200.weigh"),
    "a key of another length": checkpoint(COUNT).replace(b"X\3\0\0\x00200", b"X\2\0\0\x00200"),
    "a call among them": OPEN + text("a") + call(text("id")) + OPEN[4:] + b"u.",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
@pytest.mark.parametrize("name", ["take_all", "take_run"])
def test_a_run_changes_no_fact(name: str, program: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(facts(program)) == without(monkeypatch, name, program)


def test_calls_with_entries_of_a_run_show_them() -> None:
    found = calls(PROGRAMS["entries that are asked for"])
    assert len([callee for callee, _ in found if callee == SYSTEM]) > len(SLOTS) // 2


@pytest.mark.parametrize("seed", range(100))
def test_a_run_changes_no_fact_of_a_damaged_checkpoint(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll = random.Random(seed)
    program = bytearray(OPEN + b"u" + b"".join(call(get(n)) for n in SLOTS) + b".")
    for _ in range(roll.randrange(1, 4)):
        program[roll.randrange(3000, len(program))] = roll.randrange(256)
    found = list(facts(bytes(program)))
    assert found == without(monkeypatch, "take_all", bytes(program))


@pytest.mark.parametrize("seed", range(40))
def test_a_run_changes_no_fact_of_a_checkpoint_in_another_order(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    roll = random.Random(seed)
    start = OPEN.index(b"X\x10\0\0\0layer.100.weight")
    pieces = [piece for piece in OPEN[start:].split(b"((") if piece]
    roll.shuffle(pieces)
    program = OPEN[:start] + b"((".join(pieces) + b"u."
    assert list(facts(program)) == without(monkeypatch, "take_all", program)


def test_tensors_are_looked_at_for_a_run_only_once(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[int] = []

    def counting(data: bytes, pos: int, stop: int) -> object:
        looks.append(len(found := runs.tensors(data, pos, stop)))
        return found

    monkeypatch.setattr(records, "tensors", counting)
    facts(checkpoint(COUNT).replace(b"200.weight", b"200.weigh"))  # no run, for its wrong length
    assert [count for count in looks if count] == [267]


def test_old_checkpoints_keep_the_storages_of_a_run() -> None:
    one = Pickle(
        BytesSource(checkpoint(COUNT)), 0, Budget(Limits()), is_strict=False, is_torch=True
    )
    tensors = [item for item in one.read() if isinstance(item, Tensor)]
    assert len(tensors) == COUNT
    half = Global("torch", "HalfStorage")
    assert one.storages == {str(number): (half, 16) for number in range(COUNT)}


# --- Slots that are in use ------------------------------------------------------------------------

ALIKE = Alike(Global("m", "S"), "cpu", 1, (1,), (0, (1,), (1,), False, None))
TENSOR = Obj.tensor(Global("m", "f"), "7", ALIKE)


def test_slots_in_use_are_not_delayed() -> None:
    memo = Memo()
    memo[7] = "x"
    assert not memo.delay(0, [TENSOR], ["n"])
    assert memo.delay(8, [TENSOR], ["n"])
    assert not memo.delay(15, [TENSOR], ["n"])
    assert len(memo) == 9
    with pytest.raises(KeyError):
        memo[16]


def test_a_copy_holds_what_waits_and_knows_its_slots() -> None:
    memo = Memo()
    memo.delay(0, [TENSOR], ["n"])
    other = memo.copy()
    assert (other[0], other[6], other[7]) == ("7", TENSOR, "n")
    assert not other.delay(0, [TENSOR], ["n"])


def test_what_was_put_meanwhile_stays() -> None:
    memo = Memo()
    memo.delay(0, [TENSOR], ["n"])
    memo[0] = "new"
    assert (memo[5], memo[0]) == (TENSOR.arguments, "new")


def test_an_object_has_no_other_fields() -> None:
    with pytest.raises(AttributeError):
        Obj(None, ()).other  # noqa: B018 - it is asked for
