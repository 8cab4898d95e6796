"""The objects of an HDF5 file as facts, each once, from the root group on.

What breaks in one object does not hide the others: readers open them one by one.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from ..facts import (
    NOWHERE,
    Fact,
    Impossible,
    Reason,
    Reference,
    Refers,
    Tensor,
    Unread,
    shorten,
)
from ..format import Part
from ..limits import Exceeded
from ..record import field, record
from ..source import ANY_FILE, BytesSource, Malformed, Span, Window
from . import headers, heaps, values, variable
from .attributes import Attributes, dense
from .links import HARD, OTHER_FILE, SOFT, Link, links

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .file import File
    from .headers import Message
    from .values import Layout, Type

MAX_OBJECTS = 300_000  # groups, datasets and types of one file
MAX_TROUBLE = 50  # facts about what could not be read
NAME = 500  # characters of a path that facts keep
NUMERIC = frozenset({values.FIXED, values.FLOAT, values.BITS, values.ENUM, values.COMPLEX})
BYTES = frozenset({values.OPAQUE, values.FIXED})  # types whose values some readers unpickle
LINKS = frozenset({headers.LINK, headers.LINK_INFO, headers.SYMBOLS})
BFLOAT16 = "bfloat16"  # what Keras says in an attribute of whole numbers of two bytes


@record(frozen=False)
class _Dataset:
    """What the messages of one object say of its values."""

    shape: tuple[int, ...] | None = ()
    type: Type | None = None
    layout: Layout | None = None
    filters: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])
    dtype: str = ""  # that an attribute says they are of


class Objects:
    """One walk over a file."""

    def __init__(self, file: File) -> None:
        """Read nothing yet."""
        self._file = file
        self._heaps = heaps.GlobalHeaps(file)
        self._attributes = Attributes(file)
        self._trouble = 0
        self._pending: deque[tuple[int, str]] = deque([(file.root, "")])
        self._seen = {file.root}

    def facts(self) -> Iterator[Fact | Part]:
        """Yield what is told of every object.

        Raises:
            Exceeded: There are too many.
        """
        while self._pending:
            address, path = self._pending.popleft()
            yield from self._object(address, path)
        if self._trouble > MAX_TROUBLE:
            detail = f"{self._trouble - MAX_TROUBLE} more objects or attributes of HDF5"
            yield Unread(reason=Reason.MALFORMED, detail=detail)

    def _object(self, address: int, path: str) -> Iterator[Fact | Part]:
        found = _Dataset()
        try:
            for message in headers.messages(self._file, address):
                try:
                    yield from self._message(message, path, found)
                except (Malformed, headers.Unsupported) as error:
                    yield from self._unread(path, address, error)
            if found.layout is not None:
                yield from self._dataset(path, address, found)
        except (Malformed, headers.Unsupported) as error:
            yield from self._unread(path, address, error)

    def _unread(self, path: str, address: int, error: Exception) -> Iterator[Unread]:
        self._trouble += 1
        if self._trouble > MAX_TROUBLE:
            return
        is_known = isinstance(error, headers.Unsupported)
        yield Unread(
            at=self._file.span(address, 0),
            reason=Reason.UNSUPPORTED if is_known else Reason.MALFORMED,
            detail=shorten(f"HDF5: {path or '/'}: {error}", NAME),
        )

    # --- Messages ---------------------------------------------------------------------------------

    def _message(self, message: Message, path: str, found: _Dataset) -> Iterator[Fact | Part]:
        file, kind = self._file, message.kind
        if kind in LINKS:
            for link in links(file, message):
                yield from self._link(link, path, message.address)
        elif kind == headers.ATTRIBUTE:
            yield from self._attribute(message.address, message.data, path, found)
        elif kind == headers.ATTRIBUTE_INFO:
            for address, data in dense(file, message):
                yield from self._attribute(address, data, path, found)
        elif kind == headers.EXTERNAL:
            yield from self._external(message, path)
        elif kind in headers.KNOWN:
            self._describe(message, found)
        else:
            raise headers.Unsupported(f"a message of kind {kind}")

    def _describe(self, message: Message, found: _Dataset) -> None:
        """Take down what a message says of values."""
        match message.kind:
            case headers.SPACE:
                found.shape = values.dataspace(message.cursor(self._file))
            case headers.DATATYPE:
                found.type = values.datatype(message.cursor(self._file))
            case headers.LAYOUT:
                found.layout = values.layout(message, self._file)
            case headers.FILTERS:
                found.filters = values.filters(message, self._file)
            case _:
                pass  # times, sizes and comments

    def _attribute(
        self, address: int, data: bytes, path: str, found: _Dataset
    ) -> Iterator[Fact | Part]:
        try:
            each = values.attribute(self._file, self._heaps, address, data)
        except (Malformed, headers.Unsupported) as error:
            yield from self._unread(f"{path}: an attribute", address, error)
            return
        if each.name == "dtype" and each.values == (BFLOAT16.encode(),):
            found.dtype = "BF16"
        yield from self._attributes.facts(each, path)

    def _link(self, link: Link, path: str, address: int) -> Iterator[Fact]:
        name = f"{path}/{link.name}"
        name = name if len(name) <= NAME else f"…{name[-NAME:]}"
        if link.type == HARD:
            if link.address in self._seen:
                return
            if len(self._seen) == MAX_OBJECTS:
                raise Exceeded("objects", MAX_OBJECTS, "objects of HDF5")
            self._seen.add(link.address)
            self._pending.append((link.address, name))
        elif link.type == OTHER_FILE:
            yield _elsewhere(name, link.file, self._file.span(address, 0))
        elif link.type != SOFT:
            raise headers.Unsupported(f"the link {link.name!r} of kind {link.type}")

    def _external(self, message: Message, path: str) -> Iterator[Fact]:
        heap = heaps.local(self._file, values.external_heap(message, self._file))
        for name in dict.fromkeys(values.external(message, self._file, heap)):
            at = self._file.span(message.address, len(message.data))
            yield _elsewhere(path, name, at)

    # --- Values -----------------------------------------------------------------------------------

    def _dataset(self, path: str, address: int, found: _Dataset) -> Iterator[Fact | Part]:
        type_, layout = found.type, found.layout
        if type_ is None or layout is None or found.shape is None:
            return
        at = self._place(layout, found)
        size = values.product(found.shape) * type_.size
        if size >= ANY_FILE:
            detail = f"{path} has the shape {list(found.shape)}: {size} bytes"
            yield Impossible(at=self._file.span(address, 0), detail=shorten(detail))
        if layout.kind == values.VIRTUAL:
            yield from self._virtual(path, layout)
        if type_.kind in NUMERIC:
            is_number = type_.kind in {values.FIXED, values.FLOAT} and not type_.order_is_big
            yield Tensor(
                at=at,
                name=shorten(path.removeprefix("/"), NAME),
                dtype=found.dtype or type_.name,
                shape=found.shape,
                is_plain=is_number and at.length == size and bool(size),
            )
        if type_.kind in BYTES and at.length and (type_.kind == values.OPAQUE or type_.size == 1):
            yield Part(shorten(path, NAME), Window(self._file.source, at))
        if type_.kind == values.VARIABLE and type_.inner == 1 and not type_.is_text:
            yield from self._variable(path, layout, found)

    def _place(self, layout: Layout, found: _Dataset) -> Span:
        """Return where the values stand as they are; nowhere if they are packed or not written."""
        if layout.kind not in {values.COMPACT, values.CONTIGUOUS} or found.filters:
            return NOWHERE
        if not self._file.is_defined(layout.address) or found.type is None:
            return NOWHERE
        size = values.product(found.shape or ()) * found.type.size
        length = size if layout.length < 0 else layout.length
        span = self._file.span(layout.address, length)
        if span.end > self._file.source.size:
            why = f"{length} bytes, {max(0, self._file.source.size - span.start)} are left"
            raise Malformed("values", offset=span.start, why=why, crafted=length >= ANY_FILE)
        return span

    def _variable(self, path: str, layout: Layout, found: _Dataset) -> Iterator[Part]:
        """Yield bytes of variable length, which some readers unpickle."""
        if found.filters:
            raise headers.Unsupported("bytes of variable length, compressed")
        for number, raw in enumerate(variable.values(self._file, self._heaps, layout)):
            yield Part(shorten(f"{path}[{number}]", NAME), BytesSource(raw))

    def _virtual(self, path: str, layout: Layout) -> Iterator[Fact]:
        """Yield the first file that a virtual dataset takes its values from."""
        raw = self._heaps.object(layout.address, layout.index, 1 << 16)
        count = int.from_bytes(raw[1 : 1 + self._file.length_width], "little")
        name = raw[1 + self._file.length_width :].partition(b"\0")[0].decode("utf-8", "replace")
        if count and name != ".":  # the file itself
            yield _elsewhere(path, name, self._file.span(layout.address, 0))
        if count > 1:
            raise headers.Unsupported(f"a virtual dataset of {count} sources")


def _elsewhere(path: str, file: str, at: Span) -> Reference:
    return Reference(
        at=at, kind=Refers.EXTERNAL_DATA, key=shorten(path, NAME), target=shorten(file)
    )
