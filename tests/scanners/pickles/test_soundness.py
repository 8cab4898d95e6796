# ruff: noqa: ARG001, ARG002, ARG004 - recorders take what a real object would
"""Random programs under real unpicklers: nothing they import or call may be missing from the facts.

The unpicklers here run only programs that this module made itself, and their `find_class` returns
inert recorders. `python -m tests.scanners.pickles.test_soundness 1000000` runs that many.
"""

from __future__ import annotations

import copyreg
import io
import os
import pickle
import random
import re
import struct
import sys
import warnings
from typing import TYPE_CHECKING, Any

from aibom.scanners.facts import Call, Conflict, ExtensionUse, Import, ItemsSet, StateSet
from aibom.scanners.limits import Budget, Exceeded, Limits
from aibom.scanners.pickles.opcodes import python3_name
from aibom.scanners.pickles.stream import Pickle
from aibom.scanners.source import BytesSource, Malformed
from aibom.scanners.values import Global, Made, Value

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

PROGRAMS = int(os.environ.get("AIBOM_SOUNDNESS_PROGRAMS", "6000"))
EXTENSIONS = {101: ("extmod", "one"), 300: ("extmod", "two")}
Event = tuple[str, str]


class Recorder:
    """Stands for an import, or for what calling it returned; notes what is done to it."""

    events: list[Event]
    dotted: str

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        made = object.__new__(cls)
        cls.events.append(("call", cls.dotted))
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self.events.append(("call", f"{self.dotted}()"))
        return _recorder(self.events, f"{self.dotted}()")()

    def __setstate__(self, state: Any) -> None:  # noqa: ANN401
        self.events.append(("state", self.dotted))

    def append(self, item: Any) -> None:  # noqa: ANN401
        self.events.append(("items", self.dotted))

    def extend(self, items: Any) -> None:  # noqa: ANN401
        self.events.append(("items", self.dotted))

    def add(self, item: Any) -> None:  # noqa: ANN401
        self.events.append(("items", self.dotted))

    def __setitem__(self, key: Any, value: Any) -> None:  # noqa: ANN401
        self.events.append(("items", self.dotted))


def _recorder(events: list[Event], dotted: str) -> Any:  # noqa: ANN401
    return type("Recording", (Recorder,), {"events": events, "dotted": dotted})


def _find_class(events: list[Event]) -> Callable[[Any, str, str], Any]:
    def find_class(self: Any, module: str, name: str) -> Any:  # noqa: ANN401
        events.append(("import", f"{module}.{name}"))
        return _recorder(events, f"{module}.{name}")

    return find_class


def observed(program: bytes, base: Any) -> list[Event]:  # noqa: ANN401
    """Return what an unpickler of class `base` imports, calls and changes."""
    events: list[Event] = []

    def persistent_load(_self: object, _id: object) -> Any:  # noqa: ANN401
        return _recorder(events, "<persistent>")

    own = {"find_class": _find_class(events), "persistent_load": persistent_load}
    kind = type("Recording", (base,), own)
    try:
        with warnings.catch_warnings(action="ignore"):
            kind(io.BytesIO(program), buffers=[b"x"] * 4).load()
    except Exception:  # noqa: BLE001, S110 - any failure ends a program
        pass
    return events


def stated(program: bytes) -> tuple[set[Event], bool]:
    """Return the same, as the facts say it, and whether the facts leave something open."""
    events: set[Event] = set()
    is_open = False
    try:
        for fact in Pickle(BytesSource(program), 0, Budget(Limits()), is_strict=False).read():
            match fact:
                case Import():
                    events.add(("import", fact.dotted))
                case Call():
                    events.add(("call", _who(fact.callee)))
                case StateSet():
                    events.add(("state", _who(fact.target)))
                case ItemsSet():
                    events.add(("items", _who(fact.target)))
                case ExtensionUse():
                    events.add(("import", ".".join(EXTENSIONS.get(fact.code, ("", "")))))
                case Conflict():
                    is_open = is_open or "frame" in fact.detail or "memo slot" in fact.detail
                case _:
                    pass
    except Malformed:
        pass
    except Exceeded:
        is_open = True
    return events, is_open


