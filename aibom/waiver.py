"""A waiver: somebody answers for a finding, for a reason and until a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .scanners.record import record

if TYPE_CHECKING:
    from datetime import date

    from .scanners.rule import Finding


@record
class Waiver:
    """What is waived, why, by whom and until when."""

    rule: str  # the id of a rule
    reason: str
    owner: str
    expires: date  # the last day on which it holds
    paths: tuple[str, ...] = ()  # patterns of outer paths, "/" between folders; (): every path
    fingerprint: str = ""  # of one finding; "": of every one
    digest: str = ""  # SHA-256 of the outer file, hexadecimal; "": whatever it holds


@record
class Waived:
    """A finding that does not count, and what it is waived by."""

    finding: Finding
    waiver: Waiver
