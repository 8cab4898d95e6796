"""Pickles inside pickles: constant bytes that a call would load, decoded where that is safe."""

from __future__ import annotations

import base64
import binascii
import bz2
import codecs
import lzma
import zlib
from typing import TYPE_CHECKING

from ..format import Part
from ..limits import Budget, Exceeded
from ..marshalled import summary
from ..source import BytesSource, Malformed, Span, Window
from ..values import Global
from .blocks import Blocks
from .carried import Carried
from .constants import raw_unicode, unquoted
from .objects import Obj, Object, Raw
from .walk import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..facts import Fact
    from ..source import Source

MAX_DECODED = 16 << 20  # bytes of one decoded payload
MAX_WORK = 2 << 30  # bytes of all payloads, each time that one is decoded
MAX_PARTS = 20_000  # payloads of one pickle
SHORTEST = 4  # bytes; nothing shorter can act
ENCODE = Global("_codecs", "encode")
DEPTH = 8  # decoders around one constant


LOADERS = {  # of bytes, and the format that they take them for
    f"{module}.{name}": "marshal" if module == "marshal" else "pickle"
    for module, names in {
        "pickle": ("loads", "_loads"),
        "_pickle": ("loads",),
        "cloudpickle": ("loads",),
        "cloudpickle.cloudpickle": ("loads",),
        "dill": ("loads",),
        "dill._dill": ("loads",),
        "joblib.numpy_pickle": ("_unpickle",),
        "numba.core.serialize": ("_numba_unpickle", "loads"),
        "ray.cloudpickle": ("loads",),
        "multiprocessing.reduction": ("loads",),
        "torch.storage": ("_load_from_bytes",),
        "marshal": ("loads",),
    }.items()
    for name in names
}


def _is_packed(head: bytes) -> bool:
    """Whether these first bytes are of a pickle, or of an archive or stream that may hold one."""
    if head[:1] == b"\x80" and head[1:2] in {b"\x02", b"\x03", b"\x04", b"\x05"}:
        return True
    starts = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")
    return head.startswith((*starts, b"PK\x03\x04", b"\x93NUMPY"))


def _may_act(decoded: bytes) -> bool:
    return _is_packed(decoded) and not _breaks_idle(BytesSource(decoded), decoded)


def _breaks_idle(source: Source, head: bytes) -> bool:
    """Whether bytes that begin like a pickle break off before they could do anything.

    Numbers of arrays begin so by chance. What no loader is given needs no other reading.
    """
    if not head.startswith(b"\x80"):
        return False
    try:
        walk(Blocks(source), 0)
    except Malformed:
        return True
    return False


class Payloads:
    """The parts that calls of one pickle would load."""

    def __init__(self, source: Source) -> None:
        """Start with none."""
        self._source = source
        self._seen: set[tuple[int, int, bool]] = set()
        self._found: list[Part] = []
        self._last: tuple[Object, bytes | None] = None, None  # what was decoded last
        self._spent = 0  # bytes decoded
        self._carried = Carried(source)

    def parts(self, budget: Budget) -> Iterator[Fact | Part]:
        """Yield every payload found, once, and what carried functions name."""
        room = summary.Room()
        for code in self._carried.codes():
            yield from summary.facts(code, "pickle", budget, room)
        yield from self._found

    def look(self, callee: Object, arguments: Object) -> bool:
        """Look for payloads among the arguments of a call, or in the bytes that it makes.

        Returns whether the call is of a loader, and the bytes that it would load, written as
        protocols before 3 do, are a part.
        """
        if not isinstance(arguments, tuple):
            return False
        if callee == ENCODE:
            self._consider(Obj(callee, arguments), "")
            return False
        self._carried.look(arguments, self._decoded)
        dotted = callee.dotted if isinstance(callee, Global) else ""
        loads_as = LOADERS.get(dotted, "")
        for value in arguments[:DEPTH]:
            if isinstance(value, Raw | Obj | str):
                self._consider(value, loads_as)
            elif isinstance(value, list | tuple):
                for each in value[:DEPTH]:
                    if isinstance(each, Raw):
                        self._consider(each, "")
        return bool(loads_as) and self._is_bytes(arguments[0] if arguments else None)

    def _is_bytes(self, value: Object) -> bool:
        """Whether this is how protocols before 3 write bytes, and we know which."""
        if not isinstance(value, Obj) or value.callee != ENCODE or value.keywords:
            return False
        match value.arguments:
            case (str() | Raw(), "latin1" | "latin-1"):
                return self._decoded(value) is not None
            case _:
                return False

    def _consider(self, value: Raw | Obj | str, loads_as: str) -> None:
        if isinstance(value, Raw) and not value.is_text:
            self._window(value, loads_as)
            return
        if isinstance(value, str) and not loads_as:
            return
        decoded = self._decoded(value)
        if decoded is not None and len(decoded) >= SHORTEST and (loads_as or _may_act(decoded)):
            key = (hash(decoded), len(decoded), True)
            if self._is_new(key):
                start = _first_place(value)
                formats = (loads_as,) if loads_as and not _is_packed(decoded) else ()
                self._found.append(Part(f"decoded bytes{start}", BytesSource(decoded), formats))

    def _window(self, value: Raw, loads_as: str) -> None:
        if value.length < SHORTEST:
            return
        head = self._source.read_at(value.start, min(8, value.length))
        is_known = _is_packed(head)
        if (is_known or loads_as) and self._is_new((value.start, value.length, False)):
            window = Window(self._source, Span(value.start, value.length))
            if not loads_as and _breaks_idle(window, head):
                return
            formats = (loads_as,) if loads_as and not is_known else ()
            self._found.append(Part(f"bytes at {value.start}", window, formats))

    def _is_new(self, key: tuple[int, int, bool]) -> bool:
        if key in self._seen:
            return False
        if len(self._seen) >= MAX_PARTS:
            raise Exceeded("payloads", MAX_PARTS, "payloads of a pickle")
        self._seen.add(key)
        return True

    def _decoded(self, value: Object) -> bytes | None:
        """Return the bytes that `value` is, if pure decoders make it of a constant."""
        if not isinstance(value, Obj) or value is not self._last[0]:
            found = self._decode(value)
            self._spent += len(found or b"")
            if self._spent > MAX_WORK:
                raise Exceeded("payloads", MAX_WORK, "bytes decoded in a pickle")
            self._last = value, found
        return self._last[1]

    def _decode(self, value: Object) -> bytes | None:
        chain: list[str] = []
        options: list[tuple[Object, ...]] = []
        while isinstance(value, Obj):
            if len(chain) >= DEPTH or not isinstance(value.callee, Global):
                return None
            arguments = value.arguments
            if not isinstance(arguments, tuple) or not arguments:
                return None
            chain.append(value.callee.dotted)
            options.append(arguments[1:])
            value = arguments[0]
        data = self._constant(value)
        for name, more in zip(reversed(chain), reversed(options), strict=True):
            if data is None:
                return None
            data = _apply(name, data, more)
        return data

    def _constant(self, value: Object) -> bytes | None:
        if isinstance(value, str):
            return value.encode("utf-8", "surrogatepass")
        if not isinstance(value, Raw) or value.length > MAX_DECODED:
            return None
        data = self._source.read_at(value.start, value.length)
        try:
            return (
                self._text(value, data).encode("utf-8", "surrogatepass") if value.is_text else data
            )
        except ValueError:
            return None

    def _text(self, value: Raw, data: bytes) -> str:
        """Return a long text, which is written as its opcode says."""
        head = self._source.read_at(max(0, value.start - 9), min(9, value.start))
        length = value.length.to_bytes(8, "little")
        if head[-5:] == b"T" + length[:4]:
            return data.decode("latin-1")
        if head[-5:] == b"X" + length[:4] or head == b"\x8d" + length:
            return data.decode("utf-8", "surrogatepass")
        return raw_unicode(data) if head.endswith(b"V") else unquoted(data)


