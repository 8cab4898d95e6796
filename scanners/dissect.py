"""A source into an artifact: every format that matches is read, and so is every part."""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import TYPE_CHECKING

from .archives.inflate import Inflated
from .artifact import Artifact, Path
from .facts import (
    NOWHERE,
    Conflict,
    Effect,
    ExtensionUse,
    Fact,
    Impossible,
    Reason,
    Reference,
    Refers,
    Unread,
    shorten,
)
from .format import Format, Match, Part, Plain, Subject
from .formats import FORMATS
from .limits import Budget, Exceeded
from .magic import BEGINNINGS, LENGTH
from .record import replace
from .source import Cached, Malformed, Source, Span, Window, head

if TYPE_CHECKING:
    from collections.abc import Iterable

BY_ID = {format_.id: format_ for format_ in FORMATS}
SUFFIXES = tuple({suffix for format_ in FORMATS for suffix in format_.suffixes})
STOPS = (Malformed, Exceeded, RecursionError, OSError)  # what may end a parser early
STAND_IN = "git-lfs-pointer"  # stands where a file of any format should be, under its name
NAME = 512  # characters of a member's name that a path keeps


def dissect(
    source: Source, path: Path, budget: Budget, as_: tuple[str, ...] = (), *, is_raw: bool = False
) -> Artifact:
    """Read `source` by every format that its content matches, and all that lies inside it.

    `as_` holds ids of formats that a loader would read it as, whatever it looks like. Everything
    that stops a reader becomes an `Unread` fact; facts that were found before stand. See `Part` for
    `is_raw`.
    """
    budget.open(source.size)
    try:
        subject = Subject.of(_cached(source), path[-1].rstrip("/").rpartition("/")[2])
        matches, missed = _matches(subject, as_)
    except STOPS as error:
        return Artifact(path, source.size, facts=(_placed(_stopped(error), source.size),))
    least = Match.CERTAIN if is_raw else Match.POSSIBLE
    readings = [_Reading(format_, match) for format_, match in matches if match >= least]
    for reading in readings:
        reading.run(subject, budget)
    for reading in readings:
        reading.run_parts(path, budget)
    kept = [reading for reading in readings if reading.holds]
    parts = [part for reading in kept for part in reading.artifacts]
    telling = tuple(part for part in parts if part.formats or part.facts or part.parts)
    facts = (*missed, *(f for r in kept for f in r.facts), *_conflicts(subject, kept))
    size = source.size  # of a compressed run that broke, less than before
    return Artifact(
        path=path,
        size=size,
        formats=tuple(reading.format.id for reading in kept),
        facts=tuple(_placed(fact, size) for fact in facts),
        parts=telling,
        plain_parts=sum(r.plain for r in kept) + len(parts) - len(telling),
    )


def _cached(source: Source) -> Source:
    """Return `source` behind a cache of blocks, if there is none on the way to its bytes yet."""
    inner = source
    while isinstance(inner, Window):
        inner = inner.parent
    return source if isinstance(inner, Cached | Inflated) else Cached(source)


def _matches(
    subject: Subject, as_: tuple[str, ...]
) -> tuple[list[tuple[Format, Match]], list[Fact]]:
    """Return every format that the content matches, and what stopped a look at it.

    A promise by name makes a possible match certain.
    """
    found: list[tuple[Format, Match]] = []
    missed: dict[str, Fact] = {}
    for format_ in FORMATS:
        try:
            match = format_.recognise(subject)
        except Malformed:
            match = Match.NO
        except Exceeded as error:
            missed[error.limit] = _stopped(error)
            match = Match.NO
        if match is Match.POSSIBLE and _promises(subject.name, format_):
            match = Match.CERTAIN
        if format_.id in as_:
            match = Match.CERTAIN
        if match:
            found.append((format_, match))
    return found, list(missed.values())


def _promises(name: str, format_: Format) -> bool:
    return name.lower().endswith(format_.suffixes)


class _Reading:
    """One format's view of a subject."""

    def __init__(self, format_: Format, match: Match) -> None:
        self.format, self._match = format_, match
        self.facts: list[Fact] = []
        self.artifacts: list[Artifact] = []
        self.plain = 0  # parts of which there is nothing to tell
        self._parts: deque[Part] = deque()
        self._broke = False

    def run(self, subject: Subject, budget: Budget) -> None:
        try:
            for item in self.format.parse(subject, budget):
                if isinstance(item, Part):
                    budget.member()
                    self._parts.append(item)
                elif isinstance(item, Plain):
                    self.plain += item.count
                else:
                    budget.fact()
                    self.facts.append(item)
        except STOPS as error:
            self._broke = isinstance(error, Malformed)
            if isinstance(error, Malformed) and error.crafted:
                self.facts.append(Impossible(at=_place(error), detail=shorten(str(error))))
            self.facts.append(_stopped(error, f"{self.format.title}: " if self._broke else ""))

    def run_parts(self, path: Path, budget: Budget) -> None:
        """Read each part, and let go of its source and what that keeps in memory."""
        while self._parts:
            part = self._parts.popleft()
            if part.is_raw and len(path) <= budget.limits.depth and _is_plain(part.source):
                self.plain += 1
            else:
                self.artifacts.append(_part(part, path, budget))

    @property
    def holds(self) -> bool:
        """Whether the bytes may be called of this format.

        A mere possibility that broke, without any effect before the break, was none.
        """
        if self._match is Match.CERTAIN or not self._broke:
            return True
        inner = (fact for part in self.artifacts for each in part.walk() for fact in each.facts)
        return any(_is_telling(fact) for fact in chain(self.facts, inner))


