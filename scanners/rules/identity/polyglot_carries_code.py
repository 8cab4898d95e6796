"""Rule: a file of two formats, one of which runs code when it is loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity
from .code_formats import CARRY_CODE

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """A scanner that stops at the first format never sees the code that a loader runs.

    No program writes such a file by itself.

    What to do: do not load it; ask its author for a file that is one thing.
    """
    if conflict.kind == "polyglot" and CARRY_CODE & set(conflict.formats):
        yield conflict.detail


RULE = Rule(
    id="polyglot-carries-code",
    title="The same bytes are two formats, and one of them runs code",
    severity=Severity.HIGH,
    on=Conflict,
    check=check,
    refs=("CWE-434", "CWE-436"),
    flags=(
        Conflict(
            kind="polyglot",
            detail="the same bytes are zip archive and pickle",
            formats=("zip", "pickle"),
        ),
    ),
    passes=(
        Conflict(
            kind="polyglot",
            detail="the same bytes are GGUF and zip archive",
            formats=("gguf", "zip"),
        ),
    ),
)
