"""Rule: a file of two formats at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity
from . import polyglot_carries_code

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """Which of the two a program reads depends on the program, so a review of one says nothing.

    What to do: ask its author whether both are meant; unpack and ship them apart.
    """
    if conflict.kind == "polyglot" and not any(polyglot_carries_code.check(conflict)):
        yield conflict.detail


RULE = Rule(
    id="polyglot-file",
    title="The same bytes are two formats",
    severity=Severity.MEDIUM,
    on=Conflict,
    check=check,
    refs=("CWE-436",),
    flags=(
        Conflict(
            kind="polyglot",
            detail="the same bytes are GGUF and zip archive",
            formats=("gguf", "zip"),
        ),
    ),
    passes=(polyglot_carries_code.RULE.flags[0],),  # told by its own rule
)
