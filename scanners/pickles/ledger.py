"""The account of what a pickle does: equal effects once, with their count, and never one lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from .. import telling
from ..facts import Call, Conflict, Effect, ExtensionUse, Fact, Import, ItemsSet, StateSet, shorten
from ..limits import Exceeded
from ..record import replace
from ..telling import MANY
from ..values import Blob, Global, Group, Made, texts_in
from .lookups import named
from .objects import TEXT, Exporter, Obj, Raw, directly_in
from .shapes import judged_whole, shape

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..source import Source, Span
    from ..values import Value
    from .objects import Object

MAX_ENTRIES = 80_000  # different effects of one pickle; of further imports `rest` keeps some
SHOWN_CALLS = 256  # different calls of one callee; of further ones, one of each shape ...
SHOWN_SHAPES = 256  # ... and beyond that many shapes, all the others as one
SHOWN_TENSORS = 8  # ... of torch's rebuilding of tensors, which are facts of their own
SHOWN_STATES = 8  # different states or items of one class
MAX_STEPS = 20_000_000  # values looked at for imported names

Key: TypeAlias = tuple[object, ...]

REBUILD = Global("torch._utils", "_rebuild_tensor_v2")
MANY_TENSORS: Key = ("call", "REDUCE", REBUILD, MANY, None)
TENSOR_HOOKS: Key = (
    "call", "REDUCE", Global("collections", "OrderedDict"), Group("tuple"), None,
)  # fmt: skip


class Entry:
    """One effect, how often it was seen, and the imported names in its arguments."""

    __slots__ = ("alike", "count", "fact", "names", "texts")

    def __init__(self, fact: Fact, alike: Key) -> None:
        """Start with one sighting; effects with equal `alike` are judged alike."""
        self.fact, self.alike, self.count = fact, alike, 1
        self.names: dict[str, None] = {}
        self.texts: dict[str, str] = {}  # kind -> the first text of it

    def filled(self) -> Fact:
        """Return the fact with its count, names, and texts that its arguments do not show."""
        if isinstance(self.fact, Call):
            shown = {*texts_in(self.fact.arguments), *texts_in(self.fact.keywords)}
            hidden = tuple(text for text in self.texts.values() if text not in shown)
            names = tuple(self.names)
            return replace(self.fact, names=names, texts=hidden, count=self.count)
        if isinstance(self.fact, StateSet | ItemsSet):
            return replace(self.fact, names=tuple(self.names), count=self.count)
        return self.fact


class Ledger:
    """All effects of one pickle, in the order in which they were first seen."""

    def __init__(self, source: Source) -> None:
        """Start with no effect; blobs are shown from `source`."""
        self.export = Exporter(source).value
        self._entries: dict[Key, Entry] = {}
        self._alike: set[Key] = set()
        self._shown: dict[Key, int] = {}
        self._steps = 0
        self.records = 0  # tensors of torch whose two calls are not counted in the entries

    def facts(self) -> Iterator[Fact]:
        """Yield every fact, counts filled in."""
        for key in (MANY_TENSORS, TENSOR_HOOKS) if self.records else ():
            self._entries[key].count += self.records
        self.records = 0
        for entry in self._entries.values():
            yield entry.filled()

    def beyond(self, other: Ledger) -> list[Entry]:
        """Return the effects of which `other`, another reading, has none alike."""
        return [
            entry
            for entry in self._entries.values()
            if isinstance(entry.fact, Effect) and entry.alike not in other._alike
        ]

    def include(self, entries: Iterable[Entry]) -> None:
        """Take over effects of another reading of the same bytes."""
        for entry in entries:
            self._entries["included", entry.alike, entry.fact] = entry
            self._alike.add(entry.alike)

    @property
    def callees(self) -> set[str]:
        """The dotted names of everything imported that was called."""
        facts = (entry.fact for entry in self._entries.values())
        return {
            fact.callee.dotted
            for fact in facts
            if isinstance(fact, Call) and isinstance(fact.callee, Global)
        }

    def imported(self, at: Span, target: Global, op: str) -> None:
        """Note that `target` is imported."""
        key = ("import", target)
        if key not in self._entries:
            self._add(key, Import(at=at, module=target.module, name=target.name, op=op))

    def holds_import(self, found: Import) -> bool:
        """Whether this import was noted."""
        return ("import", Global(found.module, found.name)) in self._entries

    def extension(self, at: Span, code: int) -> None:
        """Note that the object with number `code` is taken from the registry."""
        if ("extension", code) not in self._entries:
            self._add(("extension", code), ExtensionUse(at=at, code=code))

    def conflict(self, at: Span, detail: str, *, kind: str = "reader") -> None:
        """Note that unpicklers would not agree."""
        if ("conflict", detail) not in self._entries:
            self._add(("conflict", detail), Conflict(at=at, kind=kind, detail=shorten(detail)))

    def called(
        self, at: Span, op: str, callee: Object, arguments: Object, keywords: Object
    ) -> None:
        """Note a call."""
        who = callee if isinstance(callee, Global) else self.export(callee)
        kind: Key = ("call", op, _class(who))
        most = SHOWN_TENSORS if callee == REBUILD else SHOWN_CALLS
        if not self._room(kind, most):
            self._called_again(at, op, callee, arguments, keywords)
            return
        shown, named = self.export(arguments), self.export(keywords)
        key = ("call", op, who, shown, named)
        if not self._count(key, arguments, keywords):
            self._shown[kind] += 1
            fact = Call(at=at, callee=who, arguments=shown, keywords=named, op=op)
            alike = _shape(op, callee, arguments, keywords)
            self._name(self._add(key, fact, alike), arguments, keywords)

    def _called_again(
        self, at: Span, op: str, callee: Object, arguments: Object, keywords: Object
    ) -> None:
        """Note one of very many calls by the first of its shape."""
        if callee != REBUILD:
            key = _shape(op, callee, arguments, keywords)
            if self._count(key, arguments, keywords):
                return
            who = self.export(callee)
            kind: Key = ("shape", op, _class(who))
            if self._room(kind, SHOWN_SHAPES):
                self._shown[kind] += 1
                shown = self.export(arguments)
                fact = Call(at=at, callee=who, arguments=shown, keywords=MANY, op=op)
                self._name(self._add(key, fact), arguments, keywords)
                return
        who = _class(self.export(callee))
        key = ("call", op, who, MANY, None)
        if not self._count(key, arguments, keywords):
            fact = Call(at=at, callee=who, arguments=MANY, op=op)
            self._name(self._add(key, fact), arguments, keywords)

    def holds_record(self, storage: str) -> bool:
        """Whether torch's two calls for a tensor of this class are only counted from now on."""
        rebuild, hooks = self._entries.get(MANY_TENSORS), self._entries.get(TENSOR_HOOKS)
        return rebuild is not None and hooks is not None and storage in rebuild.names

    def state(self, at: Span, target: Object, state: Object) -> None:
        """Note that BUILD gives `target` a state."""
        who = _class(self.export(target, 3))
        room = self._room(("state", who), SHOWN_STATES)
        shown = self._state(state) if room else MANY
        key = ("state", who, shown)
        if not self._count(key, state):
            self._shown[("state", who)] += 1
            fact = StateSet(at=at, target=who, state=shown)
            self._name(self._add(key, fact, ("state", who)), state)

    def _state(self, state: Object) -> Value:
        """Return a state for a fact: rather all its attributes than a few of them in depth."""
        shown = self.export(state)
        for depth in (2, 1):
            if not isinstance(shown, Group) or not shown.left_out:
                break
            shown = self.export(state, depth)
        return shown

    def items(self, at: Span, op: str, target: Object, items: Object) -> None:
        """Note that `items` are put into `target`."""
        who = _class(self.export(target, 3))
        room = self._room(("items", op, who), SHOWN_STATES)
        shown = self.export(items) if room else MANY
        key = ("items", op, who, shown)
        if not self._count(key, items):
            self._shown[("items", op, who)] += 1
            fact = ItemsSet(at=at, target=who, items=shown, op=op)
            self._name(self._add(key, fact, ("items", op, who)), items)

    def _room(self, key: Key, most: int) -> bool:
        return self._shown.setdefault(key, 0) < most

    def _count(self, key: Key, *values: Object) -> bool:
        """Count an effect that is known already; whether it is."""
        entry = self._entries.get(key)
        if entry is None:
            return False
        entry.count += 1
        self._name(entry, *values)
        return True

    def _add(self, key: Key, fact: Fact, alike: Key = ()) -> Entry:
        if len(self._entries) >= MAX_ENTRIES:
            raise Exceeded("entries", MAX_ENTRIES, "different effects of a pickle")
        entry = self._entries[key] = Entry(fact, alike or key)
        self._alike.add(entry.alike)
        return entry

    def _name(self, entry: Entry, *values: Object) -> None:
        """Add the imported names in `values`, also those of what was made, and texts for a call."""
        wants_texts = isinstance(entry.fact, Call)
        for value in values:
            for each in directly_in(value):
                self._steps += 1
                if isinstance(each, Global):
                    entry.names.setdefault(shorten(each.dotted, 512))
                elif isinstance(each, Obj) and isinstance(each.callee, Global):
                    found = named(each) or each.callee
                    entry.names.setdefault(shorten(found.dotted, 512))
                if wants_texts and isinstance(each, str | Raw | Obj):
                    self._tell(entry, each)
        if self._steps > MAX_STEPS:
            raise Exceeded("steps", MAX_STEPS, "values of a pickle")

    def _tell(self, entry: Entry, found: str | Raw | Obj) -> None:
        """Keep a text, if it is the first of its kind; bytes that read as one are one."""
        if telling.TELLING not in entry.texts:
            text = self._text(found)
            if text:
                entry.texts.setdefault(telling.kind_of(text), text)

    def _text(self, found: str | Raw | Obj) -> str:
        """Return a text, or what stands for one that is put together while loading; "" for none."""
        if isinstance(found, str):
            return shorten(found, TEXT)
        if isinstance(found, Obj):
            maker = named(found.callee) if isinstance(found.callee, Obj) else found.callee
            if named(found) or not isinstance(maker, Global):
                return ""
            is_made = telling.makes_text(maker.module, maker.name)
            return f"a text that {maker.dotted} makes" if is_made else ""
        shown = self.export(found)
        if not isinstance(shown, Blob):
            return str(shown)
        words = telling.text_in(bytes.fromhex(shown.head), shown.at.length)
        return words if telling.is_telling(words) else ""  # a word in bytes is data


def _shape(op: str, callee: Object, arguments: Object, keywords: Object) -> Key:
    """Return what is equal for calls that are judged alike."""
    words = judged_whole(callee, arguments)
    return ("shape", op, shape(callee), words, shape(arguments), shape(keywords))


def _class(who: Value) -> Value:
    """Return what stands for all that was made by the same callee, or of the same class."""
    match who:
        case Made(Global("copyreg", "_reconstructor"), (Global() as made, *_)):
            return Made(made)  # protocols 0 and 1 make their objects so
        case _:
            pass
    if isinstance(who, Made) and not isinstance(who.callee, Made):
        return Made(who.callee)
    return who
