"""Rule: a member that expands beyond all measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Expansion
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(expansion: Expansion) -> Iterator[str]:
    """Unpacking or loading it can fill the memory or the disk of whoever does.

    Weights hardly compress; only long runs of equal bytes give such ratios.

    What to do: do not unpack it without a limit on size; ask its author what it holds.
    """
    ratio = expansion.produced // max(1, expansion.compressed)
    yield (
        f"{expansion.name!r}: {expansion.compressed} bytes expand to {expansion.produced} or more, "
        f"{ratio} times as many"
    )


RULE = Rule(
    id="archive-bomb",
    title="A member expands to hundreds of times its length",
    severity=Severity.HIGH,
    on=Expansion,
    check=check,
    refs=("CWE-409",),
    flags=(Expansion(name="weights.bin", compressed=58_331, produced=60_000_000),),
    passes=(),  # the fact stands only where the limits are passed
)
