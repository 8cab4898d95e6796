"""Rule: a key or tensor that a file describes twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """Some readers take the first of two equal keys and some the last, so they see two models.

    What was reviewed need not be what is loaded, and strict readers refuse the file.

    What to do: compare both values; have the file written again by the library of its format.
    """
    if conflict.kind == "duplicate":
        yield conflict.detail


RULE = Rule(
    id="duplicate-keys",
    title="A key stands twice, and readers differ in which one they take",
    severity=Severity.MEDIUM,
    on=Conflict,
    check=check,
    refs=("CWE-436",),
    flags=(Conflict(kind="duplicate", detail="the header holds the key 'weight' twice"),),
    passes=(Conflict(kind="polyglot", detail="the same bytes are GGUF and ZIP archive"),),
)