def _is_telling(fact: Fact) -> bool:
    """Whether noise would not look so: an extension code is a single byte of the commonest kind."""
    if isinstance(fact, Reference):
        return fact.kind is Refers.EXTERNAL_DATA
    return isinstance(fact, Effect) and not isinstance(fact, ExtensionUse)


def _placed(fact: Fact, size: int) -> Fact:
    """Return the fact with its place inside the artifact, wherever hostile offsets point."""
    if fact.at.start >= 0 and fact.at.end <= size:
        return fact
    start = min(max(0, fact.at.start), size)
    return replace(fact, at=Span(start, min(max(0, fact.at.end - start), size - start)))


def _stopped(error: Exception, title: str = "") -> Unread:
    match error:
        case Malformed():
            return _unread(Reason.MALFORMED, f"{title}{error}", _place(error))
        case OSError():
            return _unread(Reason.DENIED, str(error))
        case RecursionError():
            return _unread(Reason.LIMIT, "nested too deeply")
        case _:
            return _unread(Reason.LIMIT, str(error))


def _place(error: Malformed) -> Span:
    return Span(max(0, error.offset), 0)


def _unread(reason: Reason, detail: str, at: Span = NOWHERE) -> Unread:
    return Unread(at=at, reason=reason, detail=shorten(detail))


def _conflicts(subject: Subject, readings: list[_Reading]) -> Iterable[Fact]:
    """Yield what the name and the formats say against one another."""
    found = [reading.format for reading in readings]
    claimed = _claimed(subject.name)
    meant = found + _wrapped(readings)
    if claimed and not {STAND_IN, *(f.id for f in claimed)} & _with_refined(meant):
        titles = " or ".join(format_.title for format_ in claimed)
        if found:
            what = " and ".join(format_.title for format_ in found)
            detail = f"the name promises {titles}, the content is {what}"
            yield Conflict(kind="name", detail=detail, formats=_ids(found), promised=_ids(claimed))
        else:
            why = "it is empty" if not subject.source.size else "the content is not"
            detail = f"the name promises {titles}, {why}"
            yield _unread(Reason.MALFORMED, detail)
    apart = _unrelated(found)
    if len(apart) > 1:
        titles = " and ".join(format_.title for format_ in apart)
        detail = f"the same bytes are {titles}"
        yield Conflict(kind="polyglot", detail=detail, formats=_ids(apart))


def _ids(formats: list[Format]) -> tuple[str, ...]:
    return tuple(format_.id for format_ in formats)


def _wrapped(readings: list[_Reading]) -> list[Format]:
    """Return the formats of what compressed streams hold; any could be, if one was not read."""
    wrappers = [reading for reading in readings if reading.format.wraps]
    if any(not reading.artifacts for reading in wrappers):
        return list(FORMATS)
    ids = [id_ for reading in wrappers for part in reading.artifacts for id_ in part.formats]
    return [BY_ID[id_] for id_ in ids]


def _claimed(name: str) -> list[Format]:
    """Return the formats that `name` promises; most members' names promise nothing."""
    if not name.lower().endswith(SUFFIXES):
        return []
    return [format_ for format_ in FORMATS if _promises(name, format_)]


def _with_refined(formats: list[Format]) -> set[str]:
    """Return the ids of `formats` and of everything that they refine, at any remove."""
    ids: set[str] = set()
    pending = [format_.id for format_ in formats]
    while pending:
        current = pending.pop()
        if current not in ids:
            ids.add(current)
            pending += BY_ID[current].refines
    return ids


def _unrelated(formats: list[Format]) -> list[Format]:
    """Drop every format that another one refines."""
    general = {ref for format_ in formats for ref in _with_refined([format_]) - {format_.id}}
    return [format_ for format_ in formats if format_.id not in general]


def _part(part: Part, path: Path, budget: Budget) -> Artifact:
    inner = (*path, shorten(part.name, NAME))
    if len(inner) > budget.limits.depth + 1:
        detail = f"more than {budget.limits.depth} levels of nesting"
        return Artifact(inner, part.source.size, facts=(_unread(Reason.LIMIT, detail),))
    size = part.source.size
    artifact = dissect(part.source, inner, budget, part.formats, is_raw=part.is_raw)
    if part.source.size < size:  # it broke: read again what it holds, up to its last byte
        artifact = dissect(part.source, inner, budget, part.formats, is_raw=part.is_raw)
    late = tuple(part.audit())
    return replace(artifact, facts=artifact.facts + late) if late else artifact


def _is_plain(source: Source) -> bool:
    """Whether raw numbers start like no file of any format; checkpoints hold many thousand runs."""
    try:
        return not head(source, LENGTH).startswith(BEGINNINGS)
    except STOPS:
        return False  # the closer look tells why
