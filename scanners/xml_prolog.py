"""What an XML document declares before its content: its root, and the entities of its DTD.

A kit (see `kits`): it imports expat, which is told to fetch nothing. Where a DTD declares entities,
nothing behind it is parsed, so that none is ever expanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.parsers import expat

from .facts import Expansion, Fact, Metadata, Reference, Refers, shorten
from .patterns import pattern
from .source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .limits import Budget
    from .source import Source

BLOCK = 1 << 20  # bytes that are handed to expat at once
MOST = 1000  # entities that are told apart
LARGE = 1 << 20  # characters that one entity may stand for, if they are more than the file has
RATIO = 100  # ... times as many, at least
USE = pattern(r"[&%]([^&%;\s]+);")
ADDRESS = pattern(r"[A-Za-z][\w+.-]*:")
XINCLUDE = "http://www.w3.org/2001/XInclude"
INCLUDE = f"{XINCLUDE} include"
ROOM = 300  # characters of a name or address


class _Enough(Exception):  # noqa: N818 - it names what was reached
    """No more of the document need be parsed."""


class _Prolog:
    """Handlers of one document."""

    def __init__(self) -> None:
        self.root = ""
        self.facts: list[Fact] = []
        self.inner: dict[str, str] = {}  # entities that stand for a text
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EndDoctypeDeclHandler = self._end
        self.parser.StartElementHandler = self._element
        self.has_entities = False

    def _at(self) -> Span:
        return Span(max(0, self.parser.CurrentByteIndex), 0)

    def _doctype(self, name: str, system: str | None, public: str | None, has_subset: int) -> None:
        del has_subset
        if system and not public and ADDRESS.match(system):  # in no reader's catalogue
            target = shorten(system, ROOM)
            self.facts.append(
                Reference(at=self._at(), kind=Refers.ENTITY, key="DTD", target=target)
            )
        elif system:
            detail = shorten(f"{name} {system}", ROOM)
            self.facts.append(Metadata(at=self._at(), key="xml.dtd", value=detail))

    def _entity(  # noqa: PLR0913, PLR0917 - as expat calls it
        self, name: str, is_parameter: int, value: str | None, base: str | None,
        system: str | None, public: str | None, notation: str | None,
    ) -> None:  # fmt: skip
        del base, public
        self.has_entities = True
        kind = "parameter entity" if is_parameter else "entity"
        if system is not None and notation is None and len(self.facts) < MOST:
            self.facts.append(
                Reference(
                    at=self._at(),
                    kind=Refers.ENTITY,
                    key=shorten(f"{kind} {name}", ROOM),
                    target=shorten(system, ROOM),
                )
            )
        if value is not None and len(self.inner) < MOST:
            self.inner.setdefault(name, value)

    def _end(self) -> None:
        if self.has_entities:
            raise _Enough

    def _element(self, name: str, attributes: dict[str, str]) -> None:
        if not self.root:
            self.root = name.rpartition(" ")[2]
        if name == INCLUDE and len(self.facts) < MOST:
            target = shorten(attributes.get("href", ""), ROOM)
            at = self._at()
            self.facts.append(Reference(at=at, kind=Refers.ENTITY, key="include", target=target))


def facts(source: Source, budget: Budget) -> Iterator[Fact]:
    """Yield the root, what readers of the document may fetch, and what expands beyond measure.

    Raises:
        Malformed: It is no XML.
        Exceeded: It takes too long.
    """
    prolog = _Prolog()
    stopped = None
    try:
        _feed(prolog, source, budget)
    except _Enough:
        pass
    except expat.ExpatError as error:
        at = max(0, prolog.parser.ErrorByteIndex)
        stopped = Malformed("XML", offset=at, why=expat.ErrorString(error.code) or "not XML")
    except (LookupError, ValueError) as error:  # an encoding that is none of expat's own
        stopped = Malformed("XML", offset=0, why=shorten(str(error), ROOM))
    yield from prolog.facts
    yield from _expansions(prolog.inner, source.size)
    if stopped:
        raise stopped
    if prolog.root:
        yield Metadata(key="xml.root", value=shorten(prolog.root, ROOM))


def _feed(prolog: _Prolog, source: Source, budget: Budget) -> None:
    at = 0
    while at < source.size:
        block = source.read_at(at, min(BLOCK, source.size - at))
        prolog.parser.Parse(block, False)  # noqa: FBT003 - expat takes no keyword
        at += len(block)
        budget.check_time()
    prolog.parser.Parse(b"", True)  # noqa: FBT003 - likewise


def _expansions(inner: dict[str, str], size: int) -> Iterator[Fact]:
    """Yield the entity that stands for most, if that is far more than the file has."""
    lengths: dict[str, int] = {}
    for name in inner:
        _measure(name, inner, lengths)
    if not lengths:
        return
    name = max(lengths, key=lambda each: lengths[each])
    if lengths[name] > max(LARGE, RATIO * size):
        produced = min(lengths[name], 1 << 62)
        yield Expansion(name=shorten(f"entity {name}", ROOM), compressed=size, produced=produced)


def _measure(name: str, inner: dict[str, str], lengths: dict[str, int]) -> None:
    """Put down how many characters an entity stands for; one in itself stands for itself."""
    pending, open_ = [name], set[str]()
    while pending:
        current = pending[-1]
        uses = [each for each in USE.findall(inner.get(current, "")) if each in inner]
        missing = [each for each in uses if each not in lengths and each not in open_]
        if current not in lengths and missing and current not in open_:
            open_.add(current)
            pending += dict.fromkeys(missing)
            continue
        pending.pop()
        total = len(inner[current]) + sum(lengths.get(each, 0) for each in uses)
        lengths[current] = min(total, 1 << 62)
