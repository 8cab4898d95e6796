"""What was read of a file before, kept by what it rests on: off unless a folder is named.

An entry is found by the SHA-256 of the file's bytes, its size and path, the digest of the rules,
the versions of aibom, of Python and of the libraries that parsers use, and the limits. It holds
facts; verdicts are always made anew. Kept is only what was read whole, locked in whole.

Whoever can write into the folder decides what is believed: a checksum tells damage, not deceit. So
a folder that others may write to is refused, as is one inside what is scanned; `aibom cache check`
reads files again and compares; and nothing is signed by what a cache says.
"""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import OutputError, TargetError
from .first_bytes import checked
from .folder import Entry, Found, open_file, readable
from .output import write_atomic
from .sandbox import DEFAULT_LIMITS
from .scanners.codec import BadShape, decode, encode
from .scanners.digest import SHA256
from .scanners.judge import rules_digest
from .scanners.record import fields, record, replace
from .scanners.shapes import is_object
from .scanners.source import FileSource
from .version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TypeAlias

    from .scanners.artifact import Artifact
    from .scanners.limits import Limits

    Digests: TypeAlias = tuple[tuple[str, str], ...]  # (algorithm, hexadecimal)

FORMAT = 1  # of entries
LARGEST = 64 << 20  # bytes of an entry
GENERATION = re.compile(r"[0-9a-f]{16}")  # a folder of entries that rest on the same programs
SHELF = re.compile(r"[0-9a-f]{2}")
ENTRY = re.compile(r"[0-9a-f]{64}\.json")
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Damaged(Exception):  # noqa: N818 - it names what became of the entry
    """There is an entry, and it is not what was written."""


class Cache:
    """The entries of one folder that rest on these programs and limits; for several threads."""

    def __init__(self, folder: str | os.PathLike[str], limits: Limits = DEFAULT_LIMITS) -> None:
        """Use `folder`, which is made when the first entry is written, for scans with `limits`.

        Raises:
            TargetError: It is no folder, or others may write to it.
        """
        folder = Path(folder)
        _refuse_strangers(folder)
        self.limits = limits
        bounds = {name: getattr(limits, name) for name in fields(type(limits))}
        self._rests_on = {"format": FORMAT, "limits": bounds, **_programs()}
        self.generation = checksum(self._rests_on)[:16]
        self._folder = folder
        self.refused = ""  # why the last entry could not be written

    def refuse_inside(self, target: str | os.PathLike[str]) -> None:
        """Raise if the cache lies in what is scanned: then it came with the model.

        Raises:
            TargetError: It does.
        """
        refuse_inside(self._folder, [os.fspath(target)])

    def recall(self, entry: Entry, path: tuple[str, ...], digests: Digests) -> Artifact | None:
        """Return what was read of these bytes under this path, or None; without digests."""
        digest = dict(digests).get(SHA256)
        try:
            found = self.look(path, entry.size, digest) if digest else None
            return found and checked(found, FileSource(entry.fd, entry.size))
        except (Damaged, BadShape):
            return None

    def look(self, path: tuple[str, ...], size: int, digest: str) -> Artifact | None:
        """Return what `recall` does, of bytes of this SHA-256 (hexadecimal).

        Raises:
            Damaged: There is an entry that is not believed.
        """
        key = self._key(path, size, digest)
        place = self._place(key)
        try:
            entry = open_file(place, place.name)
        except OSError:
            return None
        if entry.found is not Found.FILE:
            return None
        with os.fdopen(entry.fd, "rb") as file:
            raw = file.read(LARGEST + 1)
        try:
            return _believed(raw, key)
        except (BadShape, ValueError, KeyError, RecursionError) as error:
            raise Damaged(f"{readable(str(place))}: {str(error)[:200]}") from error

    def keep(self, artifact: Artifact) -> None:
        """Write an entry for an artifact that was read whole; do nothing about any other.

        Failing to write is no fault of the scan: `refused` then says why.
        """
        digest = dict(artifact.digests).get(SHA256)
        if digest is None or not artifact.is_complete:
            return
        bare = replace(artifact, digests=())
        key = self._key(bare.path, bare.size, digest)
        try:
            raw = _written(bare, key)
            if _believed(raw, key) != bare:
                return
            place = self._place(key)
            place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_atomic(place, raw, mode=0o600)
        except (BadShape, ValueError, RecursionError):
            return  # too long, or of a shape that would not come back as it is
        except (OutputError, OSError) as error:
            self.refused = str(error)

    def _key(self, path: tuple[str, ...], size: int, digest: str) -> dict[str, Any]:
        return {**self._rests_on, "path": list(path), "size": size, "sha256": digest}

    def _place(self, key: dict[str, Any]) -> Path:
        name = checksum(key)
        return self._folder / self.generation / name[:2] / f"{name}.json"


