"""A pickle that unpicklers read differently."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """A scanner that reads it one way can miss what a loader that reads it another way runs.

    What to do: do not load it; no pickler writes such a file.
    """
    if conflict.kind == "reader":
        yield conflict.detail


RULE = Rule(
    id="pickle-confuses-readers",
    title="Unpicklers would not read the same program",
    severity=Severity.HIGH,
    on=Conflict,
    check=check,
    refs=("CWE-502",),
    flags=(Conflict(kind="reader", detail="a frame begins before another ended"),),
    passes=(Conflict(kind="name", detail="the name promises pickle, the content is zip"),),
)
