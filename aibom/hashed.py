"""The files of a model, hashed while nobody can swap them, or the reason why they cannot be."""

from __future__ import annotations

import json
import os
import threading
from enum import Enum
from typing import TYPE_CHECKING, TypeAlias

from . import folder, layout
from .folder import Entry, Found
from .look import look, stamped
from .parallel import Cancelled, cores, spread
from .sandbox import DEFAULT_LIMITS
from .scan import SMALL, open_target
from .scanners.digest import SHA256, digests
from .scanners.shapes import is_object
from .signatures import SignatureError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping
    from pathlib import Path

    from .errors import AibomError
    from .look import Seen
    from .scan import Progress

Covers: TypeAlias = "Callable[[str], bool]"  # whether a signature covers the file of that name
Known: TypeAlias = "dict[str, tuple[tuple[int, ...], str]]"  # name -> stamp and SHA-256 (hex)

MAX_BOM = 64 << 20  # bytes
WHOLE = 1 << 16  # bytes of a file that is read by one call
PREAD = hasattr(os, "pread")
ADVICE: dict[str, str] = dict.fromkeys(
    ("BOM", "signature", "model signature", "public key"),
    "Check --key, --bom and --bundle; `aibom attest` makes BOM and signature.",
)
NOT_HASHED = "not hashed: it cannot be the file that was signed"  # equal to no digest


def read_ours(path: Path, what: str, missing: type[AibomError]) -> bytes:
    """Return a file of ours, which may not be endless, a pipe or a device.

    Raises:
        AibomError: It is not there, as the class `missing`.
        SignatureError: `json-too-big`.
    """
    shown = folder.readable(str(path))
    try:
        entry = folder.open_file(path, path.name)
    except OSError as error:
        raise missing(
            f"{shown}: the {what} cannot be read: {folder.reason(error)}. "
            f"{ADVICE.get(what, 'Check the path.')}"
        ) from error
    if entry.found is not Found.FILE:
        raise missing(f"{shown}: the {what} is {entry.detail}, expected a regular file.")
    with os.fdopen(entry.fd, "rb") as file:
        data = file.read(MAX_BOM + 1)
    if len(data) > MAX_BOM:
        raise SignatureError("json-too-big", f"{shown}: more than {MAX_BOM} bytes")
    return data


class _Part(Enum):
    """What a file is to a verification."""

    COVERED = "covered"  # the signature speaks about it
    OWN = "own"  # it is what is being verified: the BOM, the bundle
    ASIDE = "aside"  # the signature leaves it out


