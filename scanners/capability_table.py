"""What library names can do when a pickle uses them, as derived from the libraries' source.

The data in ``data/capability/derived`` are made by ``tools/capability`` (docs/capability.md), one
file for each distribution, and are read only when a name asks for one of its top-level packages.
``index.json`` maps each top-level package to the distributions that hold it. A file is four bytes,
little-endian, that say how long its header is when packed; the header; then blocks of modules, each
packed by itself, of which a name needs one. All are packed as xz.

- header, JSON: format, package, sources (versions and digests), aliases (names under which
  modules are imported, other than their own), verdicts, and of each block its first module and its
  packed length in bytes. Modules stand in the order of their names.
- block: ``M module``, then for it ``N effects`` if it is native and what it can reach,
  ``I effects`` if importing it does something, and ``V name CODE name CODE …`` without blanks: each
  name, and the number of its verdict in digits that no name holds (`CODES`), from 1. ``.member``
  belongs to the class that was named last.

A verdict reads ``kind;use=level:effects;…;native=effects``, a letter for each effect. A use that is
not written is clean; a class is written without its clean uses. Nothing here says "safe": a clean
name has no *known* capability in the versions that were analysed.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .record import record, replace

if TYPE_CHECKING:
    from collections.abc import Iterator

DATA = Path(__file__).parent / "data" / "capability" / "derived"
FORMAT = 3
LARGEST = 1 << 25  # bytes of one part when it is unpacked
MEMORY = 1 << 25  # bytes that unpacking may set aside
CODES = "!\"$%&'()*+,-/:;<=>?@[\\]^`{|}~"
EFFECTS = dict(  # by the letters that they are written as
    zip(
        "abcdefghijklmnopqr",
        (
            "callback", "compile", "env", "exec", "fread", "fwrite", "import", "kill", "module",
            "native", "net", "opaque", "patch", "proc", "resolve", "setattr", "unpickle", "unread",
        ),
        strict=True,
    )
)  # fmt: skip
_ROW = re.compile(f"([^{re.escape(CODES)}]+)([{re.escape(CODES)}]+)")


class TableError(Exception):
    """Our own data are not as they were written: a broken installation."""


class Use(StrEnum):
    """How a pickle uses a name."""

    CALL = "call"  # REDUCE, OBJ, INST
    NEW = "new"  # NEWOBJ, NEWOBJ_EX
    BUILD = "build"  # __setstate__, and __del__ with the fields that the pickle set
    APPEND = "append"  # APPEND, APPENDS: append or extend
    SETITEM = "setitem"
    ADD = "add"
    HASH = "hash"  # a key of a dict or a member of a set
    GETATTR = "getattr"  # attributes that the unpickler asks for
    SLOTS = "slots"  # slot state: __setattr__ and property setters


class Level(StrEnum):
    """How bad a use is, from the least."""

    CLEAN = "clean"  # no known capability
    READS = "reads"  # opens a path for reading
    UNKNOWN = "unknown"  # native code, or a name that the analysed versions do not have
    CALLBACK = "callback"  # calls what it is given, or sets attributes on it
    DANGER = "danger"  # can reach a dangerous primitive


@record
class Verdict:
    """What one use of a name can reach."""

    level: Level
    effects: frozenset[str] = frozenset()  # exec proc native fwrite fread net unpickle import …


CLEAN = Verdict(Level.CLEAN)
UNKNOWN = Verdict(Level.UNKNOWN)
THROUGH_MODULE = Verdict(Level.DANGER, frozenset({"module"}))


@record
class Entry:
    """What the table says of a name."""

    covered: bool  # its package was analysed
    kind: str = "unknown"  # function, coroutine, class, native, module, value
    uses: tuple[tuple[Use, Verdict], ...] = ()
    native: frozenset[str] | None = None  # what its native part can reach; None: it has none
    import_effects: frozenset[str] = frozenset()  # what importing its module does
    package: str = ""  # the distribution
    versions: tuple[str, ...] = ()  # those analysed

    @property
    def is_known(self) -> bool:
        """Whether the analysed versions have this name."""
        return self.kind != "unknown"

    def verdict(self, use: Use) -> Verdict:
        """Return the verdict for one use; of an unknown name it is unknown, never clean."""
        for each, verdict in self.uses:
            if each == use:
                return verdict
        if not self.is_known or (self.kind == "native" and self.native is not None):
            return UNKNOWN
        if use is Use.CALL and (self.kind != "class" or self.native is not None):
            return UNKNOWN  # a native constructor, or a version that did not say
        return CLEAN

    def worst(self, *, rebuilt: bool, is_bare: bool = False) -> tuple[Use, Verdict]:
        """Return the worst of what a rebuild uses, or of that and a call.

        A bare rebuild hands nothing to `__new__`, so what that does with the file's data is out.

        A call counts with what may follow it: state, items and members for the object it made. So
        does being a key: whether the object becomes one is the file's choice too. Slot state is
        another event, which the file shows (`Use.SLOTS`).
        """
        uses: list[Use] = [use for use in Use if use not in {Use.CALL, Use.SLOTS}]
        if not rebuilt:
            uses = [Use.CALL, *uses] if self.kind == "class" else [Use.CALL]
        judged = ((use, self.verdict(use)) for use in uses if not (is_bare and use is Use.NEW))
        return max(judged, key=lambda each: _RANK[each[1].level])


NOT_COVERED = Entry(covered=False)
_RANK = {level: rank for rank, level in enumerate(Level)}


@record
class Block:
    """Where a file has the modules from `first` on, up to the first of the next block."""

    first: str
    start: int  # byte
    length: int  # bytes, packed


@record
class Package:
    """One distribution's file: its header, and where its modules are."""

    name: str
    sources: tuple[dict[str, str], ...]  # versions and digests
    aliases: dict[str, list[str]]
    verdicts: tuple[str, ...]
    blocks: tuple[Block, ...]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that were analysed."""
        return tuple(each["version"] for each in self.sources)

    @property
    def modules(self) -> list[str]:
        """All modules that were analysed."""
        lines = "".join(_block_text(self.name, each) for each in self.blocks).split("\n")
        return [line[2:] for line in lines if line.startswith("M ")]

    def block(self, module: str) -> list[str] | None:
        """Return the lines of one module, or None if it was not analysed."""
        at = bisect_right(self.blocks, module, key=lambda each: each.first) - 1
        if at < 0:
            return None
        text = _block_text(self.name, self.blocks[at])
        start = text.find(f"\nM {module}\n")
        if start < 0:
            return None
        end = text.find("\nM ", start + 1)
        return text[start + 1 : end if end >= 0 else len(text)].split("\n")[1:]


@lru_cache(maxsize=4096)
def lookup(module: str, name: str) -> Entry:
    """Return what the table says of `name`, perhaps dotted, in `module`.

    Names are those of Python 3 (`fix_imports` applied). A dotted name that walks through an
    imported module is judged as the name that it ends at, and as a walk if that is not known.

    Raises:
        TableError: The data of this installation are broken.
    """
    packages = [read_package(each) for each in _distributions(module)]
    found = NOT_COVERED
    for package in packages:
        entry = _in_package(package, module, name)
        if entry.is_known:
            return entry
        found = entry
    return found


@lru_cache(maxsize=4096)
def import_effects(module: str) -> frozenset[str]:
    """Return what importing a module does by its own text, not by what it imports in turn."""
    blocks = (read_package(each).block(module) for each in _distributions(module))
    lines = (line for block in blocks for line in block or ())
    none: frozenset[str] = frozenset()
    return none.union(*(_set(line[2:]) for line in lines if line.startswith("I ")))


def witness(module: str, name: str, use: Use) -> str | None:
    """Return how a dangerous name can reach its primitive, if that path is shipped."""
    for each in _distributions(module):
        path = DATA / f"{each}.why"
        if path.exists():
            found = read_witnesses(each).get((module, name, str(use)))
            if found:
                return found
    return None


def covered_packages() -> dict[str, Package]:
    """Return every analysed distribution: all files are read."""
    names = sorted({name for names in read_index().values() for name in names})
    return {name: read_package(name) for name in names}


def _in_package(package: Package, module: str, name: str) -> Entry:
    nothing = Entry(covered=True, package=package.name, versions=package.versions)
    block = package.block(module)
    if block is None:
        return nothing
    for line in block:
        tag, _, rest = line.partition(" ")
        if tag == "I":
            nothing = replace(nothing, import_effects=_set(rest))
        elif tag == "N":
            nothing = replace(nothing, kind="native", native=_set(rest))
        elif tag == "V" and (number := _number(rest, name)):
            kind, uses, native = _verdicts(package.verdicts[number - 1])
            return replace(nothing, kind=kind, uses=uses, native=native)
    return _walk(package, module, name, nothing) if "." in name else nothing


def _number(rows: str, name: str) -> int:
    """Return the number of a name's verdict, from 1, or 0 if these rows do not have it."""
    owner, _, member = name.rpartition(".")
    if name not in rows and f".{member}" not in rows:
        return 0
    last = ""  # the class that was named last
    for found, code in _ROW.findall(rows):
        if found.startswith("."):
            if last == owner and found[1:] == member:
                return _from_code(code)
            continue
        if found == name:
            return _from_code(code)
        last = found.rpartition(".")[0] or found
    return 0