def _who(value: Value) -> str:
    match value:
        case Global():
            return value.dotted
        case Made(Global() as callee, _):
            return callee.dotted
        case _:
            return "<unknown>"


def missing(made: bytes, bases: Iterable[Any]) -> list[tuple[str, Event]]:
    """Return what unpicklers did that no fact states."""
    events, is_open = stated(made)
    if is_open:
        return []
    return [
        (base.__name__, event)
        for base in bases
        for event in observed(made, base)
        if not _is_stated(event, events)
    ]


def _is_stated(event: Event, events: set[Event]) -> bool:
    kind, who = event
    plain = who.replace("()", "")
    names = {plain, ".".join(python3_name(*plain.partition(".")[::2]))}
    if any((kind, name) in events for name in names):
        return True
    is_vague = "()" in who or plain.startswith(("<persistent>", "extmod."))
    if kind == "import":
        computed = [known for known in events if "<computed>" in known[1]]
        return any(_fits(known, plain) for _, known in computed)
    return (kind, "<unknown>") in events and is_vague


def _fits(pattern: str, dotted: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace("<computed>", ".*"), dotted) is not None


# --- Programs -------------------------------------------------------------------------------------

NAMES = ("os", "system", "a", "b.c", "posix", "__builtin__", "itertools", "imap", "builtins", "é")


def program(roll: random.Random) -> bytes:
    """Return a program of random opcodes, biased to those that do something."""
    parts = [b"\x80" + bytes([roll.choice((0, 1, 2, 3, 4, 5))])] if roll.random() < 0.8 else []
    for _ in range(roll.randrange(2, 40)):
        parts.append(roll.choice(SNIPPETS)(roll))  # noqa: PERF401 - the order of rolls counts
    parts.append(b".")
    out = b"".join(parts)
    if roll.random() < 0.1:
        out = out[: roll.randrange(len(out))]
    if roll.random() < 0.1 and out:
        at = roll.randrange(len(out))
        out = out[:at] + bytes([roll.randrange(256)]) + out[at + 1 :]
    return out


def _fixed(code: bytes) -> Callable[[random.Random], bytes]:
    return lambda _roll: code


def _name(roll: random.Random) -> str:
    return roll.choice(NAMES)


def _text(roll: random.Random) -> bytes:
    raw = _name(roll).encode()
    return roll.choice(
        (
            b"\x8c" + bytes([len(raw)]) + raw,
            b"X" + struct.pack("<I", len(raw)) + raw,
            b"\x8d" + struct.pack("<Q", len(raw)) + raw,
            b"U" + bytes([len(raw)]) + raw,
            b"T" + struct.pack("<i", len(raw)) + raw,
            b"S'" + raw + b"'\n",
            b'S"' + b"".join(b"\\x%02x" % each for each in raw) + b'"\n',
            b"V" + raw + b"\n",
            b"V" + b"".join(b"\\u%04x" % each for each in raw) + b"\n",
            b"C" + bytes([len(raw)]) + raw,
        )
    )


def _stack_global(roll: random.Random) -> bytes:
    return _text(roll) + _memo(roll) + _text(roll) + _memo(roll) + b"\x93"


def _global(roll: random.Random) -> bytes:
    return b"c" + _name(roll).encode() + b"\n" + _name(roll).encode() + b"\n"


def _memo(roll: random.Random) -> bytes:
    slot = roll.randrange(6)
    return roll.choice(
        (
            b"",
            b"\x94",
            b"q" + bytes([slot]),
            b"r" + struct.pack("<I", roll.choice((slot, 5000))),
            b"p%d\n" % slot,
            b"p 0%d\n" % slot,
            b"p%d\0x\n" % slot,
        )
    )


def _get(roll: random.Random) -> bytes:
    slot = roll.randrange(6)
    return roll.choice(
        (b"h" + bytes([slot]), b"j" + struct.pack("<I", slot), b"g%d\n" % slot, b"g%d\0\n" % slot)
    )


