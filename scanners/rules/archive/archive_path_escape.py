"""Rule: a member that unpacking would write outside of the chosen folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...archives.names import escapes
from ...facts import Kind, Member
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(member: Member) -> Iterator[str]:
    """Who unpacks the archive gets a file where its author chose, such as a start script.

    A name that begins at the root or climbs with `..` leaves the folder; backslashes and drive
    letters do so on Windows. Many loaders unpack an archive before they read the model.

    What to do: do not unpack it; ask its author for an archive without such names.
    """
    if escapes(member.name):
        yield f"member {member.name!r} would be written outside of the folder"


RULE = Rule(
    id="archive-path-escape",
    title="A member would be unpacked outside of its folder",
    severity=Severity.HIGH,
    on=Member,
    check=check,
    refs=("CWE-22",),
    flags=(
        Member(name="../../.bashrc", kind=Kind.FILE),
        Member(name="/etc/cron.d/job", kind=Kind.FILE),
        Member(name="models\\..\\..\\run.bat", kind=Kind.FILE),
        Member(name="C:\\Windows\\run.bat", kind=Kind.FILE),
    ),
    passes=(
        Member(name="models/../weights.bin", kind=Kind.FILE),
        Member(name="w:0.npy", kind=Kind.FILE),
        Member(name="models\\weights.bin", kind=Kind.FILE),
    ),
)
