"""What `aibom explain` says of words of results: gaps, changes, grades, formats, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..scanners.facts import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

GRADES = {
    "release-blocking": "a change that `aibom diff` fails on by default.",
    "review-required": "a change for a person to look at; `--fail-on review-required` fails on it.",
    "expected": "a change that is told and that no `--fail-on` fails on.",
}
GAPS = {  # reason -> what it means, and what to do
    Reason.MALFORMED: (
        "it breaks the rules of its format, or ends early.",
        "get the whole file, as its author wrote it.",
    ),
    Reason.ENCRYPTED: (
        "it can only be read with a password.",
        "get it unencrypted; aibom takes no passwords.",
    ),
    Reason.LIMIT: (
        "it is too big, too deep, or has too many parts to be read within bounds.",
        "the message says which bound; scan its parts by themselves, if they can be taken apart.",
    ),
    Reason.UNSUPPORTED: (
        "its format or compression is known, and aibom has no reader for it.",
        "get it in a format that is read: `aibom formats` lists them.",
    ),
    Reason.ABSENT: (
        "a pointer stands where the bytes should be, such as that of Git LFS.",
        "download what it points to (`git lfs pull`), and scan again.",
    ),
    Reason.LINK: (
        "it is a symbolic link; none is followed, since it can lead out of the folder.",
        "put the file in the place of the link, or scan where it leads.",
    ),
    Reason.NOT_A_FILE: (
        "it is a device, a pipe or a socket.",
        "remove it: no model needs one.",
    ),
    Reason.DENIED: (
        "the system did not let it be read: no permission, or an input or output error.",
        "give yourself permission to read it, or look after the disk.",
    ),
    Reason.CHANGED: (
        "it changed or vanished while it was read.",
        "scan again when nobody writes there.",
    ),
    Reason.TIMEOUT: (
        "reading it took longer than it may.",
        "scan the file by itself, on a machine with less to do.",
    ),
    Reason.MEMORY: (
        "reading it took more memory than it may.",
        "get a smaller file. What needs that much to be read may be made to.",
    ),
    Reason.CRASHED: (
        "the process that read it died.",
        "do not load it; report the crash with the file, if you may give it away.",
    ),
    Reason.VIOLATION: (
        "the process that read it tried what it must never do.",
        "do not load it, and report it: the file may attack its readers.",
    ),
    Reason.PROTOCOL: (
        "the process that read it gave an answer that makes no sense.",
        "do not load it, and report it: the file may attack its readers.",
    ),
    Reason.UNAVAILABLE: (
        "no locked process to read it in could be started.",
        "`aibom doctor` says what this machine lacks.",
    ),
}


def gap(name: str) -> str:
    """Return what a reason for which something was not read means."""
    found = GAPS.get(Reason(name)) if name in set(Reason) else None
    return (
        f"not read: {found[0]}\n\nIt is never called clean.\nWhat to do: {found[1]}"
        if found
        else ""
    )


def change(name: str) -> str:
    """Return what a kind of change between two BOMs means."""
    from ..bom.diff_kinds import KINDS

    kind = KINDS.get(name)
    return f"diff, {kind.grade.word}: {kind.title}: {kind.why}" if kind else ""


def grade(name: str) -> str:
    """Return what a grade of a change means."""
    return f"diff: {GRADES[name]}" if name in GRADES else ""


def file_format(name: str) -> str:
    """Return what a format is, and whether it is read."""
    from ..scanners.formats import FORMATS
    from ..scanners.formats.opaque import UNREAD

    found = next((each for each in FORMATS if each.id == name), None)
    if found is None:
        return ""
    suffixes = f"\nNames end with {', '.join(found.suffixes)}." if found.suffixes else ""
    state = (
        "It is known, and not read: a scan that meets it is incomplete (exit 3)."
        if name in UNREAD
        else "It is read."
    )
    return f"format: {found.title}\n\n{state}{suffixes}\nSpecification: {found.spec}"


def policy(name: str) -> str:
    """Return what a bundled policy demands."""
    from ..policy_file import BUNDLED, policy_named
    from ..policy_text import demands

    return f"policy, bundled:\n\n{demands(policy_named(name)).rstrip()}" if name in BUNDLED else ""


def names() -> set[str]:
    """Return every word that is explained here."""
    from ..bom.diff_kinds import KINDS
    from ..policy_file import BUNDLED
    from ..scanners.formats import FORMATS

    return {*Reason, *KINDS, *GRADES, *(each.id for each in FORMATS), *BUNDLED}


KINDS_OF_WORDS: tuple[Callable[[str], str], ...] = (gap, change, grade, file_format, policy)
