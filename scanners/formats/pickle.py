"""Pickle, protocols 0 to 5: one program after the other, each from its first opcode to STOP.

With protocol 2 or later a pickle starts with ``80`` and the protocol; older ones have no signature.
Specification: PEP 3154, PEP 574, and CPython's ``Lib/pickletools.py``.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from ..facts import Call, Effect, Fact, StateSet, Unclaimed
from ..format import HEAD, Format, Match, Parsed, Part, Subject
from ..patterns import pattern
from ..pickles.blocks import LINE, Blocks
from ..pickles.opcodes import COUNTED, EFFECTS, FIXED, HIGHEST_PROTOCOL, LINES, OPENERS, PROTO, STOP
from ..pickles.stream import Pickle
from ..pickles.walk import argument_end
from ..source import BytesSource, Malformed, Source, Span, Window
from .training_arguments import hyper_parameters

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from ..limits import Budget

SHORTEST = 2  # bytes: `N.` is a pickle
LOOKED_AT = 6  # opcodes that must decode where there is no signature
FIRST_SIGNED = 2  # the first protocol whose writers start with PROTO
OLD_HEADERS = {b"\x80\x00", b"\x80\x01"}  # unpicklers accept these too
WEIGHTS = ("pytorch_model.bin", "adapter_model.bin")  # whole names that promise a checkpoint
TORCH_MAGIC = bytes.fromhex("80028a0a6cfc9c46f9206aa850192e")  # a pickle of one number
PERSID = 0x50
NUMBERS = frozenset(b"FILpg")  # opcodes whose line holds a number
SIGNED = pattern(rb"\x80[\x02-\x05]")  # how a pickle of protocol 2 or later begins
SEARCHED = 1 << 20  # bytes after the last pickle that are searched for another
PLACES = 16  # where one may begin that are tried
LONG_NUMBER = pattern(rb"[-+\s0-9a-fA-FxX_.]+")  # how one begins that is not read whole
BASED = pattern(rb"\s*[+-]?0[xXoObB]_?[0-9a-fA-F_]+\s*L?")
OPCODES = frozenset(FIXED) | frozenset(COUNTED) | frozenset(LINES)


def recognise(subject: Subject) -> Match:
    """Tell a pickle by its PROTO opcode, or by first opcodes that decode."""
    if subject.head.startswith(TORCH_MAGIC):
        return Match.NO  # the format torch-legacy reads its pickles, and knows what lies after them
    return likeness(subject.head, subject.source)


def likeness(head: bytes, source: Source | None = None) -> Match:
    """Return how surely bytes that start with `head` are a pickle.

    `source` holds all of them; an argument of the first opcodes may reach far beyond `head`.
    """
    if len(head) < SHORTEST:
        return Match.NO
    if head[0] == PROTO and FIRST_SIGNED <= head[1] <= HIGHEST_PROTOCOL:
        return Match.CERTAIN if head[2:3] and head[2] in OPCODES else Match.NO
    if head[0] not in OPENERS and head[:2] not in OLD_HEADERS:
        return Match.NO
    return Match.POSSIBLE if _decodes(source or BytesSource(head)) else Match.NO


def _decodes(source: Source) -> bool:
    """Whether the first opcodes decode, up to an effect, STOP or the end."""
    blocks, at = Blocks(source), 0
    for number in range(LOOKED_AT):
        start, code = at, source.read_at(at, 1)[0]
        if code == STOP:
            return number > 0
        try:
            at = argument_end(blocks, code, at + 1)
        except Malformed:
            return code in OPCODES and number > 0
        if code in NUMBERS and not _is_number(source.read_at(start + 1, min(at - start - 2, LINE))):
            return False
        if code == PERSID and not source.read_at(start, at - start).isascii():
            return False
        if code in EFFECTS and code != PERSID:  # the PK of a zip is a PERSID: look further
            return True
        if at >= source.size:
            return number > 0
    return True


def _is_number(line: bytes) -> bool:
    """Whether an unpickler takes the line for a number; C's reads up to a NUL."""
    text = line.partition(b"\0")[0]
    if len(text) >= LINE:
        return LONG_NUMBER.fullmatch(text) is not None
    try:
        float(text.lower().removesuffix(b"l").replace(b"_", b""))
    except ValueError:
        return BASED.fullmatch(text) is not None or (not text and line != b"")
    return True


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what loading each pickle would do, and the bytes after the last one.

    Raises:
        Malformed: Nothing says that this is a pickle: no PROTO, no effect, and more bytes after it.
    """
    source, has_effect = subject.source, False
    reading = pickles(source, budget, 0)
    while True:
        try:
            item = next(reading)
        except StopIteration as done:
            at: int = done.value
            break
        has_effect = has_effect or isinstance(item, Effect)
        yield item
        if isinstance(item, StateSet):
            yield from hyper_parameters(item)
    if at < source.size:
        is_named = subject.name.lower().endswith(FORMAT.suffixes)
        if not has_effect and not is_named and likeness(subject.head) is not Match.CERTAIN:
            why = "bytes follow a program without any effect: this is chance, not a pickle"
            raise Malformed("end", offset=at, why=why)
        yield from loose(source, budget, Span(at, source.size - at), "after the pickle")


def loose(source: Source, budget: Budget, at: Span, where: str) -> Iterator[Fact | Part]:
    """Yield bytes that nothing claims, as a part, and what pickles among them would do."""
    yield Unclaimed(at=at)
    yield Part(f"(bytes {where})", Window(source, at))
    yield from _further_on(source, budget, at)


def _further_on(source: Source, budget: Budget, rest: Span) -> Iterator[Fact | Part]:
    """Yield what pickles would do that stand among other bytes.

    No loader comes to them by itself, but one that is told where they begin does.
    """
    passed = source.read_at(rest.start, min(rest.length, SEARCHED))
    for start in islice(SIGNED.finditer(passed, 1), PLACES):
        one = Pickle(source, rest.start + start.start(), budget, is_strict=True)
        found: list[Fact | Part] = []
        with suppress(Malformed):
            found.extend(one.read())
        if any(isinstance(item, Call) for item in found):
            yield from found
            return


def pickles(source: Source, budget: Budget, start: int) -> Generator[Fact | Part, None, int]:
    """Yield the facts of each pickle from `start` on; return the offset after the last one.

    The first must be a pickle. Bytes after it are read as further ones if they look so; if they do
    so only by chance, they yield nothing.
    """
    at = yield from _one(source, budget, start, is_strict=not _is_certain(source, start))
    while at < source.size:
        head = source.read_at(at, min(HEAD, source.size - at))
        match = likeness(head, Window(source, Span(at, source.size - at)))
        if match is Match.NO:
            break
        if match is Match.CERTAIN:
            at = yield from _one(source, budget, at, is_strict=False)
            continue
        end = yield from _by_chance(source, budget, at)
        if end == at:
            break
        at = end
    return at


def _is_certain(source: Source, start: int) -> bool:
    return likeness(source.read_at(start, min(HEAD, source.size - start))) is Match.CERTAIN


def _one(
    source: Source, budget: Budget, start: int, *, is_strict: bool
) -> Generator[Fact | Part, None, int]:
    one = Pickle(source, start, budget, is_strict=is_strict)
    yield from one.read()
    return one.end


def _by_chance(source: Source, budget: Budget, start: int) -> Generator[Fact | Part, None, int]:
    """Yield what bytes do that may be no pickle; nothing if they break without any effect."""
    found: list[Fact | Part] = []
    one = Pickle(source, start, budget, is_strict=True)
    try:
        found.extend(one.read())
    except Malformed:
        if not any(isinstance(item, Effect) for item in found):
            return start
        yield from found
        raise
    yield from found
    return one.end


FORMAT = Format(
    id="pickle",
    title="pickle",
    media_type="application/x-python-pickle",
    spec="https://peps.python.org/pep-3154/",
    suffixes=(".pkl", ".pickle", ".joblib", ".dill", *WEIGHTS),
    recognise=recognise,
    parse=parse,
    model=True,
)
