"""The shipped form of verdicts: what is written to scanners/data/capability/derived.

Read by scanners/capability_table.py, which says what the lines mean. The same verdicts always make
the same bytes.
"""

from __future__ import annotations

import json
import lzma
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .judge import LEVELS, Named
from .owned import EVERYTHING, Own

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

FORMAT = 3
BLOCK = 1 << 20  # characters of the modules that are packed together: one is unpacked for a name
CODES = "!\"$%&'()*+,-/:;<=>?@[\\]^`{|}~"  # what no name holds; the reader has the same
EFFECTS = (  # each is written as one letter, from a: the reader has the same
    "callback", "compile", "env", "exec", "fread", "fwrite", "import", "kill", "module", "native",
    "net", "opaque", "patch", "proc", "resolve", "setattr", "unpickle", "unread",
)  # fmt: skip
SUFFIX = ".cap"
USES = ("call", "new", "build", "append", "setitem", "add", "hash", "getattr", "slots")

Verdict = dict[str, tuple[str, frozenset[str]]]  # use to (level, effects)


@dataclass(frozen=True, slots=True)
class Row:
    """The verdicts of one name, without witnesses."""

    kind: str
    uses: tuple[tuple[str, str, tuple[str, ...]], ...]  # use, level, effects
    native: tuple[str, ...] | None = None  # what its native part can reach; None: it has none

    @property
    def is_telling(self) -> bool:
        """Whether its absence, which stands for the unknown, would say less."""
        return self.kind == "native" or any(level == "danger" for _, level, _ in self.uses)

    def text(self) -> str:
        """Return the line of the header that stands for all names with these verdicts."""
        parts = [self.kind]
        parts += [
            f"{use}={level}" + (f":{letters(effects)}" if effects else "")
            for use, level, effects in self.uses
        ]
        if self.native is not None:
            parts.append(f"native={letters(self.native)}")
        return ";".join(parts)


def letters(effects: Iterable[str]) -> str:
    """Return the letters of some effects."""
    return "".join(chr(ord("a") + EFFECTS.index(each)) for each in effects)


def _no_names() -> defaultdict[str, dict[str, Row]]:
    return defaultdict(dict)


def _no_aliases() -> defaultdict[str, set[str]]:
    return defaultdict(set)


