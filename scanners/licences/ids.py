"""What people write for a licence, as the licences that it can mean.

An id of the Hub, an SPDX id or expression, or a name of the table in ``data/licences/ids.toml``. A
family ("gpl") means several licences and stays several: which of them it is, nobody said.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from ..record import record
from .expression import NotAnExpression, parse

TABLE = Path(__file__).parents[1] / "data" / "licences" / "ids.toml"
LATER = re.compile(r"^((?:A|L)?GPL-[\d.]+|GFDL-[\d.]+)(?:-only|-or-later|\+)$")
MAX_NAME = 300  # characters; whatever is longer is a text


@record
class Meaning:
    """The licences that a name can mean."""

    ids: tuple[str, ...] = ()  # () if it means none that is known
    expression: str = ""  # as SPDX spells it, if it is one
    is_family: bool = False  # it means one of `ids`, and does not say which
    is_blank: bool = False  # "other" or "unknown": it says that it says nothing


@cache
def table() -> dict[str, Any]:
    """Return the table of ids."""
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))


def plain(licence: str) -> str:
    """Return an id without "-only", "-or-later" or "+", by which its text is not told apart."""
    found = LATER.match(licence)
    return found[1] if found else licence


def meaning(name: str) -> Meaning:
    """Return what a licence's id, expression or name means."""
    key = " ".join(name.split()).lower()
    if not key or len(key) > MAX_NAME:
        return Meaning()
    known = table()
    if key in known["none"]:
        return Meaning(is_blank=True)
    if key in known["several"]:
        return Meaning(tuple(known["several"][key]), is_family=key not in known["dated"]["names"])
    one = known["one"].get(key) or known["also"].get(key)
    if one is not None:
        return Meaning((plain(one),), one, is_family=is_ambiguous(one))
    try:
        found = parse(name)
    except NotAnExpression:
        return Meaning()
    ids = tuple(dict.fromkeys(plain(each) for each in found.ids))
    return Meaning(ids, found.text, is_family=found.is_one and is_ambiguous(found.text))


def is_ambiguous(licence: str) -> bool:
    """Whether an SPDX id is deprecated since it does not say if later versions count."""
    return LATER.match(f"{licence}-only") is not None