class Files:
    """The digests of the files at hand, and what stands in the way of having them."""

    def __init__(
        self,
        *,
        covers: Covers,
        own: Collection[str],
        progress: Progress,
        known: Known | None = None,
    ) -> None:
        """Take what `covers` says is covered; `own` are the names of what is being verified.

        `known` are digests taken a moment ago, of files whose stamps are still the same; those that
        are taken now are added to it.
        """
        self.digests: dict[str, str] = {}
        self.left_out: list[str] = []
        self.size = 0
        self._stamps: dict[str, tuple[int, ...]] = {}
        self._covers, self._own, self._progress = covers, own, progress
        self._known = {} if known is None else known
        self._cancelled = threading.Event()

    def take(self, entries: Iterable[Entry], signed: Mapping[str, int | None] | None) -> None:
        """Digest every entry that a signature covers.

        `signed` holds the names, and where known the sizes in bytes, of what was signed: a file
        that cannot match is not read at all, however large somebody made it.
        """
        found = spread(
            lambda entry: self._digest(entry, signed),
            self._covered(entries),
            workers=cores(),
            here=lambda entry: entry.size <= SMALL,
            discard=Entry.close,
            stop=self._cancelled.set,
        )
        for name, digest, size in found:
            self.digests[name] = digest
            self.size += size

    def confirm(self, target: Path) -> None:
        """Raise unless the files at `target` are those that were digested, by name and stamp.

        Nothing is read again: what was swapped while other files were read has another stamp.

        Raises:
            SignatureError: `extra-file`, `changed-while-reading`, or as `take`.
            TargetError: It is no longer there.
        """
        _, in_folder, entries = open_target(target)
        if in_folder:
            try:
                self._compare(look(target))
            except SignatureError:  # perhaps a file system that numbers open files otherwise
                self._compare(stamped(entries))
        else:
            self._compare(stamped(entries))

    def _compare(self, seen: Iterable[Seen]) -> None:
        gone = set(self._stamps)
        for entry, stamp in seen:
            name, part = entry.name, self._part(entry.name)
            was_read = part is _Part.COVERED or (part is _Part.ASIDE and name in layout.OUTPUTS)
            if was_read or part is _Part.OWN or entry.found is Found.SYMLINK:
                _regular(entry)
            if not was_read:
                continue
            if name not in self._stamps and name not in self.digests:
                raise SignatureError("extra-file", f"{name!r} came while others were read")
            if self._stamps.get(name, stamp) != stamp:
                raise SignatureError("changed-while-reading", f"{name!r} changed after it was read")
            gone.discard(name)
        if gone:
            raise SignatureError("changed-while-reading", f"{min(gone)!r} vanished")

    def _part(self, name: str) -> _Part:
        if name in self._own:
            return _Part.OWN
        return _Part.COVERED if self._covers(name) else _Part.ASIDE

    def _covered(self, entries: Iterable[Entry]) -> Iterable[Entry]:
        for entry in entries:
            match self._part(entry.name):
                case _Part.COVERED:
                    yield _regular(entry)
                    continue
                case _Part.OWN:
                    _regular(entry)
                case _Part.ASIDE:
                    self._leave_out(entry)
            entry.close()

    def _leave_out(self, entry: Entry) -> None:
        """Note what the signature does not cover; it may be no disguise for something else."""
        top = entry.name.split("/", 1)[0]
        self.left_out += [top] if top not in self.left_out else []
        if entry.found is Found.SYMLINK:
            raise SignatureError("symlink", f"{entry.name!r} is a symbolic link")
        if entry.name not in layout.OUTPUTS:
            return
        if entry.found is not Found.FILE or not _is_json(entry):
            entry.close()
            raise SignatureError("extra-file", f"{entry.name!r} is no result of signing")
        self._stamps[entry.name] = entry.stamp

    def _digest(
        self, entry: Entry, signed: Mapping[str, int | None] | None
    ) -> tuple[str, str, int]:
        try:
            expected = None if signed is None else signed.get(entry.name, -1)
            if expected is not None and expected != entry.size:
                return entry.name, NOT_HASHED, entry.size
            if entry.size > DEFAULT_LIMITS.file_bytes:
                raise SignatureError(
                    "unreadable-file", f"{entry.name!r} is too large: {entry.size} bytes"
                )
            return entry.name, self._hash(entry), entry.size
        finally:
            entry.close()

    def _advance(self, count: int) -> None:
        if self._cancelled.is_set():
            raise Cancelled
        self._progress.advance(count)

    def _hash(self, entry: Entry) -> str:
        before = entry.stamp
        seen, digest = self._known.get(entry.name, (None, ""))
        if seen == before:
            self._stamps[entry.name] = before
            return digest
        try:
            digest = self._digest_of(entry)
        except OSError as error:
            raise SignatureError(
                "unreadable-file", f"{entry.name!r}: {folder.reason(error)}"
            ) from error
        if entry.stamp != before:
            raise SignatureError(
                "changed-while-reading", f"{entry.name!r} changed while it was read"
            )
        self._stamps[entry.name] = before
        self._known[entry.name] = (before, digest)
        return digest

    def _digest_of(self, entry: Entry) -> str:
        data = _whole(entry)
        if len(data) == entry.size:
            self._advance(entry.size)
            return layout.digest(data)
        ((_, digest),) = digests(entry.fd, entry.size, (SHA256,), self._advance)
        return digest


def _whole(entry: Entry) -> bytes:
    """Return a small file's bytes; fewer or none where one read does not get them."""
    return os.pread(entry.fd, entry.size, 0) if entry.size <= WHOLE and PREAD else b""


def _is_json(entry: Entry) -> bool:
    """Whether a file is one JSON object from end to end, as every BOM and every bundle is."""
    if entry.size > MAX_BOM:
        return False
    with os.fdopen(os.dup(entry.fd), "rb") as file:
        data = file.read(MAX_BOM + 1)
    try:
        return is_object(json.loads(data))
    except (ValueError, RecursionError):
        return False


def _regular(entry: Entry) -> Entry:
    """Return an entry that can be read; raise for every other."""
    name = repr(entry.name)
    match entry.found:
        case Found.FILE:
            return entry
        case Found.SYMLINK:
            raise SignatureError("symlink", f"{name} is a symbolic link")
        case Found.SPECIAL:
            raise SignatureError("not-regular", f"{name} is {entry.detail}")
        case Found.VANISHED:
            raise SignatureError("changed-while-reading", f"{name} vanished")
        case _:
            raise SignatureError("unreadable-file", f"{name}: {entry.detail}")
