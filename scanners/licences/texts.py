"""Which licence a text is, or that it cannot be told.

A kit (see `kits`): it reads a table of shingles (see `shingles`) when it is imported. The table
holds no text, only which three words in a row stand in which licences (`tools/licences.py` makes
it from collected texts; sources stand in ``data/licences/texts.toml``).

A text is told when whole licences explain it: first the one that explains most, then one that
explains most of the rest, and so on. What nothing explains must be short of words that forbid or
demand; else someone may have added terms, and there is no answer. Nor is there one between two
licences when the words that tell them apart are neither clearly here nor clearly missing.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from ..record import record
from .shingles import shingles, words
from .table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

TABLE = Path(__file__).parents[1] / "data" / "licences" / "texts.bin"

MAX_TEXT = 256 << 10  # bytes; the longest licence of the table has 42 000
MAX_LICENCES = 4  # more in one file are a collection, and which covers what is not for a table

WHOLE = 0.9  # of a licence's shingles must stand in the text: copies lose headings and addresses
EXACT = 0.985  # for licences that come in versions 0.97 alike
LONG = 800  # words: of so many, a text that was not changed ...
CHANGED = 0.015  # ... has at most this part of other words between its first and its last
PRESENT = 0.5  # of the shingles that only the rival has: so many, and it may be the rival

# Among words that no licence explains. Names, addresses and "licensed under" have none of them.
FORBIDDING = frozenset(
    {
        *("commercial", "commercially", "noncommercial", "nonprofit", "profit", "academic"),
        *("evil", "fee", "fees", "forbidden", "military", "nuclear", "royalty", "royalties"),
        *("prohibit", "prohibited", "prohibits", "sell", "sold", "sale", "purchase", "payment"),
        *("restricted", "restriction", "restrictions", "additional", "addition", "warrant"),
        *("liable", "liability", "evaluation", "research"),
        *("confidential", "consent", "commons", "exception", "exceptions", "permission"),
        *("acknowledgement", "acknowledgment", "advertising", "harm", "human", "patent", "patents"),
        *("endorse", "trademark", "trademarks", "comply", "responsible"),
    }
)
DEMANDING = frozenset(
    {"shall", "must", "may", "not", "only", "cannot", "unless", "except", "require", "required"}
)
MAX_DEMANDING = 2  # "except where noted otherwise" is no term


@record
class Found:
    """What a text is."""

    ids: tuple[str, ...] = ()  # the licences that explain it, the longest first; () if not told
    why: str = ""  # why not


def told(text: str, table: Table) -> Found:
    """Return which licences a text is made of, in bounded time for a text within `MAX_TEXT`."""
    found = words(text)
    row = shingles(found)
    here = set(row)
    whole = table.hits(here)
    rest = here
    ids: list[str] = []
    dated = False
    while True:
        best = _best(table, whole, rest)
        if best is None:
            break
        doubt = _rival(table, whole, here, best)
        if doubt:
            return Found(why=doubt)
        ids.append(table.licences[best].id)
        dated = dated or table.licences[best].is_exact
        if len(ids) > MAX_LICENCES:
            return Found(why="a collection of licences")
        rest = rest - table.licences[best].own
    covered = {place for place, shingle in enumerate(row) if shingle not in rest}
    why = (
        _unexplained(found, covered, dated=dated, is_one=len(ids) == 1)
        if ids
        else "like no licence of the table"
    )
    return Found(why=why) if why else Found(tuple(dict.fromkeys(ids)))


def _best(table: Table, whole: Mapping[int, int], rest: set[int]) -> int | None:
    """Return the licence that stands here whole and explains the rest best, by its number."""
    new = table.hits(rest)
    fit = [number for number, count in new.items() if _is_whole(table, number, whole, count)]
    if not fit:
        return None
    longest = max(new[number] for number in fit)
    # In a file of several, the one that explains most: shorter ones may be quoted by it.
    near = [number for number in fit if new[number] >= WHOLE * longest]
    return max(near, key=lambda n: (2 * new[n] / (len(rest) + table.licences[n].size), -n))


def _is_whole(table: Table, number: int, whole: Mapping[int, int], new: int) -> bool:
    licence = table.licences[number]
    needed = EXACT if licence.is_exact else WHOLE
    return whole[number] >= needed * licence.size and new >= PRESENT * licence.size


def _rival(table: Table, whole: Mapping[int, int], here: set[int], best: int) -> str:
    """Return why the text could as well be another licence than the best, or nothing."""
    own = table.licences[best]
    for number, count in whole.items():
        other = table.licences[number]
        if other.id == own.id or count < PRESENT * other.size:
            continue
        theirs, mine = table.apart(number, best), table.apart(best, number)
        shared = own.size - len(mine)
        if not theirs or shared < PRESENT * own.size:
            continue  # a part of it, or so different that the two may stand one after the other
        present = len(here & theirs) / len(theirs)
        kept = len(here & mine) / len(mine) if mine else 1.0
        if present >= PRESENT and present * 2 > kept:
            return f"between {own.id} and {other.id}"
    return ""


def _unexplained(found: list[str], covered: set[int], *, dated: bool, is_one: bool) -> str:
    """Return why words that no licence explains may be terms, or nothing."""
    explained = {place + step for place in covered for step in range(3)}
    rest = Counter(word for place, word in enumerate(found) if place not in explained)
    inside = sum(place not in explained for place in range(min(explained), max(explained)))
    if is_one and len(found) >= LONG and inside > CHANGED * len(found):
        return f"{inside} words inside it that the licence has not"
    numbers = sorted(word for word in rest if not word.isalpha())
    if dated and numbers:  # of a version that is not in the table
        return f"a version or date that the nearest licence has not: {', '.join(numbers[:5])}"
    forbidding = sorted(FORBIDDING & rest.keys())
    if forbidding:
        return f"words that no known licence explains: {', '.join(forbidding[:5])}"
    demanding = sum(rest[word] for word in DEMANDING)
    if demanding > MAX_DEMANDING:
        return f"{demanding} words that demand something, and that no known licence explains"
    return ""


TEXTS = Table(TABLE.read_bytes())
