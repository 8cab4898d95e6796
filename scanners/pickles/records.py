"""The opcodes of one torch tensor, taken at once.

A checkpoint repeats some thirty opcodes for each tensor. Where the bytes are exactly those, and
both calls in them were seen before with the same imported names, this does to stack, memo and
ledger what the machine would do opcode by opcode; everything else is left to the machine.
"""

from __future__ import annotations

import re
import struct
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING

from ..values import Global
from .ledger import REBUILD
from .objects import Alike, Obj, Object, Persistent
from .opcodes import counted
from .runs import SPARSE, Raw, run, tensors

if TYPE_CHECKING:
    from .state import State

HOOKS = Global("collections", "OrderedDict")

_PUT = rb"(q.|r.{4})"
_GET = rb"(h.|j.{4})"
_INT = rb"(?:K.|M..|J.{4})"
_SIZES = rb"(\)|(?:" + _INT + rb"){1,3}[\x85-\x87]|\((?:" + _INT + rb"){4,8}t)" + _PUT
_KEY = rb"X([\1-\x14])\0\0\0([0-9]{1,20})"


@cache
def _pattern() -> re.Pattern[bytes]:
    """Return the pattern of a record; it is not compiled for pickles without tensors."""
    name = counted(rb"\0\0\0", 100)
    # (( "storage" class key location elements t Q offset sizes strides False OrderedDict()R t R
    return re.compile(
        rb"\(\(" + _GET + _GET + _KEY + _PUT + _GET + rb"(" + _INT + rb")t" + _PUT + rb"Q(" + _INT
        + rb")" + _SIZES + _SIZES + rb"([\x88\x89])" + _GET + rb"\)R" + _PUT + rb"t" + _PUT
        + rb"R" + _PUT + rb"(?:X(" + name + rb")" + _PUT + _GET + rb"(?=\(\())?",
        re.DOTALL,
    )  # fmt: skip


