"""Compiled Python: files that `import` runs, and marshalled code on its own.

    0   u16   number of the Python that compiled it, then ``0d 0a``
    4   u32   from 3.7 on: 0, or what the next eight bytes are: 1 or 3 a hash of the source
    8   u64   time and length of the source, or its hash (before 3.7 at 4; before 3.3 time alone)
    16  ...   the module's code, marshalled

Specification: PEP 552 and CPython's ``Lib/importlib/_bootstrap_external.py``; `marshalled.reader`
for what follows the header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..facts import Reason, Unclaimed, Unread
from ..format import Format, Match, Parsed, Subject
from ..marshalled import summary, tables
from ..marshalled.reader import LAYOUTS, Layout, read
from ..source import Span

if TYPE_CHECKING:
    from ..limits import Budget

LINE_END = b"\r\n"  # after the number, so that a copy in text mode breaks it
MAGICS = range(3000, 4000)  # of Python 3; those of Python 2.3 to 2.7 are in `tables`
HEADERS = (16, 12, 8)  # bytes
CODE = frozenset(b"c\xe3")  # type of a marshalled code object
COUNTS = slice(1, 13)  # the first integers of one: arguments and local variables
MOST = 0xFFFF  # as large as they get in honest code


def recognise(subject: Subject) -> Match:
    """Tell it by its number and by a code object where the header ends."""
    magic, after = int.from_bytes(subject.head[:2], "little"), subject.head[2:4]
    if after != LINE_END or (magic not in MAGICS and magic not in tables.PYTHON_2):
        return Match.NO
    return Match.CERTAIN if _header(subject.head) else Match.NO


def _header(head: bytes) -> int:
    """Return the length of the header that ends at a code object; 0 for none."""
    return next((length for length in HEADERS if _is_code(head[length:])), 0)


def _is_code(head: bytes) -> bool:
    """Whether a code object could start so."""
    counts = head[COUNTS]
    numbers = [int.from_bytes(counts[at : at + 4], "little") for at in range(0, len(counts), 4)]
    return head[:1] != b"" and head[0] in CODE and len(numbers) == 3 and max(numbers) <= MOST  # noqa: PLR2004 - those of COUNTS


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield what the module and everything in it names."""
    version = tables.version_of(int.from_bytes(subject.head[:2], "little"))
    if not version:
        yield Unread(
            reason=Reason.UNSUPPORTED,
            detail="compiled by a Python whose instructions are not known",
        )
    layouts = tuple(each for each in LAYOUTS if version in each.pythons) or LAYOUTS
    narrowed = tuple(Layout((version,), each.head, each.body) for each in layouts if version)
    yield from _marshalled(subject, budget, _header(subject.head), narrowed or layouts, "pyc")


def recognise_marshalled(subject: Subject) -> Match:
    """Tell a code object on its own by its first integers; nothing else is told from chance."""
    return Match.POSSIBLE if _is_code(subject.head) else Match.NO


def parse_marshalled(subject: Subject, budget: Budget) -> Parsed:
    """Yield what every code object names."""
    yield from _marshalled(subject, budget, 0, LAYOUTS, "marshal")


def _marshalled(
    subject: Subject, budget: Budget, start: int, layouts: tuple[Layout, ...], carrier: str
) -> Parsed:
    size = subject.source.size
    budget.document(size)
    data = subject.source.read_at(0, size)
    readings = read(data, start, budget, layouts)
    room = summary.Room()
    for reading in readings:
        yield from summary.facts(reading.value, carrier, budget, room)
    end = max(reading.end for reading in readings)
    if end < size:
        yield Unclaimed(at=Span(end, size - end))


PYC = Format(
    id="pyc",
    title="compiled Python",
    media_type="application/x-python-bytecode",
    spec="https://peps.python.org/pep-0552/",
    suffixes=(".pyc", ".pyo"),
    recognise=recognise,
    parse=parse,
)
MARSHAL = Format(
    id="marshal",
    title="marshalled Python code",
    media_type="application/x-python-marshal",
    spec="https://docs.python.org/3/library/marshal.html",
    suffixes=(),
    recognise=recognise_marshalled,
    parse=parse_marshalled,
)
FORMATS = (PYC, MARSHAL)