def _first_place(value: Object) -> str:
    while isinstance(value, Obj) and isinstance(value.arguments, tuple) and value.arguments:
        value = value.arguments[0]
    return f" at {value.start}" if isinstance(value, Raw) else ""


def _apply(name: str, data: bytes, more: tuple[Object, ...]) -> bytes | None:
    codec = more[0] if more and isinstance(more[0], str) else ""
    if name in {"_codecs.encode", "builtins.bytes", "builtins.bytearray"}:
        return _encoded(data, codec or "utf-8")
    if name in {"_codecs.decode", "codecs.decode", "codecs.encode"}:
        name = codec.lower().replace("-", "_").removesuffix("_codec")
    decoder = DECODERS.get(name)
    if decoder is None:
        return None
    try:
        return decoder(data)
    except (ValueError, OSError, EOFError, zlib.error, lzma.LZMAError):
        return None


def _encoded(data: bytes, codec: str) -> bytes | None:
    try:
        known = codecs.lookup(codec).name
        if known not in {"utf-8", "ascii", "iso8859-1"}:
            return None
        return data.decode("utf-8", "surrogatepass").encode(known)
    except (LookupError, UnicodeError):
        return None


def _inflated(data: bytes, window: int) -> bytes:
    return zlib.decompressobj(window).decompress(data, MAX_DECODED)


def _xz(data: bytes) -> bytes:
    return lzma.LZMADecompressor(memlimit=64 << 20).decompress(data, MAX_DECODED)


def _bz2(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, MAX_DECODED)


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    **dict.fromkeys(
        ("base64", "base64.b64decode", "base64.standard_b64decode", "base64.decodebytes",
         "binascii.a2b_base64", "base64.decodestring"), base64.b64decode,
    ),
    "base64.urlsafe_b64decode": base64.urlsafe_b64decode,
    **dict.fromkeys(("base64.b32decode",), base64.b32decode),
    **dict.fromkeys(("base64.b85decode",), base64.b85decode),
    **dict.fromkeys(("base64.a85decode",), base64.a85decode),
    **dict.fromkeys(
        ("hex", "binascii.unhexlify", "binascii.a2b_hex", "base64.b16decode",
         "builtins.bytes.fromhex", "builtins.bytearray.fromhex"), binascii.unhexlify,
    ),
    **dict.fromkeys(("zlib", "zip", "zlib.decompress"), lambda data: _inflated(data, 15)),
    "gzip.decompress": lambda data: _inflated(data, 31),
    **dict.fromkeys(("bz2", "bz2.decompress"), _bz2),
    "lzma.decompress": _xz,
    "_io.BytesIO": bytes,
    "io.BytesIO": bytes,
}  # fmt: skip