def _programs() -> dict[str, str]:
    """Return the versions of everything that decides which facts are found."""
    from importlib.metadata import version  # noqa: PLC0415 - only with a cache

    return {
        "tool": VERSION,
        "rules": rules_digest(),
        "python": sys.version,
        "jinja2": version("jinja2"),
        "pyyaml": version("pyyaml"),
    }


def _refuse_strangers(folder: Path) -> None:
    """Raise if somebody else could put entries into a folder."""
    shown = readable(str(folder))
    try:
        seen = folder.stat()
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        raise TargetError(f"{shown}: the cache cannot be opened: {error}.") from error
    if not stat.S_ISDIR(seen.st_mode):
        raise TargetError(f"{shown}: the cache is no folder.")
    if hasattr(os, "geteuid") and (
        seen.st_uid not in {0, os.geteuid()} or seen.st_mode & OTHERS_WRITE
    ):
        raise TargetError(
            f"{shown}: others may write to this cache, so they could decide what is found. "
            "Name a folder of your own, or chmod go-w it and clear it."
        )


# --- Entries --------------------------------------------------------------------------------------


def _text(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def checksum(value: object) -> str:
    """Return the SHA-256 (hexadecimal) of a JSON-shaped value."""
    return sha256(_text(value)).hexdigest()


def _written(artifact: Artifact, key: dict[str, Any]) -> bytes:
    content = {"key": key, "artifact": encode(artifact, columns=True)}
    return _text({**content, "checksum": checksum(content)})


def _believed(raw: bytes, key: dict[str, Any]) -> Artifact:
    """Return the artifact of an entry for this very key.

    Raises:
        BadShape: It is damaged, about something else, or holds what is never kept.
        ValueError: It is no JSON, or too long.
        RecursionError: It nests too deeply.
    """
    if len(raw) > LARGEST:
        raise ValueError(f"more than {LARGEST} bytes")
    found: Any = json.loads(raw)
    if not is_object(found) or found.keys() != {"key", "artifact", "checksum"}:
        raise BadShape("not an entry")
    content = {"key": found["key"], "artifact": found["artifact"]}
    if found["key"] != key or found["checksum"] != checksum(content):
        raise BadShape("it is about something else, or was changed")
    artifact = decode(found["artifact"], path=tuple(key["path"]), size=key["size"])
    if artifact.digests or not artifact.is_complete:
        raise BadShape("it holds what is never kept")
    return artifact


# --- The folder as a whole ------------------------------------------------------------------------


def refuse_inside(folder: Path, targets: Sequence[str]) -> None:
    """Raise if the cache lies in what is scanned: then it came with the model.

    Raises:
        TargetError: It does.
    """
    here = folder.resolve()
    for target in targets:
        if here.is_relative_to(Path(target).resolve()):
            shown = readable(str(folder))
            raise TargetError(f"{shown}: the cache lies in what is scanned. Name another folder.")


@record
class Stats:
    """How many entries a cache has."""

    entries: int
    size: int  # bytes
    current: int  # entries that this program with its usual limits could use


def stats(cache: Cache, folder: Path) -> Stats:
    """Return how many entries `folder` has, those of other programs included."""
    found = [(place, place.lstat().st_size) for place in entries(folder)]
    current = sum(place.parent.parent.name == cache.generation for place, _ in found)
    return Stats(len(found), sum(size for _, size in found), current)


def clear(folder: Path) -> int:
    """Remove every entry and return how many there were. Anything else stays where it is.

    Raises:
        OutputError: One could not be removed.
    """
    count = 0
    try:
        for place in entries(folder):
            place.unlink(missing_ok=True)
            count += 1
        for empty in sorted(_folders(folder), key=lambda each: -len(each.parts)):
            if not any(empty.iterdir()):
                empty.rmdir()
    except OSError as error:
        raise OutputError(
            f"{readable(str(folder))}: cannot be cleared: {error.strerror}."
        ) from error
    return count


def entries(folder: Path) -> Iterator[Path]:
    """Yield the place of each entry, by its name; no link is followed."""
    for shelf in _folders(folder):
        if SHELF.fullmatch(shelf.name):
            yield from (each for each in sorted(shelf.iterdir()) if ENTRY.fullmatch(each.name))


def _folders(folder: Path) -> Iterator[Path]:
    """Yield generations and the shelves in them."""
    if not folder.is_dir():
        return
    for generation in sorted(folder.iterdir()):
        if GENERATION.fullmatch(generation.name) and _is_real(generation):
            yield generation
            for shelf in sorted(generation.iterdir()):
                if SHELF.fullmatch(shelf.name) and _is_real(shelf):
                    yield shelf


def _is_real(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()
