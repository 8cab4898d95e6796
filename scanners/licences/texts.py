"""Which licence a text is, or that it cannot be told.

A kit (see `kits`): it reads a table of shingles (see `shingles`) when it is imported. The table
holds no text, only which three words in a row stand in which licences (`tools/licences.py` makes
it from collected texts; sources stand in ``data/licences/texts.toml``).

A text is told when whole licences explain it: first the one that explains most, then one that
explains most of the rest, and so on. What nothing explains must be short of words that forbid or
demand; else someone may have added terms, and there is no answer. Nor is there one between two
licences when the words that tell them apart are neither clearly here nor clearly missing; two that
both stand here whole are both told.
"""

from __future__ import annotations

from collections import Counter
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

from ..record import record
from .shingles import shingles, words
from .table import NO_GROUP, Licence, Table
from .vocabulary import DEMANDING, FORBIDDING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TABLE = Path(__file__).parents[1] / "data" / "licences" / "texts.bin"

MAX_TEXT = 256 << 10  # bytes; the longest licence of the table has 42 000
MAX_LICENCES = 8  # more in one file are a collection, and which covers what is not for a table

WHOLE = 0.9  # of a licence's shingles must stand in the text: copies lose headings and addresses
EXACT = 0.985  # for licences that come in versions 0.97 alike
LONG = 800  # words: of so many, a text that was not changed ...
CHANGED = 0.015  # ... has at most this part of other words between its first and its last
COPIES = 2  # times a licence's words: a text so long holds it more than once
KEPT = 0.75  # of the shingles that only the first of two has: names of holders change some of them
PRESENT = 0.5  # of the shingles that only the rival has: so many, and it may be the rival

LATIN = "\u036f"  # the last letter or accent of words that stand in the lists of `vocabulary`
MAX_CLAUSES = 30  # a number up to this counts clauses, if its neighbours are there too
MAX_DEMANDING = 2  # "except where noted otherwise" is no term

OTHERWISE = bytes([1, 0]) + bytes(254)  # 0 for 1 and 1 for 0


@record
class Found:
    """What a text is."""

    ids: tuple[str, ...] = ()  # the licences that explain it, the longest first; () if not told
    why: str = ""  # why not


def told(text: str, table: Table) -> Found:
    """Return which licences a text is made of, in bounded time for a text within `MAX_TEXT`."""
    found = words(text)
    row = shingles(found)
    groups = table.groups(row)
    counted = _counted(table, dict(zip(row, groups, strict=True)).values())
    chosen = _explaining(counted)
    if not chosen:
        return Found(why="like no licence of the table")
    doubt = _beside(counted, chosen)
    if doubt:
        return Found(why=doubt)
    if len(chosen) > MAX_LICENCES:
        return Found(why="a collection of licences")
    explained = counted.groups(chosen)
    covered = bytes(map(explained.__contains__, groups))
    licences = [table.licences[each] for each in chosen]
    why = _unexplained(found, covered, licences)
    return Found(why=why) if why else Found(tuple(dict.fromkeys(each.id for each in licences)))


@record
class Counted:
    """How much of each licence stands in a text. Licences go by their numbers in the table."""

    table: Table
    here: dict[int, int]  # how many different shingles the text has, of each group
    unknown: int  # and of no group
    whole: tuple[int, ...]  # and of each licence

    def groups(self, numbers: Iterable[int]) -> frozenset[int]:
        """Return the groups that any of these licences has."""
        nothing: frozenset[int] = frozenset()
        return nothing.union(*(self.table.licences[each].groups for each in numbers))

    def count(self, groups: Iterable[int]) -> int:
        """Return how many different shingles of these groups the text has."""
        return sum(map(self.here.__getitem__, groups))

    def holds(self, number: int) -> bool:
        """Return whether a licence stands here whole."""
        licence = self.table.licences[number]
        needed = EXACT if licence.is_exact else WHOLE
        return self.whole[number] >= needed * licence.size


def _counted(table: Table, groups: Iterable[int]) -> Counted:
    here = Counter(groups)
    unknown = here.pop(NO_GROUP, 0)
    return Counted(table, here, unknown, table.hits(here))


def _explaining(text: Counted) -> list[int]:
    """Return the licences that explain a text: of what is left, the best each time."""
    licences = text.table.licences
    new = {each: count for each, count in enumerate(text.whole) if count and text.holds(each)}
    rest, left = {*text.here}, text.unknown + sum(text.here.values())
    chosen: list[int] = []
    while len(chosen) <= MAX_LICENCES:
        # What has become too little stays so.
        new = {each: n for each, n in new.items() if n >= PRESENT * licences[each].size}
        if not new:
            break
        best = _best(text.table, new, left)
        chosen.append(best)
        gone = rest & licences[best].groups
        rest -= gone
        left -= new[best]
        if len(rest) < len(gone):
            new = {each: text.count(rest & licences[each].groups) for each in new}
        else:
            new = {each: n - text.count(gone & licences[each].groups) for each, n in new.items()}
    return chosen


