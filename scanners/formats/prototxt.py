"""Networks of Caffe, as text: which layers are Python, and where that comes from.

The text form of protobuf (https://protobuf.dev/reference/protobuf/textformat-spec/)::

    field    name [":"] value [","|";"]     value: scalar, text, {message}, <message> or [list]
    text     '...' or "...", with the escapes of C; texts in a row are one
    remark   # to the end of the line

A layer with a `python_param` imports its `module` and makes a `layer` of it when the network is
built (``caffe/layer_factory.cpp``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..facts import Named, Reason, Unread, shorten
from ..format import Format, Match, Parsed, Subject
from ..limits import MIB, Exceeded
from ..patterns import pattern
from ..source import Malformed, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..limits import Budget

NAME = pattern(r".*\.prototxt(?:\.\w+)?", re.IGNORECASE)
LAYERS = pattern(rb"^\s*layers?\s*:?\s*[{<]|\bpython_param\s*:?\s*[{<]", re.MULTILINE)
GRAPH = pattern(rb"^\s*node\s*:?\s*[{<]", re.MULTILINE)  # of TensorFlow, which has its own reader
BINARY = pattern(rb"[^\t\r\n\f -\xff]")
TOKEN = pattern(
    rb"""(?P<space>(?:\s|\#[^\n]*)+)|(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    rb"""|(?P<word>[-+.\w/]+)|(?P<mark>[{}<>\[\]:;,])""",
    re.DOTALL,
)
ESCAPE = pattern(rb"\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|(.))", re.DOTALL)
LETTERS = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
}
LONGEST = 16 * MIB  # bytes; networks of thousands of layers have some hundred thousand
MAX_DEPTH = 100  # messages in messages; protobuf's own limit
TICK = 4096  # tokens between two looks at the clock
ROOM = 300  # characters of a name or text
MOST = 10_000  # Python layers
PYTHON = "python_param"


def recognise(subject: Subject) -> Match:
    """Tell it by its name, or by a layer among the first bytes."""
    head = subject.head
    if BINARY.search(head):
        return Match.NO
    is_one = LAYERS.search(head) and not GRAPH.search(head)
    return Match.POSSIBLE if is_one or NAME.fullmatch(subject.name) else Match.NO


def parse(subject: Subject, budget: Budget) -> Parsed:
    """Yield each layer that is Python.

    Raises:
        Malformed: It is no text form of protobuf, and has no such layer before it breaks off.
        Exceeded: It is longer than a network may be.
    """
    size = subject.source.size
    if size > LONGEST:
        raise Exceeded("prototxt", LONGEST, f"a text of {size} bytes")
    budget.document(size)
    reader = _Reader(subject.source.read_at(0, size), budget)
    found = False
    try:
        for layer in reader.layers():
            found = True
            yield layer
    except Malformed as error:
        if not found:
            raise
        detail = shorten(str(error))
        yield Unread(at=Span(error.offset, 0), reason=Reason.MALFORMED, detail=detail)


class _Reader:
    """Reads fields front to back; of messages only those of Python layers are kept."""

    def __init__(self, raw: bytes, budget: Budget) -> None:
        self._raw, self._budget = raw, budget
        self._open: list[str] = []  # names of the messages that are open
        self._ends: list[bytes] = []
        self._fields: dict[str, str] = {}  # of the Python layer that is open
        self._start = 0

    def layers(self) -> Iterator[Named]:
        name, last, found = "", "", 0
        for start, kind, token in self._tokens():
            if kind == "word":
                name, last = (token.decode("latin-1"), "") if last != ":" else (name, "")
                self._keep(name, "")
            elif kind == "text":
                self._keep(name, _unescaped(token))
                last = ""
            elif token in {b"{", b"<"}:
                self._begin(name, token, start)
                last = ""
            elif token in {b"}", b">"}:
                if self._end(token, start) == PYTHON and found < MOST:
                    found += 1
                    yield self._layer(start)
                last = ""
            else:
                last = token.decode()
        if self._open:
            raise Malformed("prototxt", offset=len(self._raw), why="a message is never closed")

    def _tokens(self) -> Iterator[tuple[int, str, bytes]]:
        at, count = 0, 0
        while at < len(self._raw):
            found = TOKEN.match(self._raw, at)
            if found is None or not found.lastgroup:
                raise Malformed(
                    "prototxt", offset=at, why=f"{self._raw[at : at + 9]!r} is no token"
                )
            count += 1
            if not count % TICK:
                self._budget.check_time()
            if found.lastgroup != "space":
                yield at, found.lastgroup, found[0]
            at = found.end()

    def _keep(self, name: str, value: str) -> None:
        if self._open and self._open[-1] == PYTHON:
            self._fields[name] = shorten(self._fields.get(name, "") + value, ROOM)

    def _begin(self, name: str, token: bytes, start: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise Malformed("prototxt", offset=start, why="nests too deeply")
        if name == PYTHON:
            self._fields, self._start = {}, start
        self._open.append(name)
        self._ends.append(b"}" if token == b"{" else b">")

    def _end(self, token: bytes, start: int) -> str:
        if not self._ends or self._ends.pop() != token:
            raise Malformed("prototxt", offset=start, why="closes what is not open")
        return self._open.pop()

    def _layer(self, end: int) -> Named:
        module, layer = self._fields.get("module", ""), self._fields.get("layer", "")
        given = self._fields.get("param_str", "")
        inner = module.replace(".", "/")
        is_name = module.replace(".", "_").isidentifier()
        return Named(
            at=Span(self._start, end + 1 - self._start),
            key=PYTHON,
            name=f"{module}.{layer}",
            by="Caffe",
            way="calls",
            texts=(given,) if given else (),
            files=(f"{inner}.py", f"{inner}/__init__.py") if is_name else (),
        )


def _unescaped(token: bytes) -> str:
    def plain(found: re.Match[bytes]) -> bytes:
        octal, hexadecimal, letter = found[1], found[2], found[3]
        if octal or hexadecimal:
            return bytes([int(octal or hexadecimal, 8 if octal else 16) & 255])
        return LETTERS.get(letter, letter)

    return ESCAPE.sub(plain, token[1:-1]).decode("utf-8", "backslashreplace")


FORMAT = Format(
    id="caffe-text",
    title="Caffe network",
    media_type="text/plain",
    spec="https://caffe.berkeleyvision.org/tutorial/net_layer_blob.html",
    suffixes=(),
    recognise=recognise,
    parse=parse,
)
