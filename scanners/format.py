"""What a format is: how to tell it by content, and how to read it into facts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, TypeAlias

from .facts import Fact
from .record import record

if TYPE_CHECKING:
    from .limits import Budget
    from .source import Source

HEAD = 4096  # bytes of a subject that are at hand without a further read


class Match(IntEnum):
    """How surely content is of a format."""

    NO = 0
    POSSIBLE = 1  # nothing contradicts it, but other data could look so too
    CERTAIN = 2  # a signature that other data does not carry


@record
class Subject:
    """One run of bytes to be identified and read."""

    source: Source
    name: str  # last component of its path; "" when it has none. Never decides what it is.
    head: bytes  # the first HEAD bytes, or all of a shorter source

    @classmethod
    def of(cls, source: Source, name: str = "") -> Subject:
        """Return `source` with its first bytes read."""
        return cls(source, name, source.read_at(0, min(HEAD, source.size)))


@record
class Part:
    """Bytes inside an artifact that are an artifact of their own, such as an archive member.

    A part with `formats` will be read by a loader as one of these (ids), whatever it looks like.
    Of an `is_raw` part a loader reads numbers only, so what merely could be a format is none there.
    `audit` is asked once the part was read, for facts that only reading its bytes could show.
    """

    name: str
    source: Source
    formats: tuple[str, ...] = ()
    is_raw: bool = False
    audit: Callable[[], Iterable[Fact]] = tuple  # an empty tuple: nothing to add


@record
class Plain:
    """Parts of raw numbers of which there is nothing to tell: none starts like a file.

    A checkpoint has tens of thousands of them. Whoever yields it accounts for each in the budget.
    """

    count: int


Parsed: TypeAlias = Iterator[Fact | Part | Plain]


@record
class Format:
    """A file format.

    `recognise` looks at content, and at the name only for texts that have no signature. `parse`
    yields facts and parts in file order; it may raise `Malformed`, `Exceeded` or `OSError` at any
    point, and what it yielded before stands.
    """

    id: str
    title: str
    media_type: str
    spec: str  # address of the specification
    suffixes: tuple[str, ...]  # lower case, with the dot; only those that promise this format
    recognise: Callable[[Subject], Match]
    parse: Callable[[Subject, Budget], Parsed]
    refines: tuple[str, ...] = ()  # ids of formats that this one is a special case of
    wraps: bool = False  # a compressed stream: its content may be what the file's name promises
    model: bool = False  # carries weights or a graph: a component of its own in the BOM
