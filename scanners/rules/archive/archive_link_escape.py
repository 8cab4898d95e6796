"""Rule: a link in an archive that leads outside of the folder it is unpacked to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...archives.names import link_escapes
from ...facts import Kind, Member
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(member: Member) -> Iterator[str]:
    """A later member, or a program that follows the link, reads or writes where it leads.

    What to do: do not unpack it; ask its author for an archive that holds files in place of links.
    """
    if member.kind not in {Kind.SYMLINK, Kind.HARDLINK}:
        return
    if link_escapes(member.name, member.target, from_root=member.kind is Kind.HARDLINK):
        yield f"{member.kind} {member.name!r} leads to {member.target!r}"


RULE = Rule(
    id="archive-link-escape",
    title="A link leads outside of the archive's folder",
    severity=Severity.HIGH,
    on=Member,
    check=check,
    refs=("CWE-59",),
    flags=(
        Member(name="models/data", kind=Kind.SYMLINK, target="../../etc"),
        Member(name="data", kind=Kind.SYMLINK, target="/etc/passwd"),
        Member(name="data/x", kind=Kind.HARDLINK, target="../x"),
    ),
    passes=(
        Member(name="lib/libx.so", kind=Kind.SYMLINK, target="../lib/libx.so.1"),
        Member(name="data/x", kind=Kind.HARDLINK, target="data/y"),
    ),
)
