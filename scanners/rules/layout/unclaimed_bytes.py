"""Rule: bytes that belong to nothing in the format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Unclaimed
from ...rule import Rule, Severity
from ...source import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

PADDING = 64  # bytes; the widest alignment in common use, and too little for a payload


def check(gap: Unclaimed) -> Iterator[str]:
    """A loader skips these bytes, so they can carry a payload past anyone who reads the header.

    Another program may well read them: a file can be an honest model to one and a script, archive
    or program to another.

    What to do: look at the bytes; load the model with its own library and save it again to drop
    them.
    """
    if gap.at.length > PADDING:
        yield f"{gap.at.length} bytes belong to nothing that the format describes"


RULE = Rule(
    id="unclaimed-bytes",
    title="Bytes that nothing in the file claims",
    severity=Severity.MEDIUM,
    on=Unclaimed,
    check=check,
    refs=("CWE-506",),
    flags=(Unclaimed(at=Span(4096, PADDING + 1)),),
    passes=(Unclaimed(at=Span(4096, PADDING)),),
)
