"""Rule: numbers that are there to overflow a reader's arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Impossible
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(claim: Impossible) -> Iterator[str]:
    """No writer makes this number, and no file gets it by being cut short: someone put it there.

    A reader in C or C++ that multiplies or allocates before it checks overflows its integers and
    writes outside its memory, which is how model files have run code in native runtimes, or takes
    all memory of the machine.

    What to do: do not load the file, least of all with an older runtime; get the model from its
    publisher again, and tell whoever passed this copy on.
    """
    yield claim.detail


RULE = Rule(
    id="impossible-size",
    title="A header asks for more than any file can hold",
    severity=Severity.HIGH,
    on=Impossible,
    check=check,
    refs=("CWE-190", "CWE-789"),
    flags=(Impossible(detail="number of keys at byte 16: 18446744073709551600 keys"),),
    passes=(),
)
