"""What a licence asks, in a word for each of six questions; and what a base model's licence is.

A table for people who must decide what to read first. It is no legal advice, and a licence that is
not in it has no terms here rather than guessed ones.
"""

from __future__ import annotations

import tomllib
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from ..record import record
from .ids import Meaning, meaning, plain

DATA = Path(__file__).parents[1] / "data" / "licences"


@record
class Terms:
    """The attributes of a licence; the words are explained in ``terms.toml``."""

    family: str
    commercial: str  # "yes", "no", "limited"
    change: str  # "yes", "no"
    share: str  # "yes", "no"
    notice: str  # "yes", "no"
    same: str  # "no", "file", "work", "network", "terms"
    use: str  # "free", "restricted"
    clause: str = ""  # that goes along with what is made from it
    limit: str = ""  # up to where commerce is free, if it is "limited"
    name: str = ""  # what is asked of names and shown words, beyond keeping notices
    begins: str = ""  # of the name of a model that is made from it, in lower case
    shown: tuple[str, ...] = ()  # wordings of which one is shown with such a model, in lower case

    @property
    def goes_along(self) -> bool:
        """Whether what is made from the model is under these very terms."""
        return self.same not in {"no", "file"}

    @property
    def binds(self) -> bool:
        """Whether something of it holds for whatever is made from the model."""
        return self.goes_along or self.commercial == "no" or self.change == "no"


@cache
def _terms() -> dict[str, Terms]:
    return {
        licence: _asked(group) for group in _read("terms.toml")["group"] for licence in group["ids"]
    }


def _asked(group: dict[str, Any]) -> Terms:
    asked: dict[str, Any] = {**group, "shown": tuple(group.get("shown", ()))}
    del asked["ids"]
    return Terms(**asked)


@cache
def _bases() -> tuple[tuple[str, str], ...]:
    bases: list[dict[str, Any]] = _read("bases.toml")["base"]
    return tuple((name, base["licence"]) for base in bases for name in base["names"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


def terms(licence: str) -> Terms | None:
    """Return what a licence, by its SPDX id, asks; None if it is not in the table."""
    return _terms().get(plain(licence))


@cache
def attributes() -> dict[str, tuple[str, ...]]:
    """Return the words that stand in each column of the table, in alphabetical order."""
    columns = ("family", "commercial", "change", "share", "notice", "same", "use")
    known = {*_terms().values()}
    return {each: tuple(sorted({getattr(said, each) for said in known})) for each in columns}


def of_base(name: str) -> tuple[str, Meaning] | None:
    """Return the licence of a base model by its name on the Hub, as written there and as meant."""
    lower = name.strip().lower().removeprefix("https://huggingface.co/")
    for pattern, licence in _bases():
        if fnmatchcase(lower, pattern):
            return licence, meaning(licence)
    return None
