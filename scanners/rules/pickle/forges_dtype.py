"""A pickle with a data type of numpy that says wrong things of its values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """What a file says of a data type is believed: numbers become objects at chosen addresses.

    From there on memory can be read, or code run, that no name in the file leads to.

    What to do: do not load it; numpy writes no such file.
    """
    if conflict.kind == "dtype":
        yield conflict.detail


RULE = Rule(
    id="pickle-forges-dtype",
    title="A data type of numpy is forged",
    severity=Severity.HIGH,
    on=Conflict,
    check=check,
    refs=("CWE-502", "CWE-843"),
    flags=(
        Conflict(kind="dtype", detail="a dtype that numpy never writes: its state is set twice"),
    ),
    passes=(Conflict(kind="reader", detail="a frame begins before another ended"),),
)