class Records:
    """Takes whole records for one machine."""

    __slots__ = ("_gets", "_hooks", "_kind", "_looked_at", "_sizes", "_slots", "_state")

    def __init__(self, state: State) -> None:
        """Serve the machine that `state` belongs to."""
        self._state = state
        self._sizes: dict[bytes, tuple[int, ...] | None] = {}
        self._kind: Object = None  # the last storage class whose name the ledger holds
        self._hooks = Obj(HOOKS, ())  # one for all: nobody puts anything into them
        self._gets, self._slots = b"", (0, 0, 0, 0)
        self._looked_at = 0  # offset up to which tensors were looked at for a run

    def take_all(self, data: bytes, pos: int, stop: int, stack: list[Object]) -> int:
        """Take the records at `pos`, one after the other; return the place after them."""
        while True:
            pos = self.take_run(data, pos, stop, stack)
            after = self.take(data, pos, stop, stack)
            if not after:
                return pos
            pos = after

    def take_run(self, data: bytes, pos: int, stop: int, stack: list[Object]) -> int:
        """Take what can be taken at once at `pos`; return the place after it, `pos` if nothing."""
        state = self._state
        base = state.blocks.base
        if base + pos < self._looked_at or stack[-1] is not REBUILD:
            return pos
        each = tensors(data, pos, stop)
        if not each:
            return pos
        self._looked_at = base + each[-1].end()  # once is enough, whatever comes of it
        found = run(each)
        if found is None or any(state.memo.get(_slot(get)) is not REBUILD for get in found.again):
            return pos
        kinds: dict[Raw, Alike] = {}
        for raw in set(found.kinds):
            alike = self._alike(raw)
            if alike is None:
                return pos
            kinds[raw] = alike
        tensor, pairs = Obj.tensor, zip(found.keys, found.kinds, strict=True)
        made = [tensor(REBUILD, key, kinds[raw]) for key, raw in pairs]
        if not state.memo.delay(found.first, made, found.names):
            return pos
        stack.pop()
        stack.extend(chain.from_iterable(zip(made, found.names, strict=True)))
        stack.append(REBUILD)
        if state.resolves_modules:  # only readers of old checkpoints ask for them
            pairs = zip(found.keys, found.kinds, strict=True)
            state.storages |= {key: (kinds[raw].storage, kinds[raw].elements) for key, raw in pairs}
        state.weight += WEIGHT * len(made)
        state.ledger.records += len(made)
        return found.end

    def _alike(self, raw: Raw) -> Alike | None:
        """Return what these bytes stand for, if they are what torch writes."""
        memo = self._state.memo
        gets, places, offset, sizes, strides, grads = raw
        middle, wide = GETS[gets[0]], GETS[places[0]]
        storage, place = memo.get(_slot(gets[middle:])), memo.get(_slot(places[:wide]))
        start, shape, steps, elements = map(self._ints, (offset, sizes, strides, places[wide:]))
        if (
            memo.get(_slot(gets[:middle])) != "storage"
            or not isinstance(storage, Global)
            or not self._is_known(storage)
            or memo.get(_slot(grads[1:])) is not HOOKS
            or place is None
        ):
            return None
        if not elements or not start or shape is None or steps is None or min((0, *shape)) < 0:
            return None
        rest = (start[0], shape, steps, grads[:1] == b"\x88", self._hooks)
        return Alike(storage, place, elements[0], shape, rest)

    def take(self, data: bytes, pos: int, stop: int, stack: list[Object]) -> int:
        """Take the record at `pos` and return the place after it; 0 if there is none."""
        found = _pattern().match(data, pos)
        if found is None or found.end() > stop or stack[-1] is not REBUILD:
            return 0
        (
            storage, kind, length, key, key_put, place, elements, id_put, offset, sizes, sizes_put,
            strides, strides_put, grads, hooks, hooks_put, arguments_put, put, name, name_put,
            again,
        ) = found.groups()  # fmt: skip
        memo = self._state.memo
        gets = storage + kind + place + hooks
        if gets != self._gets:
            self._gets, self._slots = (
                gets,
                (_slot(storage), _slot(kind), _slot(place), _slot(hooks)),
            )
        first, second, third, fourth = self._slots
        puts = (key_put, id_put, sizes_put, strides_put, hooks_put, arguments_put, put)
        joined = b"".join(puts)
        slots = LONG_PUTS.unpack(joined) if len(joined) == LONG_PUTS.size else (*map(_slot, puts),)
        if max(slots) > SPARSE or third in slots or fourth in slots:
            return 0
        storage_class = memo[second]
        if (
            memo[first] != "storage"
            or memo[fourth] is not HOOKS
            or length[0] != len(key)
            or (storage_class is not self._kind and not self._is_known(storage_class))
        ):
            return 0
        known = self._sizes
        shape = known.get(sizes) or self._ints(sizes)
        steps = known.get(strides) or self._ints(strides)
        count, start = known.get(elements) or self._ints(elements), self._ints(offset)
        if shape is None or steps is None or not count or not start:
            return 0
        text = key.decode()
        id_ = ("storage", storage_class, text, memo[third], count[0])
        arguments = (Persistent(id_), start[0], shape, steps, grads == b"\x88", self._hooks)
        stack[-1] = made = Obj(stack[-1], arguments)
        values = (text, id_, shape, steps, self._hooks, arguments, made)
        memo.update(zip(slots, values, strict=True))
        self._state.storages[text] = storage_class, count[0]
        self._state.weight += WEIGHT
        self._state.ledger.records += 1
        if name is None:
            return found.end()
        slot, source = _slot(name_put), _slot(again)
        if source not in memo or slot == source or slot > SPARSE:
            return found.end(18)
        memo[slot] = following = name[4:].decode("utf-8", "surrogatepass")
        stack += (following, memo[source])
        return found.end()

    def _is_known(self, kind: Object) -> bool:
        if not isinstance(kind, Global) or not self._state.ledger.holds_record(kind.dotted):
            return False
        self._kind = kind
        return True

    def _ints(self, raw: bytes) -> tuple[int, ...] | None:
        """Return the integers that these opcodes push; None if they push another number of them."""
        if raw not in self._sizes:
            if len(self._sizes) > MAX_SIZES:
                self._sizes.clear()
            self._sizes[raw] = _integers(raw)
        return self._sizes[raw]


MAX_SIZES = 10_000  # different shapes that are kept
LONG_PUTS = struct.Struct("<" + "xI" * 7)
WEIGHT = 20  # of a tensor, in containers and the values in them
GETS = {0x68: 2, 0x6A: 5}  # bytes of BINGET and LONG_BINGET
WIDTHS = {0x4B: 1, 0x4D: 2, 0x4A: 4}  # BININT1, BININT2, BININT


def _slot(argument: bytes) -> int:
    return argument[1] if len(argument) == 2 else int.from_bytes(argument[1:], "little")  # noqa: PLR2004


def _integers(raw: bytes) -> tuple[int, ...] | None:
    found: list[int] = []
    at = 1 if raw[:1] == b"(" else 0
    while at < len(raw) and raw[at] in WIDTHS:
        width = WIDTHS[raw[at]]
        number = raw[at + 1 : at + 1 + width]
        found.append(int.from_bytes(number, "little", signed=raw[at] == 0x4A))  # noqa: PLR2004
        at += 1 + width
    end = raw[at:]
    wanted = end[0] - 0x84 if end[:1] in {b"\x85", b"\x86", b"\x87"} else len(found)
    return tuple(found) if wanted == len(found) else None
