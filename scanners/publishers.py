"""Well-known publishers of models, and names that could be taken for theirs.

A name on the list is never an imitation. Another one is if it looks the same (letters of another
script, ``0`` for ``o``, ``1`` or ``i`` for ``l``, ``rn`` for ``m``), if only separators differ, or,
for longer names, if one slip of a finger leads from one to the other.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data" / "publishers.toml"
HUBS = re.compile(r"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co|github\.com)/", re.IGNORECASE)
NAME = re.compile(r"[^\s/\\:@]{1,96}/[^\s/\\:@]{1,96}(?:/.*|\.git)?")
LONG = 7  # letters: in shorter names, one slip leads to other honest names
ALIKE = str.maketrans("0135", "olse") | {ord("i"): "l", ord("|"): "l"}
TWINS = (("rn", "m"), ("vv", "w"))


def owner(reference: str) -> str:
    """Return who owns the repository that a model, dataset or address names; "" if nobody does."""
    name = HUBS.sub("", reference.strip(), count=1)
    if name[:1] in ".~/" or not NAME.fullmatch(name):
        return ""
    return name.partition("/")[0]


def imitated(name: str) -> str | None:
    """Return the well-known publisher that the owner `name` could be taken for, if it is another.

    Upper and lower case make no difference, as on the hubs themselves.
    """
    plain = name.strip().casefold()
    if not plain or plain in _known():
        return None
    alike = _by_look().get(look(plain))
    if alike is not None:
        return alike
    if len(plain) >= LONG:
        return next(
            (each for each in _known() if len(each) >= LONG and _is_slip(plain, each)), None
        )
    return None


def look(name: str) -> str:
    """Return what a name looks like: equal for names that a reader could take for each other."""
    latin = name.casefold().translate(_letters())
    decomposed = unicodedata.normalize("NFKD", latin).casefold()
    letters = "".join(each for each in decomposed if not unicodedata.combining(each))
    plain = re.sub(r"[-_.\s\u2010-\u2015]", "", letters.translate(ALIKE))
    for two, one in TWINS:
        plain = plain.replace(two, one)
    return plain


def _is_slip(name: str, known: str) -> bool:
    """Whether one letter was added, dropped, changed, or swapped with the next."""
    start = next(
        (at for at, (a, b) in enumerate(zip(name, known, strict=False)) if a != b),
        min(len(name), len(known)),
    )
    one, other = name[start:], known[start:]
    if len(one) == len(other):
        is_swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
        return one[1:] == other[1:] or is_swapped
    return one[1:] == other or one == other[1:]


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


@cache
def _known() -> dict[str, None]:
    """Return the names in their order; a dictionary, to find one fast."""
    names: list[str] = _table()["names"]
    return dict.fromkeys(names)


@cache
def _by_look() -> dict[str, str]:
    return {look(name): name for name in reversed(_known())}


@cache
def _letters() -> dict[int, str]:
    letters: dict[str, str] = _table()["letters"]
    return {ord(foreign): latin for latin, many in letters.items() for foreign in many}
