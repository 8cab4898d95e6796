"""Python source, which models bring along and loaders import: `python_source` reads it.

There is no signature: a file is told by its name, and by being text.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from .. import kits
from ..facts import SourceCode, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB, Exceeded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..limits import Budget

SUFFIXES = (".py", ".pyw")
LONGEST = 16 * MIB  # bytes
KEPT = 1000  # imports, or calls, that the fact keeps
ROOM = 300  # characters of each


def recognise(subject: Subject) -> Match:
    """Tell it by its name, as Python does; what holds a NUL is no source."""
    is_named = subject.name.lower().endswith(SUFFIXES)
    return Match.CERTAIN if is_named and b"\0" not in subject.head else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the source imports and calls.

    Raises:
        Exceeded: It is longer than any module that people write.
    """
    source = subject.source
    if source.size > LONGEST:
        raise Exceeded("source", LONGEST, f"Python source of {source.size} bytes")
    budget.document(source.size)
    account = kits.need("python").read(source.read_at(0, source.size))
    yield SourceCode(
        is_parsed=account.is_parsed,
        imports=_kept(account.imports),
        at_import=_calls(account.at_import),
        at_init=_calls(account.at_init),
        elsewhere=_calls(account.elsewhere),
    )


def _calls(found: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    return _kept(f"{line}: {call}" for line, call in found.values())


def _kept(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(shorten(text, ROOM) for text in islice(texts, KEPT))


FORMAT = Format(
    id="python",
    title="Python source",
    media_type="text/x-python",
    spec="https://docs.python.org/3/reference/",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
