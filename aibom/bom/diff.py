"""Two bills of materials compared by what they describe, each change with a grade.

References, serial numbers, times and the order of lists do not count, and neither does evidence:
where a value stands in a file follows from the bytes. Nothing is verified here: who compares a BOM
that nobody verified compares what somebody wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BomError
from ..scanners.record import record
from . import diff_around as around
from . import read
from .diff_findings import findings
from .diff_items import is_fingerprint
from .diff_kinds import KINDS, Change
from .diff_match import match
from .diff_sides import NOTHING, Side, number
from .document import READABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .diff_items import Item
    from .diff_kinds import Grade
    from .document import Json


FILLED = {  # a gap -> that it is none any more
    "unread-appeared": "unread-gone",
    "completeness-lost": "completeness-gained",
}


@record
class Comparison:
    """All changes, worst first."""

    changes: tuple[Change, ...]

    @property
    def worst(self) -> Grade | None:
        """The worst grade of a change, if there is any."""
        return max((change.grade for change in self.changes), default=None)

    def of(self, grade: Grade) -> tuple[Change, ...]:
        """Return the changes of one grade."""
        return tuple(change for change in self.changes if change.grade is grade)


def parse(data: bytes, source: str) -> Json:
    """Return the document in `data`, which its user calls `source`.

    Raises:
        BomError: It is no CycloneDX in JSON, or of a version without model cards.
    """
    try:
        return read.parse(data, versions=READABLE)
    except BomError as error:
        raise BomError(f"{source}: {error}") from error


def diff(old: Json, new: Json) -> Comparison:
    """Return what is different in `new`.

    Types in the documents may be wrong: what is not as specified is compared as it stands, if at
    all, and never a reason to call two documents alike that are not.
    """
    one, other = Side(old), Side(new)
    pairs, gone, come = match(one.items, other.items)
    pairs = [(one.whole, other.whole), *pairs]
    things = number(one, other, pairs)
    same = _Same(
        version=one.version == other.version != NOTHING,
        content=one.content == other.content != NOTHING,
    )
    found = [
        *_one_sided(gone, come),
        *(change for pair in pairs for change in _pair(*pair, same, (one.whole, other.whole))),
        *around.known(one, other, things),
        *around.needs(one, other, things),
        *findings(one, other, things),
        *around.document(one, other),
    ]
    ranks = {kind: rank for rank, kind in enumerate(KINDS)}
    order = sorted(
        found, key=lambda c: (-c.grade, ranks[c.kind], c.after, c.before, c.field, c.old, c.new)
    )
    return Comparison(tuple(order))


# --- Things ---------------------------------------------------------------------------------------


def _one_sided(gone: list[Item], come: list[Item]) -> Iterator[Change]:
    for item in gone:
        yield Change(f"{_what(item)}-removed", item.name, "", old=_shown(item))
    for item in come:
        yield Change(f"{_what(item)}-added", "", item.name, new=_shown(item))
    for item in come:  # what was not read of a new file
        for (kind, field), told in item.said.items():
            if kind == "unread-appeared":
                yield Change(kind, "", item.name, field, NOTHING, told)
    for item in gone:
        for (kind, field), told in item.said.items():
            if kind == "unread-appeared":
                yield Change(FILLED[kind], item.name, "", field, told, NOTHING)


def _what(item: Item) -> str:
    if item.is_weights:
        return "weights"
    return "file" if item.path or item.type == "file" else "component"


def _shown(item: Item) -> tuple[str, ...]:
    return tuple(filter(None, (item.digest,)))


@record
class _Same:
    """What two documents share as a whole."""

    version: bool  # both state it
    content: bool  # the files that they list, by their digests


def _pair(old: Item, new: Item, same: _Same, wholes: tuple[Item, Item]) -> Iterator[Change]:
    if old.digest != new.digest:
        kind = _content(old, new, is_same_version=same.version)
        yield Change(kind, old.name, new.name, old=_shown(old), new=_shown(new))
    elif old.path != new.path:
        yield Change("file-renamed", old.name, new.name, "path", (old.path,), (new.path,))
    is_untouched = old.digest == new.digest and (bool(old.digest) or same.content)
    is_measured = bool(old.fingerprints) and bool(new.fingerprints)
    yield from _roots(old, new, same, is_untouched=is_untouched)
    if not is_measured:
        yield from _measured(old, new)
    for key in sorted(old.said.keys() | new.said.keys()):
        before, after = old.said.get(key, NOTHING), new.said.get(key, NOTHING)
        if before == after or _is_path(key, old, new):
            continue
        if is_fingerprint(key[1]) and not is_measured:
            continue
        if _is_repeated(key, old, new, wholes):
            continue
        kind = "parameters-restated" if is_untouched and key[0] == "parameters-changed" else key[0]
        yield from _said((kind, key[1]), old, new, before, after)


def _is_repeated(key: tuple[str, str], old: Item, new: Item, wholes: tuple[Item, Item]) -> bool:
    """Whether weights say what the whole says on both sides, where the change is told once."""
    told = [item.said.get(key, NOTHING) for item in wholes]
    is_part = old.is_weights and (old, new) != wholes and key[0] not in FILLED
    return is_part and told == [old.said.get(key, NOTHING), new.said.get(key, NOTHING)]


def _roots(old: Item, new: Item, same: _Same, *, is_untouched: bool) -> Iterator[Change]:
    """Yield that what only its tensors tell apart has others, or that one side has no root."""
    if old.root == new.root or old.digest or new.digest:
        return
    if old.root and new.root:
        kind = "weights-changed-in-place" if same.version else "weights-changed"
        kind = "parameters-restated" if is_untouched else kind
    elif is_untouched:
        return  # told as fingerprints
    else:
        kind = "completeness-lost" if old.root else "completeness-gained"
    yield Change(kind, old.name, new.name, "tensor root", _some(old.root), _some(new.root))


def _measured(old: Item, new: Item) -> Iterator[Change]:
    """Yield that the tensors were measured on one side only, which is no change of theirs."""
    if old.fingerprints:
        kind = "fingerprints-removed"
    elif new.fingerprints:
        kind = "fingerprints-added"
    else:
        return
    yield Change(kind, old.name, new.name, "fingerprints", old.fingerprints, new.fingerprints)


def _some(text: str) -> tuple[str, ...]:
    return (text,) if text else ()


def _is_path(key: tuple[str, str], old: Item, new: Item) -> bool:
    """Whether a name is only the path, whose change is told as that."""
    return key == ("identity-changed", "name") and bool(old.path) and bool(new.path)


def _content(old: Item, new: Item, *, is_same_version: bool) -> str:
    if old.root and old.root == new.root:
        return "weights-repacked"
    if not (old.is_weights or new.is_weights):
        return "file-changed"
    return "weights-changed-in-place" if is_same_version else "weights-changed"


def _said(
    key: tuple[str, str], old: Item, new: Item, before: tuple[str, ...], after: tuple[str, ...]
) -> Iterator[Change]:
    """Yield the change of one field, by whether it is there on both sides."""
    kind, field = key
    if kind in FILLED:
        gone, come = set(before) - set(after), set(after) - set(before)
        if come:
            yield Change(kind, old.name, new.name, field, NOTHING, tuple(sorted(come)))
        if gone:
            yield Change(FILLED[kind], old.name, new.name, field, tuple(sorted(gone)), NOTHING)
        return
    stem = kind.removesuffix("-changed")
    other = f"{stem}-removed" if not after else f"{stem}-added" if not before else kind
    yield Change(other if other in KINDS else kind, old.name, new.name, field, before, after)
