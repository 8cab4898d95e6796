"""Commits and trees of a clone, read from its `.git` as bytes: git is never run.

Loose objects are zlib; packs have an index of version 2 beside them, and keep an object whole or as
a delta to another (https://git-scm.com/docs/pack-format). Nothing outside of `.git/objects` is
looked at, no link is followed, and what is read has to have the digest that it is named by.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zlib
from typing import TYPE_CHECKING, Self

from .folder import NO_FOLLOW, OPEN_FILE, OPEN_FOLDER
from .scanners.limits import MIB
from .scanners.record import record

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_OBJECT = 64 * MIB  # a tree of a million files in one folder has about as much
MAX_ENTRIES = 1_000_000  # of all trees of a commit
MAX_DEPTH = 100  # folders inside folders
MAX_CHAIN = 4096  # deltas; git itself makes no longer ones
MAX_PACKS = 10_000
BLOCK = 1 << 16
INDEX = re.compile(r"(pack-[0-9a-f]{40,64})\.idx")
INDEX_MAGIC = b"\xfftOc\0\0\0\x02"
FANOUT = 256 * 4  # bytes
KINDS = {1: b"commit", 2: b"tree", 3: b"blob", 4: b"tag"}
BY_OFFSET, BY_NAME = 6, 7  # kinds of deltas
TREE, LINK, GITLINK = 0o040000, 0o120000, 0o160000


class UnreadableError(Exception):
    """The objects of a clone cannot be read; the text says why."""


@record
class Blob:
    """A file of a tree."""

    mode: int
    name: bytes  # its digest


def files_of(git: int, commit: str) -> dict[bytes, Blob]:
    """Return the files of a commit by their paths; `git` is the open folder `.git`.

    Raises:
        UnreadableError: An object is missing, broken, or larger than honest ones.
        OSError: A file cannot be read.
    """
    objects = _Objects(git, "sha256" if len(commit) > 40 else "sha1")  # noqa: PLR2004 - digits
    kind, data = objects.read(bytes.fromhex(commit))
    first, _, _ = data.partition(b"\n")
    if kind != b"commit" or not re.fullmatch(rb"tree [0-9a-f]{40,64}", first):
        raise UnreadableError(f"{commit} is no commit")
    found: dict[bytes, Blob] = {}
    waiting = [(b"", bytes.fromhex(first[5:].decode()), 0)]
    seen = 0
    while waiting:
        folder, name, depth = waiting.pop()
        for mode, own, oid in _entries(objects, name):
            path = folder + own
            if mode == TREE:
                waiting.append((path + b"/", oid, depth + 1))
            else:
                found[path] = Blob(mode, oid)
            seen += 1
            if depth > MAX_DEPTH or seen > MAX_ENTRIES:
                raise UnreadableError("its folders are too deep, or hold too many files")
    return found


def _entries(objects: _Objects, name: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    kind, data = objects.read(name)
    if kind != b"tree":
        raise UnreadableError(f"{name.hex()} is no tree")
    at = 0
    while at < len(data):
        end = data.find(b"\0", at)
        mode, space, own = data[at:end].partition(b" ")
        stop = end + 1 + objects.width
        if end < 0 or not space or not own or stop > len(data) or not mode.isdigit():
            raise UnreadableError(f"{name.hex()} is a broken tree")
        yield int(mode, 8), own, data[end + 1 : stop]
        at = stop


class _Objects:
    """Finds objects by their digests, loose or in packs."""

    def __init__(self, git: int, algorithm: str) -> None:
        self._git = git
        self._algorithm = algorithm
        self.width = hashlib.new(algorithm).digest_size
        self._packs: list[str] | None = None

    def read(self, name: bytes, depth: int = 0) -> tuple[bytes, bytes]:
        """Return the kind and the content of an object; `depth` is how many deltas led to it."""
        if depth > MAX_DEPTH:
            raise UnreadableError("deltas are too deep")
        kind, data = self._loose(name) or self._packed(name, depth)
        told = hashlib.new(
            self._algorithm, usedforsecurity=False, data=b"%s %d\0%s" % (kind, len(data), data)
        ).digest()
        if told != name:
            raise UnreadableError(f"{name.hex()} has another digest")
        return kind, data

    def _loose(self, name: bytes) -> tuple[bytes, bytes] | None:
        text = name.hex()
        try:
            with _Opened(self._git, f"objects/{text[:2]}/{text[2:]}") as file:
                raw = file.inflated(0, MAX_OBJECT + 100)
        except FileNotFoundError:
            return None
        head, _, data = raw.partition(b"\0")
        return head.partition(b" ")[0], data

    def _packed(self, name: bytes, depth: int) -> tuple[bytes, bytes]:
        if self._packs is None:
            self._packs = list(_packs(self._git))
        for pack in self._packs:
            with _Opened(self._git, f"objects/pack/{pack}.idx") as index:
                offset = _offset(index, name)
            if offset is not None:
                with _Opened(self._git, f"objects/pack/{pack}.pack") as file:
                    return self._entry(file, offset, depth)
        raise UnreadableError(f"{name.hex()} is not among its objects")

    def _entry(self, pack: _Opened, offset: int, depth: int) -> tuple[bytes, bytes]:
        """Return an object of a pack, made from what its deltas begin with."""
        deltas: list[bytes] = []
        left = MAX_OBJECT
        while True:
            kind, size, at = _head(pack, offset)
            if kind in KINDS:
                base, data = KINDS[kind], pack.inflated(at, size)
                break
            left -= size
            if kind not in {BY_OFFSET, BY_NAME} or left < 0 or len(deltas) >= MAX_CHAIN:
                raise UnreadableError(
                    "a pack holds an object that is of no known kind, or too large"
                )
            if kind == BY_NAME:
                deltas.append(pack.inflated(at + self.width, size))
                base, data = self.read(pack.at(at, self.width), depth + 1)
                break
            back, at = _distance(pack, at)
            deltas.append(pack.inflated(at, size))
            offset -= back
            if back <= 0 or offset < 0:
                raise UnreadableError("a delta is to nothing")
        for delta in reversed(deltas):
            data = patched(data, delta)
        return base, data


def _packs(git: int) -> Iterator[str]:
    folder = os.dup(git)
    try:
        for step in ("objects", "pack"):
            below = os.open(step, OPEN_FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        with os.scandir(folder) as listing:
            names = sorted(entry.name for entry in listing)
    except FileNotFoundError:
        return
    finally:
        os.close(folder)
    found = [named[1] for each in names if (named := INDEX.fullmatch(each))]
    if len(found) > MAX_PACKS:
        raise UnreadableError(f"it has over {MAX_PACKS} packs")
    yield from found


def _offset(index: _Opened, name: bytes) -> int | None:
    """Return where in its pack an object stands, by an index of version 2."""
    if index.at(0, 8) != INDEX_MAGIC:
        raise UnreadableError("a pack's index has another version than 2")
    fanout = struct.unpack(">256I", index.at(8, FANOUT))
    count, width = fanout[255], len(name)
    first = fanout[name[0] - 1] if name[0] else 0
    number = fanout[name[0]] - first
    if not 0 <= number <= count or number * width > MAX_OBJECT:
        raise UnreadableError("a pack's index is broken")
    names = index.at(8 + FANOUT + first * width, number * width)
    low, high = 0, number
    while low < high:
        middle = (low + high) // 2
        if names[middle * width : (middle + 1) * width] < name:
            low = middle + 1
        else:
            high = middle
    if names[low * width : (low + 1) * width] != name:
        return None
    offsets = 8 + FANOUT + count * (width + 4)
    (offset,) = struct.unpack(">I", index.at(offsets + 4 * (first + low), 4))
    if offset >> 31:
        (offset,) = struct.unpack(
            ">Q", index.at(offsets + 4 * count + 8 * (offset & 0x7FFF_FFFF), 8)
        )
    return int(offset)


def _head(pack: _Opened, offset: int) -> tuple[int, int, int]:
    """Return the kind of an entry, its size when inflated, and where what follows stands."""
    raw = pack.at(offset, 1)[0]
    kind, size, shift, at = raw >> 4 & 7, raw & 15, 4, offset + 1
    while raw >> 7:
        raw = pack.at(at, 1)[0]
        size |= (raw & 127) << shift
        shift, at = shift + 7, at + 1
        if size > MAX_OBJECT:
            raise UnreadableError(f"an object is larger than {MAX_OBJECT} bytes")
    return kind, size, at


def _distance(pack: _Opened, at: int) -> tuple[int, int]:
    """Return how far before a delta its base stands, and where what follows stands."""
    raw = pack.at(at, 1)[0]
    back, at = raw & 127, at + 1
    while raw >> 7:
        raw = pack.at(at, 1)[0]
        back, at = (back + 1) << 7 | raw & 127, at + 1
        if back >> 60:
            raise UnreadableError("a delta is to nothing")
    return back, at


def patched(base: bytes, delta: bytes) -> bytes:
    """Return what a delta makes of its base: runs of the base, and bytes of its own."""
    steps = iter(delta)
    try:
        before, after = _number(steps), _number(steps)
        if before != len(base) or after > MAX_OBJECT:
            raise UnreadableError("a delta is to another object")
        made = bytearray()
        for step in steps:
            if step & 128:
                start = sum(next(steps) << 8 * n for n in range(4) if step >> n & 1)
                size = sum(next(steps) << 8 * n for n in range(3) if step >> 4 + n & 1) or 0x10000
                made += base[start : start + size]
            else:
                made += bytes(next(steps) for _ in range(step))
            if len(made) > after or not step:
                raise UnreadableError("a delta is broken")
    except (StopIteration, RuntimeError) as error:
        raise UnreadableError("a delta ends early") from error
    if len(made) != after:
        raise UnreadableError("a delta is broken")
    return bytes(made)


def _number(steps: Iterator[int]) -> int:
    number = shift = 0
    while True:
        step = next(steps)
        number |= (step & 127) << shift
        shift += 7
        if not step >> 7 or shift > 60:  # noqa: PLR2004 - bits
            return number


class _Opened:
    """A regular file below `.git`, opened through folders that are no links."""

    def __init__(self, git: int, name: str) -> None:
        *steps, last = name.split("/")
        here = os.dup(git)
        try:
            for step in steps:
                below = os.open(step, OPEN_FOLDER, dir_fd=here)
                os.close(here)
                here = below
            self._fd = os.open(last, OPEN_FILE | NO_FOLLOW, dir_fd=here)
        finally:
            os.close(here)
        if not stat.S_ISREG(os.fstat(self._fd).st_mode):
            os.close(self._fd)
            raise UnreadableError(f"{name} is no regular file")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._fd)

    def at(self, start: int, length: int) -> bytes:
        """Return exactly `length` bytes."""
        found = os.pread(self._fd, length, start)
        if len(found) != length:
            raise UnreadableError("a file of objects ends early")
        return found

    def inflated(self, start: int, most: int) -> bytes:
        """Return what the zlib stream at `start` holds, up to `most` bytes."""
        stream, made = zlib.decompressobj(), bytearray()
        try:
            while not stream.eof:
                raw = stream.unconsumed_tail or os.pread(self._fd, BLOCK, start)
                start += 0 if stream.unconsumed_tail else len(raw)
                made += stream.decompress(raw, most + 1 - len(made))
                if not raw or len(made) > most:
                    raise UnreadableError("an object is longer or shorter than it says")
        except zlib.error as error:
            raise UnreadableError(f"an object is broken ({error})") from error
        return bytes(made)