def _call(roll: random.Random) -> bytes:
    target = roll.choice((_global, _stack_global, _get))(roll)
    return roll.choice(
        (
            target + b")R", target + b")\x81", target + b")}\x92", b"(" + target + b"o",
            b"(" + _text(roll) + b"i" + _name(roll).encode() + b"\nf\n", target + b"]R",
            target + _text(roll) + b"\x85R", b"(" + target + _text(roll) + b"o",
        )
    )  # fmt: skip


def _number(roll: random.Random) -> bytes:
    return roll.choice(
        (b"K\x05", b"M\1\2", b"J\1\0\0\0", b"I7\n", b"I01\n", b"I012\n", b"L8L\n", b"F1.5\n",
         b"I1\0x\n", b"I\0\n", b"F1.5\0x\n", b"L1\0\n", b"G" + bytes(8),
         b"\x8a\1\5", b"\x8b\1\0\0\0\5", b"N", b"\x88", b"\x89")
    )  # fmt: skip


def _change(roll: random.Random) -> bytes:
    target = roll.choice((_call, _global, _get, _fixed(b"]"), _fixed(b"}"), _fixed(b"\x8f")))(roll)
    return target + roll.choice(
        (b"}b", b"Nb", b"N}\x86b", b"K\1a", b"(K\1K\2e", b"K\1K\2s", b"(K\1K\2u", b"(K\1K\2K\3u",
         b"(K\1\x90", b"]b")
    )  # fmt: skip


SNIPPETS: tuple[Callable[[random.Random], bytes], ...] = (
    _text, _text, _global, _stack_global, _stack_global, _memo, _memo, _get, _get, _call, _call,
    _call, _number, _change, _change,
    *map(_fixed, (b"(", b"t", b"R", b"\x81", b"\x92", b"o", b"b", b"0", b"1", b"2", b"\x93", b"]",
                  b"}", b")", b"\x8f", b"l", b"d", b"\x85", b"\x86", b"\x87", b"a", b"e", b"s",
                  b"u", b"\x90", b"\x91", b"Q", b"Pid\n", b"\x97", b"\x82\x65",
                  b"\x83\x2c\1", b"\x82\7", b"\x80\2", b"\x80\4", b"\x95" + bytes([9] + [0] * 7),
                  b"\x95" + bytes([200] + [0] * 7), b"\x96\2" + bytes(7) + b"ab")),
)  # fmt: skip


# --- The property ---------------------------------------------------------------------------------


def search(count: int, seed: int) -> list[tuple[bytes, list[tuple[str, Event]]]]:
    """Run `count` programs; return those where a fact is missing."""
    roll = random.Random(seed)
    for code, name in EXTENSIONS.items():
        copyreg.add_extension(*name, code)
    try:
        bases: tuple[Any, ...] = (vars(pickle)["_Unpickler"], pickle.Unpickler)
        programs = (program(roll) for _ in range(count))
        return [(made, lost) for made in programs if (lost := missing(made, bases))]
    finally:
        for code, name in EXTENSIONS.items():
            copyreg.remove_extension(*name, code)


def test_every_import_and_call_of_a_real_unpickler_is_a_fact() -> None:
    assert search(PROGRAMS, seed=int(os.environ.get("AIBOM_SOUNDNESS_SEED", "7"))) == []


def test_what_a_long_run_found_stays_found() -> None:
    """Calling what an id stood for was told as a call of the class that the id names."""
    bases = (vars(pickle)["_Unpickler"], pickle.Unpickler)
    made = b"\x80\x02cposix\nsystem\nX\1\0\0\0fX\1\0\0\0s\x87QK\1\x85R."
    assert [event for event in observed(made, bases[0]) if event[0] == "call"] == [
        ("call", "<persistent>")
    ]
    assert missing(made, bases) == []


if __name__ == "__main__":
    import resource

    # CPython's unpickler asks for as many bytes as a program names, before it reads any.
    resource.setrlimit(resource.RLIMIT_AS, (1 << 32, 1 << 32))
    failed = search(int(sys.argv[1]), seed=int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    print(*failed[:20], sep="\n")  # noqa: T201 - the program of the long mode
    print(len(failed), "programs with a missing fact")  # noqa: T201
    sys.exit(bool(failed))