def _from_code(code: str) -> int:
    number = 0
    for digit in code:
        number = number * len(CODES) + CODES.index(digit) + 1
    return number


def _walk(package: Package, module: str, name: str, nothing: Entry) -> Entry:
    """Follow a dotted name whose first part is a module, here or under a usual alias."""
    first, _, rest = name.partition(".")
    targets = [f"{module}.{first}", first, *package.aliases.get(first, ())]
    for target in targets:
        if target == module or not is_module(target):
            continue
        entry = lookup(target, rest)
        if entry.is_known:
            return entry
    return nothing


def is_module(name: str) -> bool:
    """Return whether a module of this name was analysed."""
    return any(read_package(each).block(name) is not None for each in _distributions(name))


def _distributions(module: str) -> list[str]:
    return read_index().get(module.split(".", maxsplit=1)[0], [])


@cache
def read_index() -> dict[str, list[str]]:
    """Return the distributions of each top-level package."""
    try:
        raw: Any = json.loads((DATA / "index.json").read_text("utf-8"))
        tops: dict[str, list[str]] = raw["packages"]
    except (OSError, ValueError, KeyError) as error:
        raise TableError(f"index of the capability table: {error}") from error
    if raw.get("format") != FORMAT:
        raise TableError(f"capability table: format {raw.get('format')!r}, this reads {FORMAT}")
    return tops


