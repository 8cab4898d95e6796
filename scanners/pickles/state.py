"""What the pickle machine remembers: stacks, memo, effects; and what operations do to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..limits import Exceeded
from ..patterns import pattern
from ..source import Malformed, Span
from ..telling import READ_APART
from ..values import Global
from . import arrays, lookups, wrappers
from .ledger import REBUILD, Ledger
from .lookups import LOADS, loads_inside, looked_up
from .memo import Memo
from .objects import INERT, Dict, Obj, Object, Raw, Set
from .opcodes import python3_name
from .records import HOOKS, Records
from .walk import argument_end

if TYPE_CHECKING:
    from .blocks import Blocks
    from .payloads import Payloads

NEVER = 1 << 64  # an offset that no source reaches
KEPT = 1 << 16  # plain values that a container keeps; of the others it keeps all
FIRST = 1024  # plain values that are left when it had more
MAX_LOOKED_AT = 20_000_000
FIELD = 10  # values that a field of a dtype is as slow as
FORWARDED = 16  # rebuilders that call one another
SETATTR = Global("builtins", "setattr")
MORE = "…"  # before what is said of a name that was cut
COMPUTED = "<computed>"  # a module or name that is made while the pickle runs
LAST_MAPPED = 2  # the highest protocol whose names are Python 2's
NAME = pattern(r"[^\W\d][\w.<>-]*", re.ASCII)
ADDERS: dict[type[Object], tuple[str, ...]] = {  # what built-in containers take
    list: ("APPEND", "APPENDS", "SETITEM", "SETITEMS"),
    Dict: ("SETITEM", "SETITEMS"),
    Set: ("ADDITEMS",),
}
SHARED = {(each.module, each.name): each for each in (REBUILD, HOOKS)}  # known by identity


class State:
    """One run over one pickle."""

    def __init__(self, blocks: Blocks, ledger: Ledger, payloads: Payloads) -> None:
        """Start with empty stacks."""
        self.blocks, self.ledger, self.payloads = blocks, ledger, payloads
        self.stack: list[Object] = []
        self.outer: list[list[Object]] = []  # the stacks below each open MARK
        self.memo = Memo()
        self.globals: dict[tuple[str, str], Global] = {}
        self.storages: dict[str, tuple[Object, Object]] = {}  # key: storage type, elements
        self.records = Records(self)
        self.protocol = 0
        self.looked_at = 0
        self.weight = 0  # containers made, and values kept in them
        self.frame_end = NEVER
        self.resolves_modules = False  # ("module", class, …) is that class, as in torch before 1.6
        self.is_strict = False  # names must look like names: the bytes may be no pickle at all
        self.no_modules: set[str] = set()  # names of classes: honest bytes may seem to import them
        self.leaves_block = False
        self.is_stopped = False
        self.result: Object = None
        self.has_wrappers = False  # some class of joblib's was imported
        self.wrapper: Obj | None = None  # joblib's, just built: a raw array may follow

    def adopt(self, other: State) -> None:
        """Start where `other` stands, as bytes that may be no opcodes."""
        self.stack, self.memo = list(other.stack), other.memo.copy()
        self.outer = [list(stack) for stack in other.outer]
        self.protocol, self.is_strict = other.protocol, True
        self.no_modules = {name for _, name in other.globals if name[:1].isupper()}

    def place(self, pos: int, length: int = 1) -> Span:
        """Return the place of an opcode whose argument starts at `pos` in the block."""
        return Span(self.blocks.base + pos - 1, length)

    def pop_mark(self) -> list[Object]:
        """Take what stands above the last MARK."""
        items = self.stack
        self.stack = self.outer.pop()
        return items

    def crossed(self, end: int) -> None:
        """Note when an opcode that ends at `end` is not whole in its frame.

        Python's unpickler then fails, C's reads on in memory, and from a file it loses bytes: names
        may be others than those that stand in the file.
        """
        if end > self.frame_end:
            detail = "an opcode crosses the end of its frame: unpicklers read different programs"
            self.ledger.conflict(Span(self.frame_end, 0), detail)

    def broken(self, start: int) -> None:
        """Note the same of an opcode at `start` that no unpickler gets past."""
        try:
            code = self.blocks.source.read_at(start, 1)[0]
            end = argument_end(self.blocks, code, start + 1)
        except Malformed:
            end = self.blocks.size + 1
        if start < self.frame_end:
            self.crossed(end)

    def sparse(self, pos: int, slot: int) -> None:
        """Note a memo slot for which C's unpickler would need very much memory."""
        if slot < 4 * len(self.memo):
            return
        detail = f"memo slot {slot}: C's unpickler takes 8 bytes for each slot up to it"
        self.ledger.conflict(self.place(pos), detail)

    def import_(self, at: Span, op: str, module: str, name: str) -> Global:
        """Note an import, by the name that Python 3 gives it."""
        key = (module, name)
        if self.protocol <= LAST_MAPPED:
            key = python3_name(module, name)
        target = self.globals.get(key)
        if target is None:
            is_odd = key[0] in self.no_modules or not (_is_name(key[0]) and _is_name(key[1]))
            if self.is_strict and is_odd:
                raise ValueError(f"{key[0][:40]!r} and {key[1][:40]!r} are no names")
            target = self.globals[key] = SHARED.get(key) or Global(*key)
            self.has_wrappers = self.has_wrappers or wrappers.is_wrapper_name(key[1])
            self.ledger.imported(at, target, op)
        return target

    def call(
        self, at: Span, op: str, callee: Object, arguments: Object, keywords: Object = None
    ) -> Obj | Global:
        """Note a call and return what stands for its result."""
        if type(callee) in INERT:
            raise ValueError(f"{op} calls a {type(callee).__name__.lower()}")
        if type(arguments) is not tuple and type(arguments) in INERT:
            detail = f"{op} with arguments that are no tuple: Python's unpickler calls, C's fails"
            self.ledger.conflict(at, detail)
        through = lookups.rebuilt(callee, arguments) if type(callee) is Obj else None
        if through is not None:
            op, (callee, arguments, keywords) = "NEWOBJ_EX", through
        self._note(at, op, callee, arguments, keywords)
        self.weight += 1
        found = looked_up(callee, arguments)
        if found is not None:
            if isinstance(found, Global) and lookups.imports(callee):
                self.ledger.imported(at, found, op)
            return found
        made = Obj(callee, arguments, keywords)
        if type(callee) is not Global or callee.name not in lookups.REBUILDERS:
            return made
        result = self._forwarded(at, made)
        given = lookups.built_with(made)
        if given is not None:
            self.build(at, result, given)
        return result

    def _note(self, at: Span, op: str, callee: Object, arguments: Object, keywords: Object) -> None:
        if self.payloads.look(callee, arguments) and isinstance(arguments, tuple):
            arguments = (READ_APART, *arguments[1:])
        self.ledger.called(at, op, callee, arguments, keywords)
        loaded = loads_inside(callee, arguments)
        if loaded is not None:
            self._note(at, op, LOADS, (loaded,), None)

    def _forwarded(self, at: Span, made: Obj) -> Obj:
        """Note what a rebuilder calls with its arguments; return what the last one gives."""
        for _ in range(FORWARDED):
            for name, value in lookups.asked_for(lookups.state_given(made)):
                self._set(at, made, name, value)
            found = lookups.forwarded(made)
            if found is None or type(found[1]) in INERT:
                return made
            op, callee, arguments, keywords = found
            self._note(at, op, callee, arguments, keywords)
            made = Obj(callee, arguments, keywords)
        self.ledger.conflict(at, f"more than {FORWARDED} rebuilders, one called by the other")
        return made

    def _set(self, at: Span, target: Object, name: str, value: Object) -> None:
        self.ledger.called(at, "BUILD", SETATTR, (target, name, value), None)

    def build(self, at: Span, target: Object, state: Object) -> None:
        """Note that `target` gets a state."""
        if type(target) in INERT:
            return  # no attributes to set: fails, or the state is empty
        self.ledger.state(at, self._changed(target), state)
        if not isinstance(target, Obj):
            return
        for name, value in lookups.asked_for(state):
            self._set(at, target, name, value)
        found = wrappers.kind(target) if self.has_wrappers else None
        if found is not None:
            self._read_array(at, target, state, found)
            return
        is_again = target.state is not None
        target.state = wrappers.merged(target.state, state, FIRST) if is_again else state
        if arrays.is_dtype(target):
            target.state = state
            self._check_dtype(at, target, is_again=is_again)

    def _changed(self, target: Object) -> Object:
        """Return what a state or items for `target` change."""
        behind = lookups.behind(target) if type(target) is Obj else None
        return target if behind is None else behind

    def _check_dtype(self, at: Span, dtype: Obj, *, is_again: bool) -> None:
        """Note a data type that makes numpy read what is none of the array's values."""
        self._looked_at(FIELD * arrays.field_count(dtype))
        wrong = "its state is set twice" if is_again else arrays.lie(dtype)
        if wrong:
            self.ledger.conflict(at, f"a dtype that numpy never writes: {wrong}", kind="dtype")

    def _read_array(self, at: Span, target: Obj, state: Object, kind: wrappers.Kind) -> None:
        """Note what joblib reads when a wrapper has got a state."""
        target.state = wrappers.merged(target.state, state)
        if kind is wrappers.Kind.RAW:
            self.wrapper = array = wrappers.Array(target.callee, ())
            array.state, self.leaves_block = target.state, True
        else:
            array = wrappers.from_file(target)
            self.ledger.called(at, "BUILD", array.callee, array.arguments, None)
        if kind is wrappers.Kind.ODD:
            detail = "joblib may read an array here: its wrapper is not made as joblib makes them"
            self.ledger.conflict(at, detail)
        self.stack[-1] = array

    def add(self, at: Span, op: str, target: Object, items: list[Object]) -> None:
        """Add items, or keys and values, to a container or any other object."""
        kind = type(target)
        if kind is Raw or (kind in INERT and not items):
            return  # a bytearray; or nothing is added to anything
        if kind in INERT and op not in ADDERS.get(kind, ()):
            raise ValueError(f"{op} on a {kind.__name__.lower()}")
        if isinstance(target, list):  # a dict and a set are lists here, too
            target.extend(items)
            self.keep(target, len(items))
            return
        self.ledger.items(at, op, self._changed(target), items)
        if isinstance(target, Obj):
            self._add_by_attribute(at, op, target, items)
            target.items = target.items if target.items is not None else Dict()
            target.items.extend(items)
            self.keep(target.items, len(items))

    def _add_by_attribute(self, at: Span, op: str, target: Obj, items: list[Object]) -> None:
        """Note the call that items make when the object was given its own way to add them."""
        if not isinstance(target.state, Dict):
            return
        self._looked_at(len(target.state))
        own = lookups.adder(op, target.state)
        if own is not None:
            self.ledger.called(at, op, own, tuple(items), None)

    def _looked_at(self, values: int) -> None:
        """Account for values that are looked at each time, however often they were before."""
        self.looked_at += values
        if self.looked_at > MAX_LOOKED_AT:
            raise Exceeded("attributes", MAX_LOOKED_AT, "values looked at again and again")

    def keep(self, container: list[Object], added: int) -> None:
        """Account for values added to a container; when it is large, forget its plain ones."""
        self.weight += added
        size = len(container)
        if size > KEPT and size.bit_length() != (size - added).bit_length():
            if isinstance(container, Dict):
                rest = [
                    item
                    for pair in Dict(container[FIRST:]).pairs()
                    if not (_is_scalar(pair[0]) and _is_scalar(pair[1]))
                    for item in pair
                ]
            else:
                rest = [item for item in container[FIRST:] if not _is_scalar(item)]
            container[FIRST:] = rest
            self.weight -= size - len(container)


def _is_name(text: str) -> bool:
    return NAME.fullmatch(text.partition(MORE)[0]) is not None


def _is_scalar(value: Object) -> bool:
    return isinstance(value, str | int | float | Raw) or value is None
