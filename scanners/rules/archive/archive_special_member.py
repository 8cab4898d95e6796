"""Rule: a member that is neither file nor folder nor link."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...facts import Kind, Member
from ...rule import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator


def check(member: Member) -> Iterator[str]:
    """Unpacked by an administrator it becomes a device or a pipe, which no model needs.

    What to do: ask its author for an archive of files alone.
    """
    if member.kind is Kind.OTHER:
        yield f"member {member.name!r} is a device, a pipe or a socket"


RULE = Rule(
    id="archive-special-member",
    title="The archive holds a device, a pipe or a socket",
    severity=Severity.MEDIUM,
    on=Member,
    check=check,
    refs=("CWE-434",),
    flags=(Member(name="null", kind=Kind.OTHER),),
    passes=(
        Member(name="../x", kind=Kind.FILE),
        Member(name="x", kind=Kind.SYMLINK, target="y"),
    ),
)