@cache
def read_package(name: str) -> Package:
    """Return one distribution's table."""
    path = DATA / f"{name}.cap"
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(4), "little")
            packed = file.read(length)
    except OSError as error:
        raise TableError(f"{path.name}: {error}") from error
    header = _unpack(path.name, packed)
    try:
        raw: Any = json.loads(header)
        sources = tuple({str(k): str(v) for k, v in each.items()} for each in raw["sources"])
        blocks = tuple(_places(raw["blocks"], 4 + length))
        verdicts = tuple(raw["verdicts"])
        package = Package(name, sources, raw["aliases"], verdicts, blocks)
    except (ValueError, KeyError, TypeError) as error:
        raise TableError(f"{name}: header of the capability table: {error}") from error
    if raw.get("format") != FORMAT or raw.get("package") != name:
        raise TableError(f"{name}: not a table of format {FORMAT}")
    return package


def _places(blocks: list[list[Any]], start: int) -> Iterator[Block]:
    for first, length in blocks:
        yield Block(str(first), start, int(length))
        start += int(length)


@lru_cache(maxsize=64)
def _block_text(name: str, block: Block) -> str:
    """Return the unpacked text of one block, after a line end."""
    path = DATA / f"{name}.cap"
    try:
        with path.open("rb") as file:
            file.seek(block.start)
            packed = file.read(block.length)
    except OSError as error:
        raise TableError(f"{path.name}: {error}") from error
    return f"\n{_unpack(path.name, packed)}"


@cache
def read_witnesses(name: str) -> dict[tuple[str, str, str], str]:
    """Return the witness paths of a distribution by module, name and use."""
    path = DATA / f"{name}.why"
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise TableError(f"{path.name}: {error}") from error
    rows = (line.split("\t") for line in _unpack(path.name, packed).splitlines())
    return {(row[0], row[1], row[2]): row[3] for row in rows if len(row) == 4}  # noqa: PLR2004 - columns


def _unpack(where: str, packed: bytes) -> str:
    import lzma  # noqa: PLC0415 - most scans ask for no derived name

    unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=MEMORY)
    try:
        content = unpacker.decompress(packed, LARGEST)
    except lzma.LZMAError as error:
        raise TableError(f"{where}: {error}") from error
    if not unpacker.eof or unpacker.unused_data:
        raise TableError(f"{where}: cut off, or more than {LARGEST} bytes")
    return content.decode("utf-8")


@cache
def _verdicts(
    text: str,
) -> tuple[str, tuple[tuple[Use, Verdict], ...], frozenset[str] | None]:
    kind, *parts = text.split(";")
    uses: list[tuple[Use, Verdict]] = []
    native: frozenset[str] | None = None
    for part in parts:
        use, _, value = part.partition("=")
        if use == "native":
            native = _effects(value)
            continue
        level, _, effects = value.partition(":")
        uses.append((Use(use), Verdict(Level(level), _effects(effects))))
    return kind, tuple(uses), native


def _effects(letters: str) -> frozenset[str]:
    return frozenset(EFFECTS[letter] for letter in letters)


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split(",")) if text else frozenset()