def _best(table: Table, new: Mapping[int, int], left: int) -> int:
    """Return which of the licences that stand here whole explains the rest best.

    `new` are the shingles of the rest that each of them has, `left` is how many there are.
    """
    longest = max(new.values())
    # In a file of several, the one that explains most: shorter ones may be quoted by it.
    near = [number for number, count in new.items() if count >= WHOLE * longest]
    return max(near, key=lambda n: (2 * new[n] / (left + table.licences[n].size), -n))


def _beside(text: Counted, chosen: list[int]) -> str:
    """Add to `chosen` what stands beside one of it, or return why it could be another instead."""
    licences = text.table.licences
    rivals = [
        number
        for number, count in enumerate(text.whole)
        if count and count >= PRESENT * licences[number].size
    ]
    checked = 0
    while checked < len(chosen) <= MAX_LICENCES:
        best = chosen[checked]
        # The second of two is no doubt about the first, so what others explain does not count.
        rest = text.here.keys() - text.groups(each for each in chosen if each != best)
        rival, is_beside = _rival(text, rivals, rest, best)
        if rival is None:
            checked += 1
        elif is_beside:
            chosen.append(rival)
        else:
            return f"between {licences[best].id} and {licences[rival].id}"
    return ""


def _rival(text: Counted, rivals: list[int], rest: set[int], best: int) -> tuple[int | None, bool]:
    """Return a licence that could stand instead of the best, and whether both stand here whole.

    `rest` are the groups of shingles that no other licence explains.
    """
    own = text.table.licences[best]
    mine, others = rest & own.groups, rest - own.groups
    for number in rivals:
        other = text.table.licences[number]
        shared = text.table.shared(best, number)
        if other.id == own.id or shared == other.size or shared < PRESENT * own.size:
            continue  # a part of it, or so different that the two may stand one after the other
        present = text.count(others & other.groups) / (other.size - shared)
        if present < PRESENT:
            continue
        only = own.size - shared
        kept = text.count(mine - other.groups) / only if only else 1.0
        if present * 2 > kept:
            is_exact = own.is_exact or other.is_exact
            least = (EXACT, EXACT) if is_exact else (WHOLE, KEPT)
            return number, text.holds(number) and present >= least[0] and kept >= least[1]
    return None, False


def _unexplained(found: list[str], covered: bytes, licences: list[Licence]) -> str:
    """Return why words that no licence explains may be terms, or nothing.

    `covered` has a byte for each shingle, 1 if a licence explains it.
    """
    begins = int.from_bytes(covered, "little")
    explained = (begins | begins << 8 | begins << 16).to_bytes(len(found), "little")
    rest = [*compress(found, explained.translate(OTHERWISE))]
    inside = explained[explained.index(1) : explained.rindex(1)].count(0)
    # Words between many copies of one licence say whose they are; those inside one copy change it.
    is_one = len({each.id for each in licences}) == 1 and len(found) < COPIES * licences[0].size
    if is_one and len(found) >= LONG and inside > CHANGED * len(found):
        return f"{inside} words inside it that the licence has not"
    numbers = _versions(rest) if any(each.is_exact for each in licences) else []
    if numbers:  # of a version that is not in the table
        return f"a version or date that the nearest licence has not: {', '.join(numbers[:5])}"
    if max("".join(rest), default="") > LATIN:
        return "words in another script that no known licence explains"
    forbidding = sorted(FORBIDDING.intersection(rest))
    if forbidding:
        return f"words that no known licence explains: {', '.join(forbidding[:5])}"
    demanding = sum(word in DEMANDING for word in rest)
    if demanding > MAX_DEMANDING:
        return f"{demanding} words that demand something, and that no known licence explains"
    return ""


def _versions(rest: list[str]) -> list[str]:
    """Return words with a number in them, but no numbers that count clauses: 7, 8, 9."""
    numbers = [word for word in rest if not word.isalpha()]
    counted = {
        str(number)
        for number in range(1, MAX_CLAUSES)
        if {str(number), str(number + 1), str(number + 2)} <= {*numbers}
    }
    counted |= {str(int(each) + step) for each in counted for step in (1, 2)}
    return sorted({*numbers} - counted)


TEXTS = Table(TABLE.read_bytes())
