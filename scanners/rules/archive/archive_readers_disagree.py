"""Rule: an archive that two readers take for two different ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Conflict
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(conflict: Conflict) -> Iterator[str]:
    """What a scanner or a reviewer sees in it need not be what a loader gets.

    The headers of a member, or the archive's directories, contradict one another. Programs that
    write archives do not do this; attacks that hide a member do.

    What to do: do not load it; have the archive written again from its files.
    """
    if conflict.kind == "archive":
        yield conflict.detail


RULE = Rule(
    id="archive-readers-disagree",
    title="Readers of the archive would not see the same members",
    severity=Severity.HIGH,
    on=Conflict,
    check=check,
    refs=("CWE-436",),
    flags=(
        Conflict(kind="archive", detail="'a/data.pkl': its local header calls it 'a/x'"),
        Conflict(kind="archive", detail="duplicate member 'a/data.pkl'"),
    ),
    passes=(Conflict(kind="duplicate", detail="the header holds the key 'weight' twice"),),
)
