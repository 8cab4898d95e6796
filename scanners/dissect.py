"""A source into an artifact: every format that matches is read, and so is every part."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from .artifact import Artifact, Path
from .facts import Conflict, Effect, Fact, Reason, Unread, shorten
from .format import Format, Match, Part, Subject
from .formats import FORMATS
from .limits import Budget, Exceeded
from .source import Cached, Malformed, Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

BY_ID = {format_.id: format_ for format_ in FORMATS}
NAME = 512  # characters of a member's name that a path keeps


def dissect(source: Source, path: Path, budget: Budget, as_: tuple[str, ...] = ()) -> Artifact:
    """Read `source` by every format that its content matches, and all that lies inside it.

    `as_` holds ids of formats that a loader would read it as, whatever it looks like. Everything
    that stops a reader becomes an `Unread` fact; facts that were found before stand.
    """
    try:
        subject = Subject.of(Cached(source), PurePosixPath(path[-1]).name)
        matches = _matches(subject, as_)
    except OSError as error:
        return Artifact(path, source.size, facts=(_unread(Reason.DENIED, str(error)),))
    readings = [_Reading(format_, match) for format_, match in matches]
    for reading in readings:
        reading.run(subject, budget)
    kept = [reading for reading in readings if reading.holds]
    facts = [fact for reading in kept for fact in reading.facts]
    facts += _conflicts(subject, kept)
    parts = [_part(part, path, budget) for reading in kept for part in reading.parts]
    telling = [part for part in parts if part.formats or part.facts or part.parts]
    return Artifact(
        path=path,
        size=source.size,
        formats=tuple(reading.format.id for reading in kept),
        facts=tuple(facts),
        parts=tuple(telling),
        plain_parts=len(parts) - len(telling),
    )


def _matches(subject: Subject, as_: tuple[str, ...]) -> list[tuple[Format, Match]]:
    """Return every format that the content matches; a promise by name makes a match certain."""
    found: list[tuple[Format, Match]] = []
    for format_ in FORMATS:
        try:
            match = format_.recognise(subject)
        except Malformed:
            match = Match.NO
        if match is Match.POSSIBLE and _promises(subject.name, format_):
            match = Match.CERTAIN
        if format_.id in as_:
            match = Match.CERTAIN
        if match:
            found.append((format_, match))
    return found


def _promises(name: str, format_: Format) -> bool:
    return name.lower().endswith(format_.suffixes) if format_.suffixes else False


class _Reading:
    """One format's view of a subject."""

    def __init__(self, format_: Format, match: Match) -> None:
        self.format, self._match = format_, match
        self.facts: list[Fact] = []
        self.parts: list[Part] = []
        self.holds = True  # whether the bytes may be called of this format

    def run(self, subject: Subject, budget: Budget) -> None:
        try:
            for item in self.format.parse(subject, budget):
                if isinstance(item, Part):
                    self.parts.append(item)
                    budget.member()
                else:
                    self.facts.append(item)
                    budget.fact()
        except Malformed as error:
            self._stop(Reason.MALFORMED, str(error), error.offset)
        except Exceeded as error:
            self.facts.append(_unread(Reason.LIMIT, str(error)))
        except RecursionError:
            self.facts.append(_unread(Reason.LIMIT, f"{self.format.title}: nested too deeply"))
        except OSError as error:
            self.facts.append(_unread(Reason.DENIED, str(error)))

    def _stop(self, reason: Reason, detail: str, offset: int) -> None:
        """Keep what was found. A mere possibility that breaks without any effect was none."""
        harmless = not any(isinstance(fact, Effect) for fact in self.facts)
        if self._match is Match.POSSIBLE and harmless and not self.parts:
            self.holds = False
        else:
            self.facts.append(_unread(reason, f"{self.format.title}: {detail}", Span(offset, 0)))


def _unread(reason: Reason, detail: str, at: Span = Span(0, 0)) -> Unread:  # noqa: B008 - frozen
    return Unread(at=at, reason=reason, detail=shorten(detail))


def _conflicts(subject: Subject, readings: list[_Reading]) -> Iterable[Fact]:
    """Yield what the name and the formats say against one another."""
    found = [reading.format for reading in readings]
    claimed = [format_ for format_ in FORMATS if _promises(subject.name, format_)]
    if claimed and not {f.id for f in claimed} & _with_refined(found):
        titles = " or ".join(format_.title for format_ in claimed)
        if found:
            what = " and ".join(format_.title for format_ in found)
            yield Conflict(kind="name", detail=f"the name promises {titles}, the content is {what}")
        else:
            why = "it is empty" if not subject.source.size else "the content is not"
            detail = f"the name promises {titles}, {why}"
            yield _unread(Reason.MALFORMED, detail)
    apart = _unrelated(found)
    if len(apart) > 1:
        titles = " and ".join(format_.title for format_ in apart)
        yield Conflict(kind="polyglot", detail=f"the same bytes are {titles}")


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
    return dissect(part.source, inner, budget, part.formats)
