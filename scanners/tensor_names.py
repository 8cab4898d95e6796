"""A short form of the names of many tensors, for comparing an index with what its files hold."""

from __future__ import annotations

from _blake2 import blake2b  # hashlib brings OpenSSL into the process, 3 ms of its start
from typing import TYPE_CHECKING

from .facts import shorten

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 1024  # characters of a name that count: the facts of no format keep fewer
SIZE = 16  # bytes; whoever writes the index could as well leave a name out


def summary(names: Iterable[str]) -> str:
    """Return how many names there are, and a digest over them in their order."""
    ordered = sorted(shorten(name[:LONGEST]) for name in names)
    digest = blake2b(digest_size=SIZE)
    for name in ordered:
        raw = name.encode()
        digest.update(len(raw).to_bytes(4, "big") + raw)
    return f"{len(ordered)} tensors, {digest.hexdigest()}"


def count(summed: str) -> str:
    """Return how many names a summary is of, for people: "291 tensors"."""
    number = summed.partition(" ")[0]
    return f"{number} tensor{'' if number == '1' else 's'}"