@dataclass(slots=True)
class Table:
    """Everything that is known of one distribution."""

    sources: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    names: defaultdict[str, dict[str, Row]] = field(default_factory=_no_names)
    imports: dict[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    natives: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    aliases: defaultdict[str, set[str]] = field(default_factory=_no_aliases)
    modules: set[str] = field(default_factory=set[str])
    own: Own | None = None  # names that are shipped whatever they can do; None: all
    witnesses: dict[tuple[str, str, str], str] = field(
        default_factory=dict[tuple[str, str, str], str]
    )

    def tops(self) -> set[str]:
        """Return the top-level packages and modules."""
        return {module.split(".")[0] for module in (*self.modules, *self.natives)}

    def merge(self, other: Table) -> None:
        """Join another version's table: the worst known verdict of each name stays."""
        self.own = other.own if not self.sources else _joined(self.own, other.own)
        self.sources += other.sources
        self.modules |= other.modules
        for module, rows in other.names.items():
            for name, row in rows.items():
                known = self.names[module].get(name)
                self.names[module][name] = row if known is None else worst(known, row)
        for module, effects in other.imports.items():
            self.imports[module] = self.imports.get(module, frozenset()) | effects
        for module, reach in other.natives.items():
            self.natives[module] = tuple(sorted({*self.natives.get(module, ()), *reach}))
        for alias, targets in other.aliases.items():
            self.aliases[alias] |= targets
        for key, witness in other.witnesses.items():
            self.witnesses.setdefault(key, witness)

    def shipped(self) -> Table:
        """Return what is shipped: without harmless names in modules that only import them.

        A witness is shipped where its name is at home.
        """
        names = _no_names()
        for module, rows in self.names.items():
            names[module] = {
                name: row
                for name, row in rows.items()
                if row.is_telling or self._is_own(module, name)
            }
        witnesses = {key: path for key, path in self.witnesses.items() if self._is_own(*key[:2])}
        return replace(self, names=names, witnesses=witnesses)

    def _is_own(self, module: str, name: str) -> bool:
        if self.own is None or (module, name) in self.own:
            return True
        return "." not in name and (module, EVERYTHING) in self.own


def _joined(one: Own | None, other: Own | None) -> Own | None:
    return None if one is None or other is None else one | other


def row(named: Named, natives: dict[str, tuple[str, ...]]) -> Row:
    """Return the shipped form of a verdict."""
    uses = tuple(
        (use, named.uses[use].level, tuple(sorted(named.uses[use].effects)))
        for use in USES
        if use in named.uses and not _is_plain(use, named.uses[use].level, named)
    )
    native: tuple[str, ...] | None = None
    if named.natives:
        native = tuple(sorted({each for name in named.natives for each in natives.get(name, ())}))
    return Row(named.kind, uses, native)


def _is_plain(use: str, level: str, named: Named) -> bool:
    """What the reader assumes is left out: clean, except for the call."""
    return level == "clean" and (use != "call" or named.kind == "class")


def worst(one: Row, other: Row) -> Row:
    """Return the worse verdict for each use."""
    uses = {use: (level, set(effects)) for use, level, effects in one.uses}
    for use, level, effects in other.uses:
        known = uses.get(use)
        if known is None or LEVELS.index(level) > LEVELS.index(known[0]):
            uses[use] = (level, set(effects))
        elif level == known[0]:
            known[1].update(effects)
    native: tuple[str, ...] | None = None
    if one.native is not None or other.native is not None:
        native = tuple(sorted({*(one.native or ()), *(other.native or ())}))
    kind = one.kind if one.kind == other.kind else max(one.kind, other.kind, key=_rank)
    ordered = tuple((use, uses[use][0], tuple(sorted(uses[use][1]))) for use in USES if use in uses)
    return Row(kind, ordered, native)


def _rank(kind: str) -> int:
    return ("value", "module", "native", "coroutine", "function", "class").index(kind)


def encode(name: str, table: Table) -> bytes:
    """Return the file of one distribution."""
    table = table.shipped()
    counts = Counter(row for rows in table.names.values() for row in rows.values())
    ordered = sorted(counts, key=lambda each: (-counts[each], each.text()))
    index = {each: _code(position) for position, each in enumerate(ordered)}
    blocks = _blocks(table, index)
    packed = [_pack(text) for _, text in blocks]
    aliases = {alias: sorted(targets) for alias, targets in sorted(table.aliases.items())}
    header = {
        "format": FORMAT,
        "package": name,
        "sources": sorted(table.sources, key=_by_version),
        "aliases": {alias: names for alias, names in aliases.items() if names != [alias]},
        "verdicts": [each.text() for each in ordered],
        "blocks": [[first, len(part)] for (first, _), part in zip(blocks, packed, strict=True)],
    }
    text = json.dumps(header, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    start = _pack(text)
    return b"".join((len(start).to_bytes(4, "little"), start, *packed))


def _blocks(table: Table, index: dict[Row, str]) -> list[tuple[str, str]]:
    """Return the text of all modules in parts, each with the name of its first module."""
    parts: list[tuple[str, list[str]]] = []
    length = BLOCK
    for module in sorted({*table.modules, *table.natives}):
        text = _module_text(module, table, index)
        if length + len(text) > BLOCK:
            parts.append((module, []))
            length = 0
        parts[-1][1].append(text)
        length += len(text)
    return [(first, "".join(texts)) for first, texts in parts]


def _pack(text: str) -> bytes:
    content = text.encode()
    window = 1 << max(12, (len(content) - 1).bit_length())  # bytes the reader has to set aside
    settings = {"id": lzma.FILTER_LZMA2, "preset": 9, "dict_size": window, "lc": 4, "pb": 0}
    return lzma.compress(content, lzma.FORMAT_XZ, lzma.CHECK_CRC32, filters=[settings])


def _code(number: int) -> str:
    """Return a number, from 0, in digits that end a name: one digit for the usual ones."""
    digits = ""
    number += 1
    while number:
        number, digit = divmod(number - 1, len(CODES))
        digits = CODES[digit] + digits
    return digits


def _by_version(source: dict[str, str]) -> tuple[list[int], str]:
    return [int(part) for part in re.findall(r"\d+", source["version"])], source["version"]


def _module_text(module: str, table: Table, index: dict[Row, str]) -> str:
    lines = [f"M {module}"]
    if module in table.natives:
        lines.append(f"N {','.join(table.natives[module])}")
    if table.imports.get(module):
        lines.append(f"I {','.join(sorted(table.imports[module]))}")
    rows = table.names.get(module, {})
    coded = ((name, index[rows[name]]) for name in sorted(rows))
    lines.append("V " + "".join(_entries(coded)))
    return "\n".join(lines) + "\n"


def _entries(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each name and the code of its verdict; of a class just named only the member."""
    owner = None
    for name, code in rows:
        around, _, member = name.rpartition(".")
        if around and around == owner:
            yield f".{member}{code}"
        else:
            yield name + code
            owner = around or name


def encode_witnesses(table: Table) -> bytes:
    """Return the file of witness paths of one distribution: module, name, use, path."""
    shipped = table.shipped().witnesses
    lines = ["\t".join((*key, witness)) for key, witness in sorted(shipped.items())]
    return _pack("\n".join(lines) + "\n")
